/* SPDX-License-Identifier: MIT */
/* The machine's CMOS clock, read once. */
#ifndef HV_X86_CLOCK_H
#define HV_X86_CLOCK_H

/*
 * Fills machine.clock; a line says if there is no clock. Boot CPU, before
 * launch; takes at most a few hundred ms, where no clock answers.
 */
void clock_init(void);

#endif
