/* SPDX-License-Identifier: MIT */
/* Exception vectors, SDM 3A, "Exceptions and Interrupts". Fit for assembly. */
#ifndef X86_EXCEPTION_H
#define X86_EXCEPTION_H

#include "base/bits.h"

#define X86_VECTOR_DE  0
#define X86_VECTOR_DB  1
#define X86_VECTOR_NMI 2
#define X86_VECTOR_BP  3
#define X86_VECTOR_OF  4
#define X86_VECTOR_BR  5
#define X86_VECTOR_UD  6
#define X86_VECTOR_NM  7
#define X86_VECTOR_DF  8
#define X86_VECTOR_TS  10
#define X86_VECTOR_NP  11
#define X86_VECTOR_SS  12
#define X86_VECTOR_GP  13
#define X86_VECTOR_PF  14
#define X86_VECTOR_MF  16
#define X86_VECTOR_AC  17
#define X86_VECTOR_MC  18
#define X86_VECTOR_XM  19
#define X86_VECTOR_VE  20
#define X86_VECTOR_CP  21

#define X86_EXCEPTION_COUNT 32

/* Error code of #PF, SDM 3A, "Page-Fault Exceptions" */
#define X86_PF_PRESENT  BIT(0)
#define X86_PF_WRITE    BIT(1)
#define X86_PF_USER     BIT(2)
#define X86_PF_RESERVED BIT(3)
#define X86_PF_FETCH    BIT(4)

#endif
