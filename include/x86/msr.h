/* SPDX-License-Identifier: MIT */
/*
 * Model-specific registers: numbers and bits, named as in SDM 4, "Architectural
 * MSRs". Fit for assembly.
 */
#ifndef X86_MSR_H
#define X86_MSR_H

#include "base/bits.h"

#define MSR_IA32_TIME_STAMP_COUNTER 0x10
#define MSR_IA32_PLATFORM_ID        0x17
#define MSR_IA32_APIC_BASE          0x1b
#define MSR_IA32_FEATURE_CONTROL    0x3a
#define MSR_IA32_TSC_ADJUST         0x3b
#define MSR_IA32_SPEC_CTRL          0x48
#define MSR_IA32_PRED_CMD           0x49
#define MSR_IA32_BIOS_UPDT_TRIG     0x79
#define MSR_IA32_BIOS_SIGN_ID       0x8b
#define MSR_IA32_SMM_MONITOR_CTL    0x9b
#define MSR_IA32_MPERF              0xe7
#define MSR_IA32_APERF              0xe8
#define MSR_IA32_MTRRCAP            0xfe
#define MSR_IA32_ARCH_CAPABILITIES  0x10a
#define MSR_IA32_FLUSH_CMD          0x10b
#define MSR_IA32_SYSENTER_CS        0x174
#define MSR_IA32_SYSENTER_ESP       0x175
#define MSR_IA32_SYSENTER_EIP       0x176
#define MSR_IA32_MCG_CAP            0x179
#define MSR_IA32_MCG_STATUS         0x17a
#define MSR_IA32_MCG_CTL            0x17b
#define MSR_IA32_PERF_STATUS        0x198
#define MSR_IA32_PERF_CTL           0x199
#define MSR_IA32_THERM_STATUS       0x19c
#define MSR_IA32_MISC_ENABLE        0x1a0
#define MSR_IA32_ENERGY_PERF_BIAS   0x1b0
#define MSR_IA32_DEBUGCTL           0x1d9
#define MSR_IA32_SMRR_PHYSBASE      0x1f2
#define MSR_IA32_SMRR_PHYSMASK      0x1f3
#define MSR_IA32_MTRR_PHYSBASE0     0x200 /* base and mask in turn, 8 pairs */
#define MSR_IA32_MTRR_PHYSMASK0     0x201
#define MSR_IA32_MTRR_FIX64K_00000  0x250
#define MSR_IA32_MTRR_FIX16K_80000  0x258
#define MSR_IA32_MTRR_FIX16K_A0000  0x259
#define MSR_IA32_MTRR_FIX4K_C0000   0x268 /* to 0x26f, F8000 */
#define MSR_IA32_PAT                0x277
#define MSR_IA32_MC0_CTL2           0x280
#define MSR_IA32_MTRR_DEF_TYPE      0x2ff
#define MSR_IA32_PERF_CAPABILITIES  0x345
#define MSR_IA32_PERF_GLOBAL_CTRL   0x38f
#define MSR_IA32_MC0_CTL            0x400 /* CTL, STATUS, ADDR, MISC */
#define MSR_IA32_MC0_STATUS         0x401

/* SDM 3D, "VMX Capability Reporting Facility" */
#define MSR_IA32_VMX_BASIC               0x480
#define MSR_IA32_VMX_PINBASED_CTLS       0x481
#define MSR_IA32_VMX_PROCBASED_CTLS      0x482
#define MSR_IA32_VMX_EXIT_CTLS           0x483
#define MSR_IA32_VMX_ENTRY_CTLS          0x484
#define MSR_IA32_VMX_MISC                0x485
#define MSR_IA32_VMX_CR0_FIXED0          0x486
#define MSR_IA32_VMX_CR0_FIXED1          0x487
#define MSR_IA32_VMX_CR4_FIXED0          0x488
#define MSR_IA32_VMX_CR4_FIXED1          0x489
#define MSR_IA32_VMX_VMCS_ENUM           0x48a
#define MSR_IA32_VMX_PROCBASED_CTLS2     0x48b
#define MSR_IA32_VMX_EPT_VPID_CAP        0x48c
#define MSR_IA32_VMX_TRUE_PINBASED_CTLS  0x48d
#define MSR_IA32_VMX_TRUE_PROCBASED_CTLS 0x48e
#define MSR_IA32_VMX_TRUE_EXIT_CTLS      0x48f
#define MSR_IA32_VMX_TRUE_ENTRY_CTLS     0x490
#define MSR_IA32_VMX_VMFUNC              0x491
#define MSR_IA32_VMX_PROCBASED_CTLS3     0x492

#define MSR_IA32_TSC_DEADLINE 0x6e0
#define MSR_IA32_XSS          0xda0

