/* SPDX-License-Identifier: MIT */
/*
 * Registers of a VP that VM entry and exit leave alone: they stay in the CPU,
 * as each CPU has one VP.
 */
#ifndef HV_VMX_REGISTERS_H
#define HV_VMX_REGISTERS_H

/*
 * The state after power-on, in place of what firmware left there. Own CPU,
 * before the VP's first entry. SDM 3A, "Processor State After Reset".
 */
void registers_power_on(void);

#endif
