/* SPDX-License-Identifier: MIT */
/* Key `selftest = invvpid`. */
#ifndef HV_VMX_SELFTEST_INVVPID_H
#define HV_VMX_SELFTEST_INVVPID_H

/*
 * Executes INVVPID with each type from -127 to 127 and each kind of descriptor;
 * one line for each surprise, then `invvpid tried=… wrong=…`. Root mode, after
 * VMXON, with a current VMCS. The TLB loses entries, nothing else happens.
 */
void selftest_invvpid(void);

#endif
