/* SPDX-License-Identifier: MIT */
/*
 * Reads the CMOS clock outside of its updates: MC146818A, "Update Cycle". What
 * the registers mean is decided in core/emulate/cmos.c.
 */
#include "x86/clock.h"

#include "core/console/log.h"
#include "core/emulate/cmos.h"
#include "core/state/machine.h"
#include "x86/insn.h"

#define PORT_INDEX 0x70
#define PORT_DATA  0x71

/* An update takes 2 ms, a read about a microsecond */
#define PATIENCE 20000u
#define TRIES    8u

static u8 read_register(u8 index)
{
	insn_outb(PORT_INDEX, index);
	return insn_inb(PORT_DATA);
}

static bool wait_for_update(void)
{
	for (u32 i = 0; i < PATIENCE; i++) {
		if ((read_register(CMOS_A) & CMOS_A_UIP) == 0) {
			return true;
		}
		insn_pause();
	}
	return false;
}

static void read_all(u8 registers[CMOS_REGISTERS])
{
	for (u8 i = 0; i < CMOS_REGISTERS; i++) {
		registers[i] = cmos_is_date(i) ? read_register(i) : 0;
	}
}

static bool is_same(const u8 *a, const u8 *b)
{
	for (u32 i = 0; i < CMOS_REGISTERS; i++) {
		if (a[i] != b[i]) {
			return false;
		}
	}
	return true;
}

/* Two readings that agree, outside of an update. */
static bool read_date(u8 registers[CMOS_REGISTERS])
{
	u8 again[CMOS_REGISTERS];

	for (u32 i = 0; i < TRIES; i++) {
		if (!wait_for_update()) {
			return false;
		}
		read_all(registers);
		read_all(again);
		if (is_same(registers, again)) {
			return true;
		}
	}
	return false;
}

void clock_init(void)
{
	u8 registers[CMOS_REGISTERS];
	struct cmos_clock *clock = &machine.clock;

	clock->valid =
		read_date(registers) && cmos_decode(registers, &clock->seconds);
	clock->tsc = insn_rdtsc();
	if (!clock->valid) {
		log_line("boot", "no CMOS clock: guests see 2000-01-01");
	}
}
