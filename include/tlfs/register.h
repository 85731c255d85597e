/* SPDX-License-Identifier: MIT */
/*
 * VP registers and address translation as calls 0x0050 to 0x0052 see them:
 * names, flags, results and blocks. TLFS v6.0b, "HV_REGISTER_NAME" and
 * "HvCallTranslateVirtualAddress".
 */
#ifndef TLFS_REGISTER_H
#define TLFS_REGISTER_H

#include "base/bits.h"
#include "base/types.h"

/* generated: register names, from include/abi.toml */
#define HV_REGISTER_INTERCEPT_SUSPEND       0x00000001u
#define HV_REGISTER_HYPERVISOR_VERSION      0x00000100u
#define HV_REGISTER_PRIVILEGES_AND_FEATURES 0x00000200u
#define HV_REGISTER_FEATURES_INFO           0x00000201u
#define HV_REGISTER_IMPLEMENTATION_LIMITS   0x00000202u
#define HV_REGISTER_HARDWARE_FEATURES       0x00000203u
#define HV_REGISTER_NESTED_FEATURES         0x00000207u
#define HV_REGISTER_PROCESSOR_CLOCK         0x00000240u
#define HV_REGISTER_INTERRUPT_CLOCK         0x00000241u

/* RAX to R15 by their number in ModRM */
#define HV_X64_REGISTER_RAX    0x00020000u
#define HV_X64_REGISTER_RSP    0x00020004u
#define HV_X64_REGISTER_R15    0x0002000fu
#define HV_X64_REGISTER_RIP    0x00020010u
#define HV_X64_REGISTER_RFLAGS 0x00020011u

#define HV_X64_REGISTER_CR0 0x00040000u
#define HV_X64_REGISTER_CR2 0x00040001u
#define HV_X64_REGISTER_CR3 0x00040002u
#define HV_X64_REGISTER_CR4 0x00040003u
#define HV_X64_REGISTER_CR8 0x00040004u

#define HV_X64_REGISTER_DR0 0x00050000u
#define HV_X64_REGISTER_DR1 0x00050001u
#define HV_X64_REGISTER_DR2 0x00050002u
#define HV_X64_REGISTER_DR3 0x00050003u
#define HV_X64_REGISTER_DR6 0x00050004u
#define HV_X64_REGISTER_DR7 0x00050005u

/* HV_X64_SEGMENT_REGISTER: HV_SEGMENT_*; in the order of the VMCS fields */
#define HV_X64_REGISTER_ES   0x00060000u
#define HV_X64_REGISTER_CS   0x00060001u
#define HV_X64_REGISTER_SS   0x00060002u
#define HV_X64_REGISTER_DS   0x00060003u
#define HV_X64_REGISTER_FS   0x00060004u
#define HV_X64_REGISTER_GS   0x00060005u
#define HV_X64_REGISTER_LDTR 0x00060006u
#define HV_X64_REGISTER_TR   0x00060007u

/* HV_X64_TABLE_REGISTER: HV_TABLE_* */
#define HV_X64_REGISTER_IDTR 0x00070000u
#define HV_X64_REGISTER_GDTR 0x00070001u

#define HV_X64_REGISTER_TSC             0x00080000u
#define HV_X64_REGISTER_EFER            0x00080001u
#define HV_X64_REGISTER_KERNEL_GS_BASE  0x00080002u
#define HV_X64_REGISTER_APIC_BASE       0x00080003u
#define HV_X64_REGISTER_PAT             0x00080004u
#define HV_X64_REGISTER_SYSENTER_CS     0x00080005u
#define HV_X64_REGISTER_SYSENTER_EIP    0x00080006u
#define HV_X64_REGISTER_SYSENTER_ESP    0x00080007u
#define HV_X64_REGISTER_STAR            0x00080008u
#define HV_X64_REGISTER_LSTAR           0x00080009u
#define HV_X64_REGISTER_CSTAR           0x0008000au
#define HV_X64_REGISTER_SFMASK          0x0008000bu
#define HV_X64_REGISTER_INITIAL_APIC_ID 0x0008000cu
#define HV_X64_REGISTER_TSC_AUX         0x0008007bu

#define HV_X64_REGISTER_HYPERCALL  0x00090001u
#define HV_REGISTER_GUEST_OS_ID    0x00090002u
#define HV_REGISTER_VP_INDEX       0x00090003u
#define HV_REGISTER_TIME_REF_COUNT 0x00090004u
#define HV_REGISTER_VP_ASSIST_PAGE 0x00090013u
/* end: register names */

/* The upper half of a segment register's value; the lower one is the base */
#define HV_SEGMENT_LIMIT       GENMASK(31, 0)
#define HV_SEGMENT_SELECTOR    GENMASK(47, 32)
#define HV_SEGMENT_ATTRIBUTES  GENMASK(63, 48)
#define HV_ATTRIBUTES_RESERVED GENMASK(11, 8)
#define HV_ATTRIBUTES_PRESENT  BIT(7)

