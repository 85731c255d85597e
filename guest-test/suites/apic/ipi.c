/* SPDX-License-Identifier: MIT */
/* Interrupts between VPs: SDM 3A, "Issuing Interprocessor Interrupts". */
#include "harness/suite.h"
#include "harness/tap.h"
#include "kernel/apic.h"
#include "kernel/cpu.h"
#include "kernel/irq.h"
#include "kernel/smp.h"
#include "kernel/trap.h"
#include "kernel/watchdog.h"
#include "suites/apic/apic_suite.h"

#include "x86/cr.h"

#define VEC_LOW  0x45 /* priority classes 4, 6, 7 */
#define VEC_MID  0x62
#define VEC_MID2 0x65
#define VEC_HIGH 0x75
#define VEC_ERR  0x7e
#define LOGICAL  (APIC_ICR_LOGICAL | APIC_ICR_ASSERT)
#define ALL_IDS  0xffffffffu

struct ipi_case {
	const char *what;
	u64 icr;
	u32 (*dest)(void);
	bool to_self;   /* the sender gets it */
	bool to_others; /* all other VPs get it */
};

static u32 dest_one(void)
{
	return 1;
}

static u32 dest_all(void)
{
	return apic_is_x2() ? ALL_IDS : 0xff;
}

static u32 dest_self(void)
{
	return 0;
}

/* VPs 1 … n-1 of cluster 0 */
static u32 dest_others(void)
{
	u32 count = smp_count() < 16 ? smp_count() : 16;

	return ((1u << count) - 1) & ~1u;
}

static void expect_counts(const char *what, bool to_self, bool to_others)
{
	for (u32 n = 0; n < smp_count(); n++) {
		bool expected = n == 0 ? to_self : to_others;

		if (expected) {
			irq_wait(n, VEC_LOW, 1);
		}
	}
	irq_settle();
	for (u32 n = 0; n < smp_count(); n++) {
		tap_equal(what, irq_got(n, VEC_LOW),
			  n == 0 ? to_self : to_others);
	}
}

/* clang-format off */
static const struct ipi_case ipi_cases[] = {
	{"to all including self", APIC_ICR_TO_ALL | APIC_ICR_ASSERT,
	 dest_one, true, true},
	{"to all but self", APIC_ICR_TO_OTHERS | APIC_ICR_ASSERT,
	 dest_self, false, true},
	{"to self", APIC_ICR_TO_SELF | APIC_ICR_ASSERT, dest_one, true, false},
	{"physical, own ID", APIC_ICR_ASSERT, dest_self, true, false},
	{"physical broadcast", APIC_ICR_ASSERT, dest_all, true, true},
};
static const struct ipi_case logical_cases[] = {
	{"logical, others", LOGICAL, dest_others, false, true},
	{"logical, own bit", LOGICAL, dest_one, true, false},
	{"logical broadcast", LOGICAL, dest_all, true, true},
};
/* clang-format on */

static void run_cases(const struct ipi_case *cases, size_t count)
{
	irq_count(VEC_LOW);
	for (size_t i = 0; i < count; i++) {
		irq_reset();
		apic_send(cases[i].dest(), cases[i].icr | VEC_LOW);
		expect_counts(cases[i].what, cases[i].to_self,
			      cases[i].to_others);
	}
}

static void ipi_fixed(const void *arg)
{
	(void)arg;
	run_cases(ipi_cases, ARRAY_SIZE(ipi_cases));
}

static void ipi_logical(const void *arg)
{
	(void)arg;
	if (smp_count() > 16) {
		tap_skip("more than one cluster");
		return;
	}
	run_cases(logical_cases, ARRAY_SIZE(logical_cases));
}

static void ipi_physical_each(const void *arg)
{
	(void)arg;
	irq_count(VEC_LOW);
	irq_reset();
	for (u32 n = 0; n < smp_count(); n++) {
		apic_send(n, APIC_ICR_ASSERT | VEC_LOW);
		irq_wait(n, VEC_LOW, 1);
	}
	irq_settle();
	for (u32 n = 0; n < smp_count(); n++) {
		tap_equal("one each", irq_got(n, VEC_LOW), 1);
	}
	apic_send(200, APIC_ICR_ASSERT | VEC_LOW);
	irq_settle();
	tap_equal("no such APIC", irq_got(0, VEC_LOW), 1);
}

