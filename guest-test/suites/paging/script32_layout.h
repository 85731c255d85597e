/* SPDX-License-Identifier: MIT */
/* Offsets in a step, for assembly and C. */
#ifndef GUEST_TEST_SUITES_PAGING_SCRIPT32_LAYOUT_H
#define GUEST_TEST_SUITES_PAGING_SCRIPT32_LAYOUT_H

#define STEP_OP     0
#define STEP_A      4
#define STEP_B      8
#define STEP_C      12
#define STEP_VALUE  16
#define STEP_VECTOR 20
#define STEP_ERROR  24
#define STEP_CR2    28
#define STEP_LEN    32

#endif
