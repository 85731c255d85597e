/* SPDX-License-Identifier: MIT */
/* Switching the machine off, by the means the loader found. */
#include "x86/poweroff.h"

#include "core/port/port.h"
#include "x86/insn.h"
#include "x86/section.h"
#include "x86/serial.h"

/* ACPI specification, "PM1 Control Registers" */
#define SLP_TYP_SHIFT 10
#define SLP_EN        0x2000

static struct handoff_acpi_poweroff acpi __ro_after_launch;
static struct config_poweroff ports[CONFIG_POWEROFF_MAX] __ro_after_launch;
static u32 port_count __ro_after_launch;

void poweroff_init(const struct handoff *handoff)
{
	const struct config *config = &handoff->config;

	HV_ASSERT(config->poweroff_count <= CONFIG_POWEROFF_MAX);
	acpi = handoff->acpi_poweroff;
	port_count = config->poweroff_count;
	for (u32 i = 0; i < port_count; i++) {
		ports[i] = config->poweroff[i];
	}
}

static void sleep_s5(u16 port, u8 slp_typ)
{
	if (port != 0) {
		insn_outw(port, (u16)((slp_typ & 7) << SLP_TYP_SHIFT | SLP_EN));
	}
}

void poweroff_halt(void)
{
	for (;;) {
		insn_cli();
		insn_hlt();
	}
}

void poweroff_now(void)
{
	insn_cli();
	serial_finish();
	sleep_s5(acpi.pm1a_port, acpi.slp_typ_a);
	sleep_s5(acpi.pm1b_port, acpi.slp_typ_b);
	for (u32 i = 0; i < port_count; i++) {
		const struct config_poweroff *p = &ports[i];

		if (p->value < 0x100) {
			insn_outb(p->port, (u8)p->value);
		} else {
			insn_outw(p->port, p->value);
		}
	}
	poweroff_halt();
}
