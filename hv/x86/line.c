/* SPDX-License-Identifier: MIT */
/*
 * Programs the UARTs and their entries of the I/O APIC as io_apic.c decides.
 * All other entries stay as the firmware left them: the local APICs' TPR blocks
 * them (lapic_enable()). No guest has the page in its EPT.
 */
#include "x86/line.h"

#include "common/platform/io_apic.h"
#include "core/console/log.h"
#include "core/emulate/console_input.h"
#include "core/state/machine.h"
#include "x86/paging.h"
#include "x86/serial.h"

static const char *const names[HANDOFF_LINES] = {
	[PORT_UART_COM1] = "com1",
	[PORT_UART_COM2] = "com2",
};

static volatile u32 *reg(u8 *io_apic, u32 offset)
{
	return (volatile u32 *)(void *)(io_apic + offset);
}

static u32 get(u8 *io_apic, u32 at)
{
	*reg(io_apic, IO_APIC_SELECT) = at;
	return *reg(io_apic, IO_APIC_WINDOW);
}

static void set(u8 *io_apic, u32 at, u32 value)
{
	*reg(io_apic, IO_APIC_SELECT) = at;
	*reg(io_apic, IO_APIC_WINDOW) = value;
}

/* NULL, or why the bytes of the port have to be polled for. */
static const char *connect(enum port_uart port, const struct handoff_line *line)
{
	struct io_apic_entry entry;
	const char *reason;
	u8 *io_apic = NULL;
	u32 version = 0;

	if (line->io_apic != HANDOFF_LINE_NONE) {
		io_apic = paging_map_device((hpa_t){line->io_apic});
		version = get(io_apic, IO_APIC_VERSION);
	}
	reason = io_apic_plan_nmi(line, version, machine.cpus[0]->apic_id,
				  &entry);
	if (reason != NULL) {
		return reason;
	}
	if (!serial_has_fifo(port)) {
		return "no-fifo";
	}
	/* whom before when: the entry may be unmasked by its low word */
	set(io_apic, entry.at + 1, entry.high);
	set(io_apic, entry.at, entry.low);
	serial_interrupt(port);
	return NULL;
}

static void init(enum port_uart port, const struct handoff_line *known)
{
	struct handoff_line line = io_apic_line(known, port);
	const char *reason = connect(port, &line);

	if (reason != NULL) {
		log_line("boot", "input %s=polled reason=%s", names[port],
			 reason);
		return;
	}
	machine.line_quiet = console_input_quiet();
	log_line("boot", "input %s=nmi io_apic=0x%x pin=%u", names[port],
		 line.io_apic, line.pin);
}

void line_init(const struct handoff *handoff)
{
	for (u32 i = 0; i < HANDOFF_LINES; i++) {
		if (console_input_reads((enum port_uart)i)) {
			init((enum port_uart)i, &handoff->line[i]);
		}
	}
}
