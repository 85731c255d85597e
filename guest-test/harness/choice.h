/* SPDX-License-Identifier: MIT */
/*
 * The part of the tables that suite= and only= choose. A name that chooses
 * nothing ends the run: it must not pass with fewer checks than were meant.
 */
#ifndef GUEST_TEST_HARNESS_CHOICE_H
#define GUEST_TEST_HARNESS_CHOICE_H

#include "harness/suite.h"

/* Ends the run with code 2 unless each word of suite= and only= names some. */
void choice_check(void);

/* Does only= leave this check in? */
bool choice_has_check(const struct check *check);

#endif
