/* SPDX-License-Identifier: MIT */
/*
 * A VP's local APIC in x2APIC mode: state, and what the rest asks of it.
 * Everything is owned by the VP's own CPU, except where a function says
 * otherwise. Other CPUs post vectors with vp_post_irq(); IPIs leave through
 * core/events/ipi.h. Chapter: SDM 3A, "Advanced Programmable Interrupt
 * Controller".
 */
#ifndef HV_CORE_APIC_APIC_H
#define HV_CORE_APIC_APIC_H

#include "base/types.h"

/* SDM 3A, "Local Vector Table": in the order of their MSRs */
enum vapic_lvt {
	VAPIC_LVT_TIMER,
	VAPIC_LVT_THERMAL,
	VAPIC_LVT_PERF,
	VAPIC_LVT_LINT0,
	VAPIC_LVT_LINT1,
	VAPIC_LVT_ERROR,
	VAPIC_LVT_COUNT,
};

struct vapic {
	/* written before launch, then constant */
	u32 id;
	bool is_bsp;

	/* owned by the VP's CPU: registers, as the guest reads them */
	u32 tpr;
	u32 svr; /* read by any CPU: vapic_is_enabled() */
	u32 esr;
	u64 icr;
	u32 lvt[VAPIC_LVT_COUNT];
	u32 initial_count;
	u32 divide;
	u64 irr[4]; /* one bit per vector */
	u64 isr[4];
	u64 tmr[4];

	/* owned by the VP's CPU: behind the registers */
	u32 esr_pending;  /* errors since the last write to ESR */
	bool error_fired; /* no error interrupt until ESR is written */
	bool timer_armed;
	u64 timer_deadline; /* TSC; valid while armed, in all modes */
};

enum vapic_result {
	VAPIC_OK,
	VAPIC_GP, /* #GP(0), nothing changed */
};

/* SDM 3A, "Interrupt Command Register (ICR)" */
enum vapic_mode {
	VAPIC_MODE_FIXED = 0,
	VAPIC_MODE_LOWEST = 1,
	VAPIC_MODE_SMI = 2,
	VAPIC_MODE_NMI = 4,
	VAPIC_MODE_INIT = 5,
	VAPIC_MODE_STARTUP = 6,
	VAPIC_MODE_COUNT = 8,
};

enum vapic_shorthand {
	VAPIC_TO_DEST = 0,
	VAPIC_TO_SELF = 1,
	VAPIC_TO_ALL = 2,
	VAPIC_TO_OTHERS = 3,
};

/* What a write to the ICR asks for, field by field; for ipi_send(). */
struct vapic_ipi {
	bool send; /* false: there is nothing to send */
	u8 vector;
	u8 mode;      /* enum vapic_mode, or a reserved one */
	u8 shorthand; /* enum vapic_shorthand */
	bool logical;
	bool assert;
	bool level;
	u32 dest;
};

/* Power-on: SDM 3A, "Local APIC State After Power-Up or Reset". */
void vapic_reset(struct vapic *v, u32 id, bool is_bsp);

/* INIT: as vapic_reset(), but ID and IA32_APIC_BASE stay. */
void vapic_init_signal(struct vapic *v);

/* The MSRs that vapic_read() and vapic_write() decide about. */
bool vapic_owns(u32 msr);

/*
 * RDMSR and WRMSR of such an MSR at TSC `now` (any other MSR is VAPIC_GP).
 * A write fills *ipi; the caller hands it to ipi_send() behind VAPIC_OK.
 * Both let the timer expire first where it is due.
 */
enum vapic_result vapic_read(struct vapic *v, u32 msr, u64 now,
			     u64 *value) __must_check;
enum vapic_result vapic_write(struct vapic *v, u32 msr, u64 value, u64 now,
			      struct vapic_ipi *ipi) __must_check;

/*
 * A fixed interrupt arrives, edge-triggered as every IPI and timer interrupt.
 * Ignored while the APIC is software-disabled; vectors below 16 are an error
 * in ESR. vapic_post_level() is the same for a level-triggered source.
 */
void vapic_post(struct vapic *v, u8 vector);
void vapic_post_level(struct vapic *v, u8 vector);

/* The vector in IRR that the VP has to take, or -1: none is above PPR. */
int vapic_deliverable(const struct vapic *v);

/* True if any vector is in IRR, whether PPR lets it through or not. */
bool vapic_has_irr(const struct vapic *v);

/*
 * Moves `vector` from IRR to ISR. Pre: vapic_deliverable() just returned it,
 * and the caller writes it to the VM-entry interruption field in this step.
 */
void vapic_accept(struct vapic *v, u8 vector);

/* Takes vapic_accept() back: the delivery was not completed. */
void vapic_unaccept(struct vapic *v, u8 vector);

/* SDM 3A, "Interaction of Task Priorities between CR8 and APIC" */
u8 vapic_cr8(const struct vapic *v);
void vapic_set_cr8(struct vapic *v, u8 cr8);

/* SVR bit 8. Any CPU may ask, of any VP. */
bool vapic_is_enabled(const struct vapic *v);

/*
 * The TSC at which the CPU has to call vapic_timer_expire(), ~0: never. That
 * is when an interrupt would come of it that is not pending already; a masked
 * timer expires unobserved, at the latest when a register is looked at. Ask
 * again after vapic_accept(), vapic_read() and vapic_write().
 */
u64 vapic_timer_deadline(const struct vapic *v);

/* Fires what is due; a periodic timer starts again on its old grid. */
void vapic_timer_expire(struct vapic *v, u64 now);

#endif