static void ipi_lowest(const void *arg)
{
	u32 sum = 0;

	(void)arg;
	irq_count(VEC_LOW);
	irq_reset();
	apic_send(dest_others(), LOGICAL | APIC_ICR_LOWEST | VEC_LOW);
	while (sum == 0) {
		watchdog_poll();
		for (u32 n = 0; n < smp_count(); n++) {
			sum += irq_got(n, VEC_LOW);
		}
	}
	irq_settle();
	sum = 0;
	for (u32 n = 0; n < smp_count(); n++) {
		sum += irq_got(n, VEC_LOW);
	}
	tap_equal("exactly one VP", sum, 1);
	tap_equal("not one outside the set", irq_got(0, VEC_LOW), 0);
}

static void self_ipi(const void *arg)
{
	(void)arg;
	irq_count(VEC_LOW);
	irq_reset();
	apic_write(APIC_SELF, VEC_LOW);
	irq_wait(0, VEC_LOW, 1);
	tap_equal("self IPI", irq_got(0, VEC_LOW), 1);
}

static void nmi(const void *arg)
{
	(void)arg;
	irq_count_nmi();
	irq_reset();
	apic_send(1, APIC_ICR_NMI | APIC_ICR_ASSERT);
	irq_wait_nmi(1, 1);
	apic_send(0, APIC_ICR_NMI | APIC_ICR_ASSERT);
	irq_wait_nmi(0, 1);
	apic_send(0, APIC_ICR_NMI | APIC_ICR_ASSERT | APIC_ICR_TO_OTHERS);
	for (u32 n = 1; n < smp_count(); n++) {
		irq_wait_nmi(n, n == 1 ? 2 : 1);
	}
	irq_settle();
	tap_equal("VP 0", irq_got_nmi(0), 1);
	tap_equal("VP 1", irq_got_nmi(1), 2);
	trap_set_handler(TRAP_NMI, NULL);
}

/* While the handler of an NMI runs, the next NMI waits for its IRET. */
static volatile u32 nmi_depth;
static volatile u32 nmi_nested;

static void nmi_slow(struct trap_frame *frame)
{
	(void)frame;
	nmi_nested += nmi_depth;
	nmi_depth++;
	if (vp_self()->nmi_count++ == 0) {
		apic_send(vp_self()->id, APIC_ICR_NMI | APIC_ICR_ASSERT);
		irq_settle();
	}
	nmi_depth--;
}

static void nmi_blocked(const void *arg)
{
	(void)arg;
	irq_reset();
	nmi_nested = 0;
	trap_set_handler(TRAP_NMI, nmi_slow);
	apic_send(0, APIC_ICR_NMI | APIC_ICR_ASSERT);
	irq_wait_nmi(0, 2);
	tap_equal("nested NMIs", nmi_nested, 0);
	trap_set_handler(TRAP_NMI, NULL);
}

static void priority_tpr(const void *arg)
{
	(void)arg;
	irq_count(VEC_LOW);
	irq_count(VEC_MID);
	irq_reset();
	cpu_set_cr8(VEC_LOW >> 4);
	apic_send(0, APIC_ICR_ASSERT | VEC_LOW);
	apic_send(0, APIC_ICR_ASSERT | VEC_MID);
	irq_wait(0, VEC_MID, 1);
	irq_settle();
	tap_equal("masked by TPR", irq_got(0, VEC_LOW), 0);
	tap_true("pending in IRR", (apic_read(APIC_IRR + VEC_LOW / 32) &
				    1u << VEC_LOW % 32) != 0);
	cpu_set_cr8(0);
	irq_wait(0, VEC_LOW, 1);
	tap_equal("IRR is empty", apic_read(APIC_IRR + VEC_LOW / 32), 0);
}

static volatile u32 seen_before_eoi[3]; /* MID2, HIGH; bit in ISR */

static void slow_handler(struct trap_frame *frame)
{
	struct guest_cpu *vp = vp_self();

	(void)frame;
	apic_send(vp->id, APIC_ICR_ASSERT | VEC_MID2);
	apic_send(vp->id, APIC_ICR_ASSERT | VEC_HIGH);
	cpu_sti();
	irq_settle();
	cpu_cli();
	seen_before_eoi[0] = irq_got(vp->id, VEC_MID2);
	seen_before_eoi[1] = irq_got(vp->id, VEC_HIGH);
	seen_before_eoi[2] =
		apic_read(APIC_ISR + VEC_MID / 32) >> VEC_MID % 32 & 1;
	apic_eoi();
	vp->irq_count[VEC_MID]++;
}

static void priority_in_service(const void *arg)
{
	(void)arg;
	irq_count(VEC_MID2);
	irq_count(VEC_HIGH);
	irq_reset();
	trap_set_handler(VEC_MID, slow_handler);
	apic_send(0, APIC_ICR_ASSERT | VEC_MID);
	irq_wait(0, VEC_MID, 1);
	irq_wait(0, VEC_MID2, 1);
	tap_equal("same class waits for EOI", seen_before_eoi[0], 0);
	tap_equal("higher class comes through", seen_before_eoi[1], 1);
	tap_equal("bit in ISR", seen_before_eoi[2], 1);
	tap_equal("ISR is empty", apic_read(APIC_ISR + VEC_MID / 32), 0);
}

