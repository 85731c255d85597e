/* SPDX-License-Identifier: MIT */
/* TLFS v6.0b, appendix C "Architectural MSRs": numbers and layouts. */
#ifndef TLFS_MSR_H
#define TLFS_MSR_H

#include "base/bits.h"

/* generated: MSR numbers, from include/abi.toml */
#define HV_X64_MSR_GUEST_OS_ID           0x40000000u
#define HV_X64_MSR_HYPERCALL             0x40000001u
#define HV_X64_MSR_VP_INDEX              0x40000002u
#define HV_X64_MSR_TIME_REF_COUNT        0x40000020u
#define HV_X64_MSR_TSC_FREQUENCY         0x40000022u
#define HV_X64_MSR_APIC_FREQUENCY        0x40000023u
#define HV_X64_MSR_EOI                   0x40000070u
#define HV_X64_MSR_ICR                   0x40000071u
#define HV_X64_MSR_TPR                   0x40000072u
#define HV_X64_MSR_VP_ASSIST_PAGE        0x40000073u
#define HV_X64_MSR_TSC_INVARIANT_CONTROL 0x40000118u
/* end: MSR numbers */

/* HV_X64_MSR_HYPERCALL; 11:2 are RsvdP */
#define HV_HYPERCALL_MSR_ENABLE BIT(0)
#define HV_HYPERCALL_MSR_LOCKED BIT(1)
#define HV_HYPERCALL_MSR_PFN    GENMASK(63, 12)

/* HV_X64_MSR_VP_ASSIST_PAGE; 11:1 are RsvdP */
#define HV_VP_ASSIST_MSR_ENABLE BIT(0)
#define HV_VP_ASSIST_MSR_PFN    GENMASK(63, 12)

#endif
