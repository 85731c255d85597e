/* SPDX-License-Identifier: MIT */
/*
 * SDM 1, "Operand Addressing"; SDM 3A, "Limit Checking" and "Type Checking".
 */
#include "core/vp/operand.h"

#include "core/port/vmcs.h"
#include "core/state/vp.h"
#include "core/vp/entry_check.h"
#include "x86/cr.h"
#include "x86/exception.h"
#include "x86/msr.h"

#define INFO_SCALE      GENMASK(1, 0)
#define INFO_SIZE       GENMASK(9, 7)
#define INFO_SEGMENT    GENMASK(17, 15)
#define INFO_INDEX      GENMASK(21, 18)
#define INFO_NO_INDEX   BIT(22)
#define INFO_BASE       GENMASK(26, 23)
#define INFO_NO_BASE    BIT(27)
#define SIZE_16         0
#define SIZE_32         1
#define SEGMENT_SS      2
#define SEGMENT_FS      4
#define ACCESS_CODE     BIT(3)
#define ACCESS_DOWN     BIT(2) /* of data: expand-down */
#define ACCESS_READABLE BIT(1) /* of code */
#define ACCESS_BIG      BIT(14)

/* Fields of one segment register stand in the same order, 2 apart */
#define SEGMENT_FIELD(_field, which)                                           \
	((enum vmcs_field)(VMCS_GUEST_ES_##_field + 2 * (which)))

static bool is_64bit(void)
{
	return (port_vmcs_get(VMCS_GUEST_CS_ACCESS) & VMX_ACCESS_L) &&
	       (port_vmcs_get(VMCS_GUEST_EFER) & EFER_LMA);
}

u64 operand_register(const struct vp *vp, u64 reg)
{
	u64 value = reg == GPR_RSP ? port_vmcs_get(VMCS_GUEST_RSP)
				   : vp->own.gpr[reg];

	return is_64bit() ? value : (u32)value;
}

static u64 offset_of(const struct vp *vp, const struct operand *operand)
{
	u64 info = operand->info;
	u64 offset = operand->displacement;

	if (!(info & INFO_NO_BASE)) {
		offset += operand_register(vp, FIELD_GET(INFO_BASE, info));
	}
	if (!(info & INFO_NO_INDEX)) {
		offset += operand_register(vp, FIELD_GET(INFO_INDEX, info))
			  << FIELD_GET(INFO_SCALE, info);
	}
	switch (FIELD_GET(INFO_SIZE, info)) {
	case SIZE_16:
		return (u16)offset;
	case SIZE_32:
		return (u32)offset;
	default:
		return offset;
	}
}

/* Is [offset, last] inside the segment? */
static bool is_inside(u64 access, u64 limit, u64 offset, u64 last)
{
	bool is_down = !(access & ACCESS_CODE) && (access & ACCESS_DOWN);
	u64 top = access & ACCESS_BIG ? 0xffffffff : 0xffff;

	return is_down ? offset > limit && last <= top : last <= limit;
}

static bool may_read(u64 access)
{
	if (!(port_vmcs_get(VMCS_GUEST_CR0) & CR0_PE)) {
		return true;
	}
	return !(access & VMX_ACCESS_UNUSABLE) &&
	       (!(access & ACCESS_CODE) || (access & ACCESS_READABLE));
}

bool operand_address(const struct vp *vp, const struct operand *operand,
		     gva_t *address, u8 *vector)
{
	u64 segment = FIELD_GET(INFO_SEGMENT, operand->info);
	u64 base = port_vmcs_get(SEGMENT_FIELD(BASE, segment));
	u64 access = port_vmcs_get(SEGMENT_FIELD(ACCESS, segment));
	u64 limit = port_vmcs_get(SEGMENT_FIELD(LIMIT, segment));
	u64 offset = offset_of(vp, operand);
	u64 last = offset + operand->len - 1;

	*vector = segment == SEGMENT_SS ? X86_VECTOR_SS : X86_VECTOR_GP;
	if (is_64bit()) {
		base = segment >= SEGMENT_FS ? base : 0;
		address->v = base + offset;
		return entry_check_canonical(base + offset) &&
		       entry_check_canonical(base + last);
	}
	address->v = (u32)(base + offset);
	return may_read(access) && is_inside(access, limit, offset, last);
}

gva_t operand_byte(gva_t address, u64 n)
{
	u64 at = address.v + n;

	return (gva_t){is_64bit() ? at : (u32)at};
}
