/* SPDX-License-Identifier: MIT */
/*
 * Stopping the machine with a report. All panics come through port_panic(); one
 * CPU prints, the others park. No lock is taken.
 */
#ifndef HV_X86_PANIC_H
#define HV_X86_PANIC_H

#include "base/types.h"
#include "handoff.h"

struct trap_frame;

/* Notes what to do after a report (until then: halt); keeps no pointer. */
void panic_init(const struct handoff *handoff);

/* Parks this CPU for ever if another one has panicked. Main and idle loop. */
void panic_check(void);

/* The report of an exception; for trap.c. */
void panic_exception(const struct trap_frame *frame,
		     const char *reason) __noreturn;

/* One line of the report, straight to the UART. Panicking CPU only. */
void panic_line(const char *fmt, ...) __printf(1, 2);

/*
 * Prints what VMX knows (exit reason, guest RIP, …) by panic_line(). Called
 * once, on the CPU that panicked, in any state, so it checks first whether
 * VMREAD is possible. The definition in panic.c is empty and weak.
 */
void vmx_panic_report(void);

/* Guest RIP of the VP whose VMCS is current, or 0. Likewise weak. */
u64 vmx_panic_guest_rip(void);

#endif
