/* SPDX-License-Identifier: MIT */
/*
 * Event injection: which event may be prepared when, and which window exits are
 * requested.
 */
#include "core/apic/interrupts.h"
#include "core/apic/registers.h"
#include "core/vp/inject.h"

#include "support/call.h"
#include "support/check.h"
#include "support/fake_vmcs.h"
#include "x86/cr.h"
#include "x86/msr.h"

#define STI    VMX_BLOCKING_STI
#define MOV_SS VMX_BLOCKING_MOV_SS
#define NMI    VMX_BLOCKING_NMI

#define VECTOR   0x51
#define EXT_INFO (0x80000000u | VECTOR)
#define NMI_INFO 0x80000202u

#define NMI_WINDOW 0x400000u
#define IRQ_WINDOW 0x4u
#define CONTROLS   0x80000000u /* what must survive */

static struct vp *new_vp(void)
{
	struct partition *p = fake_partition(1, 1);
	struct vp *vp = p->vps[0];
	struct vapic_ipi ipi;

	fake_vmcs_reset();
	vapic_reset(&vp->own.vapic, 0, true);
	CHECK_EQ(vapic_write(&vp->own.vapic, MSR_IA32_X2APIC_SIVR, 0x1ff, 0,
			     &ipi),
		 VAPIC_OK);
	vp->own.proc_controls = CONTROLS;
	port_vmcs_set(VMCS_PROC_CONTROLS, CONTROLS);
	port_vmcs_set(VMCS_GUEST_RFLAGS, RFLAGS_FIXED);
	port_vmcs_set(VMCS_GUEST_CR0, CR0_PE | CR0_NE);
	fake_vmcs.write_count = 0;
	return vp;
}

struct prepare_row {
	const char *name;
	bool nmi;
	bool irq;
	bool flag_if;
	u32 blocking;
	u32 prepared; /* before */
	u32 info;     /* after */
	u32 windows;
	bool nmi_left;
};

/* clang-format off */
static const struct prepare_row prepare_rows[] = {
	{ "nothing",           0, 0, 1, 0, 0, 0, 0, 0 },
	{ "irq",               0, 1, 1, 0, 0, EXT_INFO, 0, 0 },
	{ "irq, IF 0",         0, 1, 0, 0, 0, 0, IRQ_WINDOW, 0 },
	{ "irq, STI",          0, 1, 1, STI, 0, 0, IRQ_WINDOW, 0 },
	{ "irq, MOV SS",       0, 1, 1, MOV_SS, 0, 0, IRQ_WINDOW, 0 },
	{ "irq, NMI blocked",  0, 1, 1, NMI, 0, EXT_INFO, 0, 0 },
	{ "nmi",               1, 0, 0, 0, 0, NMI_INFO, 0, 0 },
	{ "nmi, blocked",      1, 0, 0, NMI, 0, 0, NMI_WINDOW, 1 },
	{ "nmi, MOV SS",       1, 0, 1, MOV_SS, 0, 0, NMI_WINDOW, 1 },
	{ "nmi, STI",          1, 0, 1, STI, 0, 0, IRQ_WINDOW, 1 },
	{ "both",              1, 1, 1, 0, 0, NMI_INFO, IRQ_WINDOW, 0 },
	{ "both, IF 0",        1, 1, 0, 0, 0, NMI_INFO, IRQ_WINDOW, 0 },
	{ "both, NMI blocked", 1, 1, 1, NMI, 0, EXT_INFO, NMI_WINDOW, 1 },
	{ "both, MOV SS",      1, 1, 1, MOV_SS, 0, 0, NMI_WINDOW | IRQ_WINDOW, 1 },
	{ "prepared, irq",     0, 1, 1, 0, 0x80000b0e, 0x80000b0e, IRQ_WINDOW, 0 },
	{ "prepared, nmi",     1, 0, 1, 0, 0x80000b0e, 0x80000b0e, NMI_WINDOW, 1 },
};
/* clang-format on */

