/* SPDX-License-Identifier: MIT */
/* The checks of suite `step` that are in state.c. */
#ifndef GUEST_TEST_SUITES_STEP_STEP_SUITE_H
#define GUEST_TEST_SUITES_STEP_STEP_SUITE_H

void step_check_rip_wraps_32bit(const void *arg);
void step_check_rip_64bit(const void *arg);
void step_check_init_forgets(const void *arg);
void step_check_first_state(const void *arg);
void step_check_rf_of_faults(const void *arg);

#endif
