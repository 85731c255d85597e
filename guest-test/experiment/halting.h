/* SPDX-License-Identifier: MIT */
/*
 * VP 1 halts again and again, each time until it gets an interrupt. IF is 0
 * until its HLT, so an interrupt may come before it and must end it.
 */
#ifndef GUEST_TEST_EXPERIMENT_HALTING_H
#define GUEST_TEST_EXPERIMENT_HALTING_H

#include "base/types.h"

#define HALTING_VP     1
#define HALTING_ROUNDS 32

/* VP 1 halts HALTING_ROUNDS times, each time for one interrupt `vector`. */
void halting_begin(u32 vector);

/* Waits until VP 1 is about to halt for the `round`th time, from 1. */
void halting_wait(u32 round);

/* Waits until VP 1 has got that many interrupts. */
void halting_woken(u32 round);

/* Waits until VP 1 is done. */
void halting_end(void);

/* For any VP: HLT for ever, without timer and with IF = 0. */
void halting_for_good(void *arg);

#endif
