/* SPDX-License-Identifier: MIT */
/* Short words for tables with a row for each call: codes, control, statuses. */
#ifndef GUEST_TEST_CALL_ROW_WORDS_H
#define GUEST_TEST_CALL_ROW_WORDS_H

#include "tlfs/hypercall.h"
#include "tlfs/status.h"

#define SPACE    HV_CALL_FLUSH_VIRTUAL_ADDRESS_SPACE
#define LIST     HV_CALL_FLUSH_VIRTUAL_ADDRESS_LIST
#define SPACE_EX HV_CALL_FLUSH_VIRTUAL_ADDRESS_SPACE_EX
#define LIST_EX  HV_CALL_FLUSH_VIRTUAL_ADDRESS_LIST_EX

/* Fields of the control word, unmasked: a row may set the bits beyond, too. */
#define COUNT(n) ((u64)(n) << 32)
#define START(n) ((u64)(n) << 48)
#define VAR(n)   ((u64)(n) << 17)

#define OK    HV_STATUS_SUCCESS
#define CODE  HV_STATUS_INVALID_HYPERCALL_CODE
#define INPUT HV_STATUS_INVALID_HYPERCALL_INPUT
#define ALIGN HV_STATUS_INVALID_ALIGNMENT
#define PARAM HV_STATUS_INVALID_PARAMETER

#define ALL   HV_FLUSH_ALL_PROCESSORS
#define NON_G HV_FLUSH_NON_GLOBAL_MAPPINGS_ONLY

#endif
