/* SPDX-License-Identifier: MIT */
/*
 * The steps of suspending, clearing and going to sleep between which somebody
 * else's step may fall. Unit tests call a hook at each step; test builds (make
 * STRETCH=n) wait there and count; in normal builds port_step() does nothing.
 */
#ifndef HV_CORE_PORT_STEP_H
#define HV_CORE_PORT_STEP_H

enum step {
	STEP_NONE,
	/* whoever looks whether a partition has halted */
	STEP_ALL_ASLEEP, /* events are not looked for yet */
	/* a caller that met an inhibited target */
	STEP_FLUSH_ENDED,   /* its flush_seq is even again */
	STEP_STATE_WRITTEN, /* it is SUSPENDED, its bit not yet set */
	STEP_BIT_SET,       /* it has not yet looked at the word again */
	STEP_LOOKED,        /* the word was not 0; it goes to sleep */
	/* its CPU, which found nothing to run */
	STEP_IDLE, /* the run word does not yet say so */
	/* whoever made the word 0 */
	STEP_WORD_CLEARED, /* the partition's count is as before */
	STEP_COUNT_DOWN,   /* nobody has been woken yet */
	STEP_COUNT,
};

#ifdef LETHE_STEPS
void port_step(enum step step);
#else
static inline void port_step(enum step step)
{
	(void)step;
}
#endif

#endif