static void error_status(const void *arg)
{
	(void)arg;
	irq_count(VEC_ERR);
	irq_reset();
	apic_write(APIC_ERROR, VEC_ERR);
	apic_write(APIC_ESR, 0);
	apic_send(0, APIC_ICR_ASSERT | 5);
	/* not irq_wait(): an APIC without this interrupt is no hang */
	irq_settle();
	tap_equal("error interrupts", irq_got(0, VEC_ERR), 1);
	apic_write(APIC_ESR, 0);
	/* SDM 3A, "Error Handling": bit 5, send illegal vector */
	tap_true("send illegal vector", (apic_read(APIC_ESR) & BIT(5)) != 0);
	apic_write(APIC_ESR, 0);
	tap_equal("cleared by the next write", apic_read(APIC_ESR), 0);
	apic_write(APIC_ERROR, APIC_LVT_MASKED | VEC_ERR);
}

#define IPI_HEADING "SDM 3A: Issuing Interprocessor Interrupts"
#define TMR_HEADING "SDM 3A: APIC Timer"

/* clang-format off */
static const struct check checks[] = {
	{"registers", "SDM 3A: x2APIC Register Address Space",
	 apic_check_registers, NULL, 1, NEED_X2APIC},
	{"reserved_bits", "SDM 3A: Reserved Bit Checking",
	 apic_check_reserved_bits, NULL, 1, NEED_X2APIC},
	{"reset_values", "SDM 3A: x2APIC State Transitions",
	 apic_check_reset_values, NULL, 1, NEED_X2APIC},
	{"base_bits", "SDM 3A: Local APIC Status and Location",
	 apic_check_base_bits, NULL, 1, NEED_X2APIC},
	{"ipi_physical", IPI_HEADING, ipi_physical_each, NULL, 1, 0},
	{"ipi_shorthands", IPI_HEADING, ipi_fixed, NULL, 1, 0},
	{"ipi_logical", IPI_HEADING, ipi_logical, NULL, 2, NEED_X2APIC},
	{"ipi_lowest_priority", IPI_HEADING, ipi_lowest, NULL, 2, NEED_X2APIC},
	{"self_ipi", "SDM 3A: SELF IPI Register", self_ipi, NULL, 1,
	 NEED_X2APIC},
	{"nmi", IPI_HEADING, nmi, NULL, 2, 0},
	{"nmi_blocked", "SDM 3A: Handling Multiple NMIs", nmi_blocked, NULL, 1,
	 0},
	{"priority_tpr", "SDM 3A: Task and Processor Priorities", priority_tpr,
	 NULL, 1, 0},
	{"priority_in_service", "SDM 3A: Signaling Interrupt Servicing "
	 "Completion", priority_in_service, NULL, 1, 0},
	{"interrupt_window", "SDM 3A: Masking Maskable Interrupts",
	 apic_check_interrupt_window, NULL, 1, 0},
	{"sti_shadow", "SDM 2B: STI", apic_check_sti_shadow, NULL, 1, 0},
	{"timer_one_shot", TMR_HEADING, apic_check_one_shot, NULL, 1, 0},
	{"timer_periodic", TMR_HEADING, apic_check_periodic, NULL, 1, 0},
	{"timer_deadline", TMR_HEADING, apic_check_deadline, NULL, 1,
	 NEED_DEADLINE},
	{"timer_mode_change", TMR_HEADING, apic_check_mode_change, NULL, 1, 0},
	{"timer_masked", TMR_HEADING, apic_check_timer_masked, NULL, 1, 0},
	{"hlt_timer", "SDM 2A: HLT", apic_check_hlt_timer, NULL, 1, 0},
	{"hlt_ipi", "SDM 2A: HLT", apic_check_hlt_ipi, NULL, 2, 0},
	{"hlt_nmi", "SDM 2A: HLT", apic_check_hlt_nmi, NULL, 2, 0},
	{"init_sipi", "SDM 3A: MP Initialization", apic_check_init_sipi, NULL, 2, 0},
	{"init_registers", "SDM 3A: Processor State After Reset",
	 apic_check_init_registers, NULL, 2, 0},
	{"init_cache_bits", "SDM 3A: Processor State After Reset",
	 apic_check_init_cache_bits, NULL, 2, 0},
	{"error_status", "SDM 3A: Error Handling", error_status, NULL, 1,
	 NEED_X2APIC},
};
/* clang-format on */

SUITE("apic", 030, checks);