/* A table register's value: limit in the lower half, base in the upper one */
#define HV_TABLE_LIMIT   GENMASK(63, 48)
#define HV_TABLE_PADDING GENMASK(47, 0)

/* HvRegisterInterceptSuspend */
#define HV_INTERCEPT_SUSPENDED   BIT(0)
#define HV_INTERCEPT_TLB_INHIBIT BIT(1)

/* Fixed header of 0x0050 and 0x0051 */
struct hv_vp_registers {
	u64 partition_id;
	u32 vp_index;
	u8 input_vtl;
	u8 reserved[3];
};

/* One output element of 0x0050 */
struct hv_register_value {
	u64 low;
	u64 high;
};

/* One input element of 0x0051; that of 0x0050 is the name alone */
struct hv_register_assoc {
	u32 name;
	u32 reserved[3];
	struct hv_register_value value;
};

/* HV_TRANSLATE_GVA_CONTROL_FLAGS; the input VTL is 63:56 */
/* generated: translate flags, from include/abi.toml */
#define HV_TRANSLATE_READ             BIT(0)
#define HV_TRANSLATE_WRITE            BIT(1)
#define HV_TRANSLATE_EXECUTE          BIT(2)
#define HV_TRANSLATE_PRIVILEGE_EXEMPT BIT(3)
#define HV_TRANSLATE_SET_PTE_BITS     BIT(4)
#define HV_TRANSLATE_FLUSH_INHIBIT    BIT(5)
/* end: translate flags */

/* Fixed header of 0x0052 */
struct hv_translate {
	u64 partition_id;
	u32 vp_index;
	u32 padding;
	u64 flags;
	u64 gva_page; /* page number */
};

/* HV_TRANSLATE_GVA_RESULT_CODE */
/* generated: translate codes, from include/abi.toml */
enum hv_translate_code {
	HV_TRANSLATE_SUCCESS = 0,
	HV_TRANSLATE_PAGE_NOT_PRESENT = 1,
	HV_TRANSLATE_PRIVILEGE_VIOLATION = 2,
	HV_TRANSLATE_INVALID_PAGE_TABLE_FLAGS = 3,
	HV_TRANSLATE_GPA_UNMAPPED = 4,
	HV_TRANSLATE_GPA_NO_READ_ACCESS = 5,
	HV_TRANSLATE_GPA_NO_WRITE_ACCESS = 6,
	HV_TRANSLATE_GPA_ILLEGAL_OVERLAY_ACCESS = 7,
	HV_TRANSLATE_INTERCEPT = 8,
};
/* end: translate codes */

/* HV_TRANSLATE_GVA_RESULT */
#define HV_TRANSLATE_RESULT_CODE    GENMASK(31, 0)
#define HV_TRANSLATE_RESULT_CACHE   GENMASK(39, 32) /* as in IA32_PAT */
#define HV_TRANSLATE_RESULT_OVERLAY BIT(40)

/* Output of 0x0052 */
struct hv_translate_output {
	u64 result;
	u64 gpa_page; /* page number; 0 unless the code is SUCCESS */
};

/* generated: layouts, from include/abi.toml */
/* clang-format off */
_Static_assert(sizeof(struct hv_vp_registers) == 16, "hv_vp_registers");
_Static_assert(offsetof(struct hv_vp_registers, partition_id) == 0, "hv_vp_registers");
_Static_assert(offsetof(struct hv_vp_registers, vp_index) == 8, "hv_vp_registers");
_Static_assert(offsetof(struct hv_vp_registers, input_vtl) == 12, "hv_vp_registers");
_Static_assert(sizeof(struct hv_register_value) == 16, "hv_register_value");
_Static_assert(sizeof(struct hv_register_assoc) == 32, "hv_register_assoc");
_Static_assert(offsetof(struct hv_register_assoc, name) == 0, "hv_register_assoc");
_Static_assert(offsetof(struct hv_register_assoc, value) == 16, "hv_register_assoc");
_Static_assert(sizeof(struct hv_translate) == 32, "hv_translate");
_Static_assert(offsetof(struct hv_translate, partition_id) == 0, "hv_translate");
_Static_assert(offsetof(struct hv_translate, vp_index) == 8, "hv_translate");
_Static_assert(offsetof(struct hv_translate, padding) == 12, "hv_translate");
_Static_assert(offsetof(struct hv_translate, flags) == 16, "hv_translate");
_Static_assert(offsetof(struct hv_translate, gva_page) == 24, "hv_translate");
_Static_assert(sizeof(struct hv_translate_output) == 16, "hv_translate_output");
/* clang-format on */
/* end: layouts */

#endif
