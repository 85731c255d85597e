/* SPDX-License-Identifier: MIT */
/*
 * Scenarios with the TLB-flush inhibit. VP 1 is the target. They show that a
 * flush never passes an inhibit, and that a suspended caller is always woken.
 */
#ifndef HV_TEST_EXPLORER_INHIBITS_H
#define HV_TEST_EXPLORER_INHIBITS_H

/* Setups with 2 or 3 CPUs; with _set VP 1 is inhibited from the beginning */
void inhibits_two(void);
void inhibits_three(void);
void inhibits_two_set(void);
void inhibits_three_set(void);

/* One flush of VP 1, full or of a list. An inhibit may suspend it. */
void inhibits_flush(void);
void inhibits_flush_list(void);

/* A translation of VP 1 that fails in the end. No flush may go on during it. */
void inhibits_translate(void);

/*
 * Flushes VP 1. While an inhibit prevents that, it is suspended and tries
 * again.
 */
void inhibits_call(void);

/* Clears VP 1's inhibit. */
void inhibits_clear(void);

/* Fails if somebody is still suspended or inhibited. */
void inhibits_check_end(void);

#endif