static void t_prepare(void)
{
	for (u32 i = 0; i < ARRAY_SIZE(prepare_rows); i++) {
		const struct prepare_row *row = &prepare_rows[i];
		struct vp *vp;

		fake_reset();
		vp = new_vp();
		if (row->irq) {
			vapic_post(&vp->own.vapic, VECTOR);
		}
		vp->own.nmi_pending = row->nmi;
		vp->own.entry_event = row->prepared;
		port_vmcs_set(VMCS_ENTRY_INTERRUPTION_INFO, row->prepared);
		port_vmcs_set(VMCS_GUEST_RFLAGS,
			      RFLAGS_FIXED | (row->flag_if ? RFLAGS_IF : 0));
		port_vmcs_set(VMCS_GUEST_INTERRUPTIBILITY, row->blocking);
		inject_prepare(vp);
		check_eq(port_vmcs_get(VMCS_ENTRY_INTERRUPTION_INFO), row->info,
			 row->name, __FILE__, __LINE__);
		CHECK_EQ(vp->own.entry_event, row->info);
		check_eq(port_vmcs_get(VMCS_PROC_CONTROLS),
			 CONTROLS | row->windows, row->name, __FILE__,
			 __LINE__);
		check_eq(vp->own.nmi_pending, row->nmi_left, row->name,
			 __FILE__, __LINE__);
		/* the vector is in IRR or in ISR, never in both */
		CHECK_EQ(vp->own.vapic.isr[1] != 0, row->info == EXT_INFO);
		CHECK_EQ(vapic_has_irr(&vp->own.vapic),
			 row->irq && row->info != EXT_INFO);
	}
}

static void t_windows_close_and_are_written_once(void)
{
	struct vp *vp = new_vp();
	u32 writes;

	vapic_post(&vp->own.vapic, VECTOR);
	inject_prepare(vp);
	writes = fake_vmcs.write_count;
	CHECK_EQ(vp->own.proc_controls, CONTROLS | IRQ_WINDOW);
	inject_prepare(vp);
	CHECK_EQ(fake_vmcs.write_count, writes);
	port_vmcs_set(VMCS_GUEST_RFLAGS, RFLAGS_FIXED | RFLAGS_IF);
	inject_prepare(vp);
	CHECK_EQ(vp->own.entry_event, EXT_INFO);
	CHECK_EQ(port_vmcs_get(VMCS_PROC_CONTROLS), CONTROLS);
	CHECK_EQ(vp->own.proc_controls, CONTROLS);
}

/* A vector below the task priority requests no window. */
static void t_masked_by_tpr(void)
{
	struct vp *vp = new_vp();

	vapic_set_cr8(&vp->own.vapic, 5);
	vapic_post(&vp->own.vapic, VECTOR);
	inject_prepare(vp);
	CHECK_EQ(vp->own.entry_event, 0);
	CHECK_EQ(vp->own.proc_controls, CONTROLS);
}

/* ---- exceptions ---- */

static void t_exceptions(void)
{
	struct vp *vp = new_vp();

	inject_exception(vp, 6);
	CHECK_EQ(vp->own.entry_event, 0x80000306);
	vp->own.entry_event = 0;
	inject_exception_error(vp, 13, 0x1234);
	CHECK_EQ(vp->own.entry_event, 0x80000b0d);
	CHECK_EQ(port_vmcs_get(VMCS_ENTRY_INTERRUPTION_INFO), 0x80000b0d);
	CHECK_EQ(port_vmcs_get(VMCS_ENTRY_ERROR_CODE), 0x1234);
	/* in real mode an error code would make the entry fail */
	vp->own.entry_event = 0;
	port_vmcs_set(VMCS_GUEST_CR0, CR0_NE);
	inject_exception_error(vp, 13, 0);
	CHECK_EQ(vp->own.entry_event, 0x8000030d);
}

/* SDM 3B, "Instruction-Breakpoint Exception Condition": faults push RF = 1 */
static void t_rf_of_faults(void)
{
	static const struct {
		u8 vector;
		bool has_code;
		bool rf;
	} rows[] = {{1, false, false},
		    {6, false, true},
		    {8, true, false},
		    {13, true, true},
		    {17, true, true}};

	for (u32 i = 0; i < ARRAY_SIZE(rows); i++) {
		struct vp *vp;

		fake_reset();
		vp = new_vp();
		port_vmcs_set(VMCS_GUEST_RFLAGS, RFLAGS_FIXED | RFLAGS_IF);
		if (rows[i].has_code) {
			inject_exception_error(vp, rows[i].vector, 0);
		} else {
			inject_exception(vp, rows[i].vector);
		}
		CHECK_EQ(port_vmcs_get(VMCS_GUEST_RFLAGS),
			 RFLAGS_FIXED | RFLAGS_IF |
				 (rows[i].rf ? RFLAGS_RF : 0));
	}
}