/* SDM 3A, "Local APIC Register Address Map Supported by x2APIC" */
#define MSR_IA32_X2APIC_FIRST         0x800
#define MSR_IA32_X2APIC_APICID        0x802
#define MSR_IA32_X2APIC_VERSION       0x803
#define MSR_IA32_X2APIC_TPR           0x808
#define MSR_IA32_X2APIC_PPR           0x80a
#define MSR_IA32_X2APIC_EOI           0x80b
#define MSR_IA32_X2APIC_LDR           0x80d
#define MSR_IA32_X2APIC_SIVR          0x80f
#define MSR_IA32_X2APIC_ISR0          0x810 /* 8 words */
#define MSR_IA32_X2APIC_TMR0          0x818 /* 8 words */
#define MSR_IA32_X2APIC_IRR0          0x820 /* 8 words */
#define MSR_IA32_X2APIC_ESR           0x828
#define MSR_IA32_X2APIC_LVT_CMCI      0x82f
#define MSR_IA32_X2APIC_ICR           0x830
#define MSR_IA32_X2APIC_LVT_TIMER     0x832
#define MSR_IA32_X2APIC_LVT_THERMAL   0x833
#define MSR_IA32_X2APIC_LVT_PMI       0x834
#define MSR_IA32_X2APIC_LVT_LINT0     0x835
#define MSR_IA32_X2APIC_LVT_LINT1     0x836
#define MSR_IA32_X2APIC_LVT_ERROR     0x837
#define MSR_IA32_X2APIC_INIT_COUNT    0x838
#define MSR_IA32_X2APIC_CURRENT_COUNT 0x839
#define MSR_IA32_X2APIC_DIV_CONF      0x83e
#define MSR_IA32_X2APIC_SELF_IPI      0x83f
#define MSR_IA32_X2APIC_LAST          0x8ff

#define MSR_IA32_EFER           0xc0000080
#define MSR_IA32_STAR           0xc0000081
#define MSR_IA32_LSTAR          0xc0000082
#define MSR_IA32_CSTAR          0xc0000083
#define MSR_IA32_FMASK          0xc0000084
#define MSR_IA32_FS_BASE        0xc0000100
#define MSR_IA32_GS_BASE        0xc0000101
#define MSR_IA32_KERNEL_GS_BASE 0xc0000102
#define MSR_IA32_TSC_AUX        0xc0000103

/* IA32_APIC_BASE */
#define APIC_BASE_BSP   BIT(8)
#define APIC_BASE_EXTD  BIT(10) /* x2APIC mode */
#define APIC_BASE_EN    BIT(11)
#define APIC_BASE_PHYS  GENMASK(51, 12)
#define APIC_BASE_RESET U(0xfee00000)

/* IA32_FEATURE_CONTROL */
#define FEATURE_CONTROL_LOCK            BIT(0)
#define FEATURE_CONTROL_VMX_INSIDE_SMX  BIT(1)
#define FEATURE_CONTROL_VMX_OUTSIDE_SMX BIT(2)

/* IA32_MISC_ENABLE */
#define MISC_ENABLE_FAST_STRING  BIT(0)
#define MISC_ENABLE_BTS_UNAVAIL  BIT(11)
#define MISC_ENABLE_PEBS_UNAVAIL BIT(12)
#define MISC_ENABLE_MONITOR      BIT(18)
#define MISC_ENABLE_LIMIT_CPUID  BIT(22)
#define MISC_ENABLE_XD_DISABLE   BIT(34)

/* IA32_EFER */
#define EFER_SCE BIT(0)
#define EFER_LME BIT(8)
#define EFER_LMA BIT(10)
#define EFER_NXE BIT(11)

/*
 * IA32_PAT: one byte per entry; the value after reset, SDM 3A "Programming the
 * PAT"
 */
#define PAT_UC      0x00
#define PAT_WC      0x01
#define PAT_WT      0x04
#define PAT_WP      0x05
#define PAT_WB      0x06
#define PAT_UCMINUS 0x07
#define PAT_RESET   U(0x0007040600070406)

/* IA32_MTRR_DEF_TYPE, IA32_MTRRCAP */
#define MTRR_DEF_TYPE_TYPE GENMASK(7, 0)
#define MTRR_DEF_TYPE_FE   BIT(10)
#define MTRR_DEF_TYPE_E    BIT(11)
#define MTRRCAP_VCNT       GENMASK(7, 0)
#define MTRRCAP_FIX        BIT(8)
#define MTRRCAP_WC         BIT(10)

/* IA32_DEBUGCTL */
#define DEBUGCTL_LBR BIT(0)
#define DEBUGCTL_BTF BIT(1)

#endif
