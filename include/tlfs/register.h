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

#define HV_REGISTER_INTERCEPT_SUSPEND 0x00000001u

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
_Static_assert(sizeof(struct hv_vp_registers) == 16, "0x0050, input");
_Static_assert(offsetof(struct hv_vp_registers, input_vtl) == 12, "0x0050 VTL");

/* One output element of 0x0050 */
struct hv_register_value {
	u64 low;
	u64 high;
};
_Static_assert(sizeof(struct hv_register_value) == 16, "HV_REGISTER_VALUE");

/* One input element of 0x0051; that of 0x0050 is the name alone */
struct hv_register_assoc {
	u32 name;
	u32 reserved[3];
	struct hv_register_value value;
};
_Static_assert(sizeof(struct hv_register_assoc) == 32, "HV_REGISTER_ASSOC");
_Static_assert(offsetof(struct hv_register_assoc, value) == 16, "0x0051 value");

/* HV_TRANSLATE_GVA_CONTROL_FLAGS; the input VTL is 63:56 */
#define HV_TRANSLATE_READ             BIT(0)
#define HV_TRANSLATE_WRITE            BIT(1)
#define HV_TRANSLATE_EXECUTE          BIT(2)
#define HV_TRANSLATE_PRIVILEGE_EXEMPT BIT(3)
#define HV_TRANSLATE_SET_PTE_BITS     BIT(4)
#define HV_TRANSLATE_FLUSH_INHIBIT    BIT(5)

/* Fixed header of 0x0052 */
struct hv_translate {
	u64 partition_id;
	u32 vp_index;
	u32 padding;
	u64 flags;
	u64 gva_page; /* page number */
};
_Static_assert(sizeof(struct hv_translate) == 32, "0x0052, input");
_Static_assert(offsetof(struct hv_translate, flags) == 16, "0x0052 flags");

/* HV_TRANSLATE_GVA_RESULT_CODE */
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

/* HV_TRANSLATE_GVA_RESULT */
#define HV_TRANSLATE_RESULT_CODE    GENMASK(31, 0)
#define HV_TRANSLATE_RESULT_CACHE   GENMASK(39, 32) /* as in IA32_PAT */
#define HV_TRANSLATE_RESULT_OVERLAY BIT(40)

/* Output of 0x0052 */
struct hv_translate_output {
	u64 result;
	u64 gpa_page; /* page number; 0 unless the code is SUCCESS */
};
_Static_assert(sizeof(struct hv_translate_output) == 16, "0x0052, output");

#endif
