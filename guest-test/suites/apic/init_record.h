/* SPDX-License-Identifier: MIT */
/* Where init_record.S stores what it finds, below 64 KiB, for C and assembly.
 */
#ifndef GUEST_TEST_SUITES_APIC_INIT_RECORD_H
#define GUEST_TEST_SUITES_APIC_INIT_RECORD_H

#include "kernel/layout.h"

#define INIT_GPR       (REAL_PAGE + 0x800) /* 8 of 32 bits, in their order */
#define INIT_FLAGS     (REAL_PAGE + 0x820)
#define INIT_SELECTORS (REAL_PAGE + 0x828) /* DS, ES, FS, GS, SS */
#define INIT_GDTR      (REAL_PAGE + 0x834) /* limit, base */
#define INIT_IDTR      (REAL_PAGE + 0x83c)
#define INIT_CR        (REAL_PAGE + 0x844) /* 0, 2, 3, 4 */
#define INIT_DR        (REAL_PAGE + 0x854) /* 0 to 3, 6, 7 */
#define INIT_DONE      (REAL_PAGE + 0x86c)
#define INIT_MSRS      (REAL_PAGE + 0x900)
#define INIT_FX        (REAL_PAGE + 0xb00)
#define INIT_STACK     (REAL_PAGE + 0xf00)

#endif
