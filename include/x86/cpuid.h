/* SPDX-License-Identifier: MIT */
/*
 * CPUID leaves and feature bits, named as in SDM 2A, "CPUID—CPU
 * Identification". Fit for assembly.
 */
#ifndef X86_CPUID_H
#define X86_CPUID_H

#include "base/bits.h"

#define CPUID_LEAF_MAX       0x00000000
#define CPUID_LEAF_FEATURES  0x00000001
#define CPUID_LEAF_EXTENDED  0x00000007
#define CPUID_LEAF_EXT_MAX   0x80000000
#define CPUID_LEAF_EXT_FLAGS 0x80000001
#define CPUID_LEAF_ADDR_SIZE 0x80000008

/* Leaf 1, ECX */
#define CPUID_1_ECX_SSE3         BIT(0)
#define CPUID_1_ECX_MONITOR      BIT(3)
#define CPUID_1_ECX_VMX          BIT(5)
#define CPUID_1_ECX_SMX          BIT(6)
#define CPUID_1_ECX_FMA          BIT(12)
#define CPUID_1_ECX_CMPXCHG16B   BIT(13)
#define CPUID_1_ECX_PDCM         BIT(15)
#define CPUID_1_ECX_PCID         BIT(17)
#define CPUID_1_ECX_X2APIC       BIT(21)
#define CPUID_1_ECX_TSC_DEADLINE BIT(24)
#define CPUID_1_ECX_XSAVE        BIT(26)
#define CPUID_1_ECX_OSXSAVE      BIT(27)
#define CPUID_1_ECX_AVX          BIT(28)
#define CPUID_1_ECX_F16C         BIT(29)
#define CPUID_1_ECX_RDRAND       BIT(30)
#define CPUID_1_ECX_HYPERVISOR   BIT(31)

/* Leaf 1, EDX */
#define CPUID_1_EDX_TSC  BIT(4)
#define CPUID_1_EDX_MSR  BIT(5)
#define CPUID_1_EDX_PAE  BIT(6)
#define CPUID_1_EDX_MCE  BIT(7)
#define CPUID_1_EDX_APIC BIT(9)
#define CPUID_1_EDX_MTRR BIT(12)
#define CPUID_1_EDX_PGE  BIT(13)
#define CPUID_1_EDX_MCA  BIT(14)
#define CPUID_1_EDX_PAT  BIT(16)
#define CPUID_1_EDX_HTT  BIT(28)

/* Leaf 7.0, EBX */
#define CPUID_7_EBX_FSGSBASE BIT(0)
#define CPUID_7_EBX_SMEP     BIT(7)
#define CPUID_7_EBX_INVPCID  BIT(10)
#define CPUID_7_EBX_SMAP     BIT(20)

/* Leaf 7.0, ECX */
#define CPUID_7_ECX_UMIP BIT(2)

/* Leaf 0x80000001, EDX */
#define CPUID_EXT1_EDX_SYSCALL BIT(11)
#define CPUID_EXT1_EDX_NX      BIT(20)
#define CPUID_EXT1_EDX_PAGE1GB BIT(26)
#define CPUID_EXT1_EDX_RDTSCP  BIT(27)
#define CPUID_EXT1_EDX_LM      BIT(29)

#endif