static void t_second_event_is_a_panic(void)
{
	static struct vp *vp;

	vp = new_vp();
	inject_exception(vp, 6);
	CHECK_PANIC(inject_exception(vp, 6), "assertion");
	CHECK_PANIC(inject_exception_error(vp, 13, 0), "assertion");
}

/* ---- delivery that was interrupted by an exit ---- */

static const struct {
	const char *name;
	u32 vectoring;
	u32 info;
	bool error;
	bool length;
	bool nmi_unblocked;
} again_rows[] = {
	{"external", 0x80000051, 0x80000051, 0, 0, 0},
	{"NMI", 0x80000202, 0x80000202, 0, 0, 1},
	{"#PF", 0x80000b0e, 0x80000b0e, 1, 0, 0},
	{"#DB", 0x80000301, 0x80000301, 0, 0, 0},
	{"INT n", 0x80000480, 0x80000480, 0, 1, 0},
	{"INT1", 0x80000501, 0x80000501, 0, 1, 0},
	{"INT3", 0x80000603, 0x80000603, 0, 1, 0},
	/* bit 12 is undefined there, and reserved in the entry field */
	{"undefined bit", 0x80001b0e, 0x80000b0e, 1, 0, 0},
};

static void t_again(void)
{
	for (u32 i = 0; i < ARRAY_SIZE(again_rows); i++) {
		struct vp *vp;

		fake_reset();
		vp = new_vp();
		port_vmcs_set(VMCS_IDT_VECTORING_ERROR_CODE, 0x77);
		port_vmcs_set(VMCS_EXIT_INSTRUCTION_LENGTH, 2);
		port_vmcs_set(VMCS_GUEST_INTERRUPTIBILITY, NMI);
		inject_again(vp, again_rows[i].vectoring);
		check_eq(vp->own.entry_event, again_rows[i].info,
			 again_rows[i].name, __FILE__, __LINE__);
		CHECK_EQ(port_vmcs_get(VMCS_ENTRY_INTERRUPTION_INFO),
			 again_rows[i].info);
		CHECK_EQ(port_vmcs_get(VMCS_ENTRY_ERROR_CODE),
			 again_rows[i].error ? 0x77 : 0);
		CHECK_EQ(port_vmcs_get(VMCS_ENTRY_INSTRUCTION_LENGTH),
			 again_rows[i].length ? 2 : 0);
		CHECK_EQ(port_vmcs_get(VMCS_GUEST_INTERRUPTIBILITY),
			 again_rows[i].nmi_unblocked ? 0 : NMI);
	}
}

/*
 * An event is put off, not delivered again: an interrupt or NMI must come again
 * later.
 */
static void t_later(void)
{
	static const u32 repeated_by_the_code[] = {0x80000b0e, 0x80000480,
						   0x80000603};
	struct vp *vp = new_vp();

	vapic_post(&vp->own.vapic, VECTOR);
	vapic_accept(&vp->own.vapic, VECTOR);
	vp->own.due = false;
	inject_later(vp, EXT_INFO);
	CHECK_EQ(vapic_deliverable(&vp->own.vapic), VECTOR);
	CHECK(vp->own.due && vp->own.entry_event == 0);

	vp->own.due = false;
	port_vmcs_set(VMCS_GUEST_INTERRUPTIBILITY, NMI | STI);
	inject_later(vp, NMI_INFO);
	CHECK(vp->own.due && vp->own.nmi_pending && vp->own.entry_event == 0);
	CHECK_EQ(port_vmcs_get(VMCS_GUEST_INTERRUPTIBILITY), STI);

	for (u32 i = 0; i < ARRAY_SIZE(repeated_by_the_code); i++) {
		fake_reset();
		vp = new_vp();
		vp->own.due = false;
		inject_later(vp, repeated_by_the_code[i]);
		CHECK(!vp->own.due && !vp->own.nmi_pending &&
		      vp->own.entry_event == 0);
	}
}

