/* SPDX-License-Identifier: MIT */
/*
 * Which suites and checks suite= and only= choose. A name that chooses none
 * ends the run: a run must not pass with fewer checks than were meant.
 */
#ifndef GUEST_TEST_HARNESS_CHOICE_H
#define GUEST_TEST_HARNESS_CHOICE_H

#include "harness/suite.h"

/* Ends the run with code 2 if a word of suite= or only= chooses none. */
void choice_check(void);

/* Does only= choose this check? */
bool choice_has_check(const struct check *check);

#endif
