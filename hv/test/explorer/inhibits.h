/* SPDX-License-Identifier: MIT */
/*
 * Scenarios of the TLB-flush inhibit: VP 1 is the target. A flush never passes
 * an inhibit, and a caller that was suspended is always woken.
 */
#ifndef HV_TEST_EXPLORER_INHIBITS_H
#define HV_TEST_EXPLORER_INHIBITS_H

/* Setups: 2 or 3 CPUs; _set: VP 1 is inhibited already */
void inhibits_two(void);
void inhibits_three(void);
void inhibits_two_set(void);
void inhibits_three_set(void);

/* One flush of VP 1, which may be refused; full, or of a list. */
void inhibits_flush(void);
void inhibits_flush_list(void);

/* A translation of VP 1 that fails in the end: no flush gets past it. */
void inhibits_translate(void);

/* Flushes VP 1, as often as it takes, suspended in between. */
void inhibits_call(void);

/* Clears VP 1's inhibit. */
void inhibits_clear(void);

/* Nobody is suspended, nothing is inhibited. */
void inhibits_check_end(void);

#endif