/* SDM 3A, "Interrupt 8—Double Fault Exception": #GP as the second event. */
static void t_gp_during_delivery(void)
{
	static const u32 contributory[] = {0, 10, 11, 12, 13};

	for (u32 vector = 0; vector < 32; vector++) {
		u32 expected = 0x80000b0d;
		struct vp *vp;
		bool alive;

		fake_reset();
		vp = new_vp();
		for (u32 i = 0; i < ARRAY_SIZE(contributory); i++) {
			if (contributory[i] == vector) {
				expected = 0x80000b08;
			}
		}
		if (vector == 14) {
			expected = 0x80000b08;
		}
		alive = inject_gp_during(vp, 0x80000300 | vector);
		CHECK_EQ(alive, vector != 8);
		CHECK_EQ(vp->own.entry_event, vector == 8 ? 0 : expected);
		CHECK_EQ(port_vmcs_get(VMCS_ENTRY_ERROR_CODE), 0);
	}
}

/* Interrupts with an exception's number, and no event at all, are benign. */
static void t_gp_during_other_events(void)
{
	static const u32 benign[] = {0,          0x80000008, 0x8000000d,
				     0x80000202, 0x80000408, 0x8000040e,
				     0x0000030d};

	for (u32 i = 0; i < ARRAY_SIZE(benign); i++) {
		struct vp *vp;

		fake_reset();
		vp = new_vp();
		CHECK(inject_gp_during(vp, benign[i]));
		CHECK_EQ(vp->own.entry_event, 0x80000b0d);
	}
}

/* The same for #PF: only #PF and #DF as the first event are not benign. */
static void t_pf_during_delivery(void)
{
	for (u32 vector = 0; vector < 32; vector++) {
		struct vp *vp;
		bool alive;

		fake_reset();
		vp = new_vp();
		alive = inject_pf_during(vp, 6, 0x80000300 | vector);
		CHECK_EQ(alive, vector != 8);
		CHECK_EQ(vp->own.entry_event, vector == 8    ? 0
					      : vector == 14 ? 0x80000b08
							     : 0x80000b0e);
		CHECK_EQ(port_vmcs_get(VMCS_ENTRY_ERROR_CODE),
			 vector == 8 || vector == 14 ? 0 : 6);
		/* the exception recurs with its instruction */
		CHECK(!vp->own.nmi_pending && !vp->own.due);
	}
}

static void t_pf_during_other_events(void)
{
	static const u32 benign[] = {0,          0x80000202, 0x80000408,
				     0x8000040e, 0x80000603, 0x0000030e};

	for (u32 i = 0; i < ARRAY_SIZE(benign); i++) {
		struct vp *vp;

		fake_reset();
		vp = new_vp();
		CHECK(inject_pf_during(vp, 0x15, benign[i]));
		CHECK_EQ(vp->own.entry_event, 0x80000b0e);
		CHECK_EQ(port_vmcs_get(VMCS_ENTRY_ERROR_CODE), 0x15);
	}
}

/* The #PF goes first; the interrupt or NMI has not been delivered. */
static void t_pf_puts_events_off(void)
{
	struct vp *vp = new_vp();

	vapic_post(&vp->own.vapic, VECTOR);
	vapic_accept(&vp->own.vapic, VECTOR);
	vp->own.due = false;
	CHECK(inject_pf_during(vp, 0, EXT_INFO));
	CHECK_EQ(vp->own.entry_event, 0x80000b0e);
	CHECK_EQ(vapic_deliverable(&vp->own.vapic), VECTOR);
	CHECK(vp->own.due);

	vp->own.entry_event = 0;
	port_vmcs_set(VMCS_GUEST_INTERRUPTIBILITY, NMI);
	CHECK(inject_pf_during(vp, 0, NMI_INFO));
	CHECK(vp->own.nmi_pending);
	CHECK_EQ(port_vmcs_get(VMCS_GUEST_INTERRUPTIBILITY), 0);
}

static const struct test tests[] = {
	{"prepare", t_prepare},
	{"windows-close-and-are-written-once",
	 t_windows_close_and_are_written_once},
	{"masked-by-tpr", t_masked_by_tpr},
	{"exceptions", t_exceptions},
	{"rf-of-faults", t_rf_of_faults},
	{"second-event-is-a-panic", t_second_event_is_a_panic},
	{"again", t_again},
	{"later", t_later},
	{"gp-during-delivery", t_gp_during_delivery},
	{"gp-during-other-events", t_gp_during_other_events},
	{"pf-during-delivery", t_pf_during_delivery},
	{"pf-during-other-events", t_pf_during_other_events},
	{"pf-puts-events-off", t_pf_puts_events_off},
};

const struct suite suite_inject = SUITE("inject", tests);
