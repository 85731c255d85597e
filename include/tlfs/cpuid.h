/* SPDX-License-Identifier: MIT */
/* TLFS "Feature and Interface Discovery": leaves and the bits used here. */
#ifndef TLFS_CPUID_H
#define TLFS_CPUID_H

#include "base/bits.h"

/* generated: leaf numbers, from include/abi.toml */
#define HV_CPUID_MAX             0x40000000u
#define HV_CPUID_INTERFACE       0x40000001u
#define HV_CPUID_VERSION         0x40000002u
#define HV_CPUID_FEATURES        0x40000003u
#define HV_CPUID_RECOMMENDATIONS 0x40000004u
#define HV_CPUID_LIMITS          0x40000005u
#define HV_CPUID_HARDWARE        0x40000006u
#define HV_CPUID_NESTED          0x4000000au
/* end: leaf numbers */

/* "Microsoft Hv" and "Hv#1" */
#define HV_VENDOR_EBX    0x7263694du
#define HV_VENDOR_ECX    0x666f736fu
#define HV_VENDOR_EDX    0x76482074u
#define HV_INTERFACE_EAX 0x31237648u

/* generated: privilege bits, from include/abi.toml */
/* HV_PARTITION_PRIVILEGE_MASK: leaf 3 EAX is 31:0, EBX is 63:32 */
#define HV_PRIV_ACCESS_REFERENCE_COUNTER     BIT(1)
#define HV_PRIV_ACCESS_INTR_CTRL_REGS        BIT(4)
#define HV_PRIV_ACCESS_HYPERCALL_MSRS        BIT(5)
#define HV_PRIV_ACCESS_VP_INDEX              BIT(6)
#define HV_PRIV_ACCESS_FREQUENCY_REGS        BIT(11)
#define HV_PRIV_ACCESS_TSC_INVARIANT_CONTROL BIT(15)
#define HV_PRIV_ACCESS_VP_REGISTERS          BIT(49)
#define HV_PRIV_EXTENDED_HYPERCALLS          BIT(52)

/* leaf 3 EDX */
#define HV_FEATURE_XMM_INPUT       BIT(4)
#define HV_FEATURE_FREQUENCY_MSRS  BIT(8)
#define HV_FEATURE_EXTENDED_RANGES BIT(14)
#define HV_FEATURE_XMM_OUTPUT      BIT(15)
#define HV_FEATURE_HYPERCALL_LOCK  BIT(18)

/* leaf 4 EAX */
#define HV_HINT_REMOTE_FLUSH       BIT(2)
#define HV_HINT_RELAXED_TIMING     BIT(5)
#define HV_HINT_CLUSTER_IPI        BIT(10)
#define HV_HINT_EX_PROCESSOR_MASKS BIT(11)
/* end: privilege bits */

#endif
