/* SPDX-License-Identifier: MIT */
/* Reads from this CPU the words that hv/common/platform/caps.c checks. */
#ifndef HV_X86_CAPS_READ_H
#define HV_X86_CAPS_READ_H

#include "common/platform/caps.h"

/*
 * Fills `raw` for this CPU. Reads an MSR only where the CPU says that it has
 * it, so it is safe on any 64-bit CPU. CPL 0. Changes nothing.
 */
void caps_read(struct caps_raw *raw);

#endif
