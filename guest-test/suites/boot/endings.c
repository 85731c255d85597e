/* SPDX-License-Identifier: MIT */
/*
 * The ways in which a kernel turns itself off, restarts, or stops for good.
 * Each ends the partition, so the runner judges; a check that returns is not
 * ok. at=… chooses what is written, or from where.
 */
#include "experiment/halting.h"
#include "harness/suite.h"
#include "harness/tap.h"
#include "kernel/apic.h"
#include "kernel/cmdline.h"
#include "kernel/cpu.h"
#include "kernel/mem.h"
#include "kernel/relax.h"
#include "kernel/serial.h"
#include "kernel/smp.h"
#include "kernel/trap.h"
#include "kernel/watchdog.h"

#define SLEEP_CONTROL 0x600
#define SLEEP_STATUS  0x601
#define SLEEP_ENABLE  BIT(5)
#define SLEEP_TYPE(n) ((u8)((n) << 2))
#define TYPE_OF_S5    5

#define RESET_CONTROL  0xcf9
#define KEYBOARD       0x64
#define KEYBOARD_TEST  0xaa
#define KEYBOARD_RESET 0xfe

#define RESET_VECTOR 0xffff0

/* VP 0's NMIs in the ring of end_halted_nmi() */
#define ROUNDS 2000

static void expect(const char *what)
{
	serial_puts("# expecting stop ");
	serial_puts(what);
	serial_put('\n');
}

static void still_here(void)
{
	tap_true("still here", false);
}

/* All sleep types but that of S5 do nothing. */
static void end_sleep(const void *arg)
{
	(void)arg;
	for (u8 type = 0; type < 8; type++) {
		cpu_out8(SLEEP_CONTROL, SLEEP_TYPE(type));
		if (type != TYPE_OF_S5) {
			cpu_out8(SLEEP_CONTROL,
				 SLEEP_TYPE(type) | (u8)SLEEP_ENABLE);
		}
	}
	cpu_out8(SLEEP_STATUS, 0xff);
	expect("sleep");
	cpu_out8(SLEEP_CONTROL, SLEEP_TYPE(TYPE_OF_S5) | (u8)SLEEP_ENABLE);
	still_here();
}

/* at=: the value; at=0x24: 2, then 4 */
static void end_reset(const void *arg)
{
	u64 at = cmdline_get()->at;

	(void)arg;
	cpu_out8(RESET_CONTROL, 0);
	cpu_out8(RESET_CONTROL, 2);
	expect("reset");
	cpu_out8(RESET_CONTROL, at == 0x24 ? 4 : (u8)at);
	still_here();
}

static void end_keyboard(const void *arg)
{
	(void)arg;
	tap_equal("no controller", cpu_in8(KEYBOARD), 0xff);
	cpu_out8(KEYBOARD, KEYBOARD_TEST);
	expect("reset");
	cpu_out8(KEYBOARD, KEYBOARD_RESET);
	still_here();
}

/* JMP F000:FFF0 in 16-bit code */
static const u8 jump[] = {0xea, 0xf0, 0xff, 0x00, 0xf0};

/* The last VP jumps there in real mode; with one VP, or at=1, VP 0 in 64-bit */
static void end_vector(const void *arg)
{
	(void)arg;
	expect("reset");
	if (smp_count() == 1 || cmdline_get()->at == 1) {
		__asm__ volatile("jmp *%0" : : "r"((u64)RESET_VECTOR));
	}
	memcpy((void *)(u64)REAL_PAGE, jump, sizeof(jump));
	smp_send_init(smp_count() - 1);
	smp_send_sipi_page(smp_count() - 1, REAL_PAGE);
	for (;;) {
		relax();
	}
}

/* The last of several VPs waits for SIPI, the others halt one after another. */
static void end_halted(const void *arg)
{
	u32 last = smp_count() - 1;

	(void)arg;
	watchdog_stop();
	if (last >= 1) {
		smp_send_init(last);
	}
	for (u32 n = 1; n < last; n++) {
		smp_run(n, halting_for_good, NULL);
	}
	expect("halted");
	halting_for_good(NULL);
}

static volatile u32 rounds;

/*
 * The NMI is sent by a VP that halts right after that: when it does, either the
 * next one is awake or the NMI is on its way.
 */
static void pass_on(struct trap_frame *frame)
{
	u32 self = vp_self()->id;

	(void)frame;
	if (self == 0) {
		rounds++;
		if (rounds == ROUNDS) {
			serial_puts("# rounds done\n");
			return;
		}
	}
	apic_send((self + 1) % smp_count(), APIC_ICR_ASSERT | APIC_ICR_NMI);
}

/* An NMI goes round among VPs that all sleep but for its handler. */
static void end_halted_nmi(const void *arg)
{
	(void)arg;
	watchdog_stop();
	trap_set_handler(TRAP_NMI, pass_on);
	for (u32 n = 1; n < smp_count(); n++) {
		smp_run(n, halting_for_good, NULL);
	}
	expect("halted");
	apic_send(1, APIC_ICR_ASSERT | APIC_ICR_NMI);
	halting_for_good(NULL);
}

/* clang-format off */
static const struct check sleep_checks[] = {
	{"sleep", "ACPI: Sleep Control Register", end_sleep, NULL, 1, 0},
};
static const struct check reset_checks[] = {
	{"reset", "ACPI: Reset Register", end_reset, NULL, 1, 0},
};
static const struct check keyboard_checks[] = {
	{"keyboard", "8042: pulse output port", end_keyboard, NULL, 1, 0},
};
static const struct check vector_checks[] = {
	{"vector", "SDM 3A: First Instruction Executed", end_vector, NULL, 1, 0},
};
static const struct check halted_checks[] = {
	{"halted", "SDM 2A: HLT", end_halted, NULL, 1, 0},
};
static const struct check nmi_checks[] = {
	{"halted_nmi", "SDM 2A: HLT", end_halted_nmi, NULL, 2, 0},
};
/* clang-format on */

SUITE("end-sleep", 421, sleep_checks);
SUITE("end-reset", 422, reset_checks);
SUITE("end-keyboard", 423, keyboard_checks);
SUITE("end-vector", 424, vector_checks);
SUITE("end-halted", 425, halted_checks);
SUITE("end-halted-nmi", 426, nmi_checks);
