/* SPDX-License-Identifier: MIT */
/* Registers of a VP that has just started, and others to leave behind. */
#ifndef GUEST_TEST_SUITES_LIFE_REGISTERS_H
#define GUEST_TEST_SUITES_LIFE_REGISTERS_H

/* Compares those of the VP that calls it, with SSE on for as long. */
void life_registers_look(void);

/* Fills all of them, with patterns of this VP. */
void life_registers_fill(void);

#endif
