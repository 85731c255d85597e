/* SPDX-License-Identifier: MIT */
/* Test builds: where the clearing of inhibits fell (core/port/step.h). */
#ifndef HV_X86_STEPS_H
#define HV_X86_STEPS_H

/* One console line with the counts; nothing in normal builds. */
#ifdef LETHE_STEPS
void steps_report(void);
#else
static inline void steps_report(void)
{
}
#endif

#endif
