/* SPDX-License-Identifier: MIT */
/*
 * RDMSR and WRMSR of the virtual APIC, on the VP's own CPU. IPIs leave through
 * core/events/ipi.h.
 */
#ifndef HV_CORE_APIC_REGISTERS_H
#define HV_CORE_APIC_REGISTERS_H

#include "core/state/apic.h"

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

/* The MSRs that vapic_read() and vapic_write() decide about. */
bool vapic_owns(u32 msr);

/*
 * RDMSR and WRMSR of such an MSR at TSC `now` (any other MSR is VAPIC_GP). A
 * write fills *ipi; the caller hands it to ipi_send() after VAPIC_OK. Both
 * first let the timer expire if it is due.
 */
enum vapic_result vapic_read(struct vapic *v, u32 msr, u64 now,
			     u64 *value) __must_check;
enum vapic_result vapic_write(struct vapic *v, u32 msr, u64 value, u64 now,
			      struct vapic_ipi *ipi) __must_check;

#endif
