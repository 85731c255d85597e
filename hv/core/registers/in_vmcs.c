/* SPDX-License-Identifier: MIT */
/*
 * Registers in the VMCS. A new value is written, the whole guest state is
 * checked as the next VM entry will, and a value that it would refuse is taken
 * back.
 */
#include "core/paging/guest_view.h"
#include "core/port/vmcs.h"
#include "core/registers/control.h"
#include "core/registers/registers.h"
#include "core/state/vp.h"
#include "core/vp/cr.h"
#include "core/vp/entry_check.h"
#include "core/vp/inject.h"

#define UNDO_MAX 12

/* DR7: SDM 3A, "Debug Control Register (DR7)" */
#define DR7_RESERVED (GENMASK(63, 32) | BIT(15) | BIT(14) | BIT(12))

/* Fields of one segment register stand in the same order, 2 apart */
#define SEGMENT_FIELD(_field, which)                                           \
	((enum vmcs_field)(VMCS_GUEST_ES_##_field + 2 * (which)))

/* Old values, in the order of the writes. */
struct undo {
	u32 count;
	struct {
		enum vmcs_field field;
		u64 value;
	} old[UNDO_MAX];
};

static void note(struct undo *undo, enum vmcs_field field)
{
	HV_ASSERT(undo->count < UNDO_MAX);
	undo->old[undo->count].field = field;
	undo->old[undo->count].value = port_vmcs_get(field);
	undo->count++;
}

static void put(struct undo *undo, enum vmcs_field field, u64 value)
{
	note(undo, field);
	port_vmcs_set(field, value);
}

static void take_back(const struct undo *undo)
{
	for (u32 i = undo->count; i-- > 0;) {
		port_vmcs_set(undo->old[i].field, undo->old[i].value);
	}
}

/* The end of each set: keeps the new state, or restores the old one. */
static bool keep(const struct reg_access *a, const struct undo *undo)
{
	if (entry_check_guest(a->vp, a->ahead)) {
		return true;
	}
	take_back(undo);
	return false;
}

/* The caller's own RIP is the one after its VMCALL: where it goes on. */
static u64 next_rip(const struct reg_access *a)
{
	u64 next = port_vmcs_get(VMCS_GUEST_RIP) + a->ahead;
	bool is_64bit =
		(port_vmcs_get(VMCS_ENTRY_CONTROLS) & VMX_ENTRY_IA32E) &&
		(port_vmcs_get(VMCS_GUEST_CS_ACCESS) & VMX_ACCESS_L);

	return is_64bit ? next : (u32)next;
}

/*
 * The start of each set. If the advance over the VMCALL wraps EIP, it does so
 * before the change, which may be one of the mode.
 */
static void begin(const struct reg_access *a, struct undo *undo)
{
	undo->count = 0;
	inject_take_back(a->vp);
	put(undo, VMCS_GUEST_RIP, next_rip(a) - a->ahead);
}

/* ---- RSP, RIP, RFLAGS ---- */

static bool get_rsp(const struct reg_access *a, struct hv_register_value *v)
{
	(void)a;
	v->low = port_vmcs_get(VMCS_GUEST_RSP);
	return true;
}

static bool set_rsp(const struct reg_access *a,
		    const struct hv_register_value *v)
{
	(void)a;
	port_vmcs_set(VMCS_GUEST_RSP, v->low);
	return true;
}

const struct reg_ops reg_rsp = {.get = get_rsp, .set = set_rsp};

static bool get_rip(const struct reg_access *a, struct hv_register_value *v)
{
	v->low = next_rip(a);
	return true;
}

static bool set_rip(const struct reg_access *a,
		    const struct hv_register_value *v)
{
	struct undo undo;

	begin(a, &undo);
	put(&undo, VMCS_GUEST_RIP, v->low - a->ahead);
	if (!keep(a, &undo)) {
		return false;
	}
	reg_request_leave(a->vp);
	return true;
}

const struct reg_ops reg_rip = {.get = get_rip, .set = set_rip};

static bool get_rflags(const struct reg_access *a, struct hv_register_value *v)
{
	(void)a;
	v->low = port_vmcs_get(VMCS_GUEST_RFLAGS);
	return true;
}

/* The shadow of STI or MOV SS belonged to the old flags. */
static bool set_rflags(const struct reg_access *a,
		       const struct hv_register_value *v)
{
	struct undo undo;

	begin(a, &undo);
	put(&undo, VMCS_GUEST_RFLAGS, v->low);
	put(&undo, VMCS_GUEST_INTERRUPTIBILITY,
	    port_vmcs_get(VMCS_GUEST_INTERRUPTIBILITY) &
		    ~(VMX_BLOCKING_STI | VMX_BLOCKING_MOV_SS));
	put(&undo, VMCS_GUEST_PENDING_DEBUG,
	    port_vmcs_get(VMCS_GUEST_PENDING_DEBUG) & ~VMX_PENDING_DEBUG_BS);
	return keep(a, &undo);
}

const struct reg_ops reg_rflags = {.get = get_rflags, .set = set_rflags};

/* ---- CR0, CR3, CR4, EFER ---- */

static const enum vmcs_field control_fields[] = {
	VMCS_GUEST_CR0,      VMCS_CR0_SHADOW,   VMCS_GUEST_CR3,
	VMCS_GUEST_CR4,      VMCS_CR4_SHADOW,   VMCS_GUEST_EFER,
	VMCS_ENTRY_CONTROLS, VMCS_GUEST_PDPTE0, VMCS_GUEST_PDPTE1,
	VMCS_GUEST_PDPTE2,   VMCS_GUEST_PDPTE3,
};
_Static_assert(ARRAY_SIZE(control_fields) < UNDO_MAX, "UNDO_MAX");

static bool get_control(const struct reg_access *a, struct hv_register_value *v)
{
	switch (a->which) {
	case REG_CR0:
		v->low = view_cr0();
		break;
	case REG_CR3:
		v->low = view_cr3(a->vp);
		break;
	case REG_CR4:
		v->low = view_cr4();
		break;
	default:
		v->low = view_efer(a->vp);
		break;
	}
	return true;
}

static bool set_control(const struct reg_access *a,
			const struct hv_register_value *v)
{
	static bool (*const writers[])(struct vp * vp, u64 value) = {
		[REG_CR0] = cr_write_cr0,
		[REG_CR3] = cr_set_cr3,
		[REG_CR4] = cr_set_cr4,
		[REG_EFER] = cr_set_efer,
	};
	struct guest_view old = a->vp->own.view;
	struct undo undo;

	begin(a, &undo);
	for (u32 i = 0; i < ARRAY_SIZE(control_fields); i++) {
		note(&undo, control_fields[i]);
	}
	if (!writers[a->which](a->vp, v->low)) {
		return false;
	}
	if (!keep(a, &undo)) {
		a->vp->own.view = old;
		return false;
	}
	return true;
}

const struct reg_ops reg_control = {.get = get_control, .set = set_control};

static bool get_dr7(const struct reg_access *a, struct hv_register_value *v)
{
	(void)a;
	v->low = port_vmcs_get(VMCS_GUEST_DR7);
	return true;
}

static bool set_dr7(const struct reg_access *a,
		    const struct hv_register_value *v)
{
	(void)a;
	if (v->low & DR7_RESERVED) {
		return false;
	}
	port_vmcs_set(VMCS_GUEST_DR7, v->low | DR7_RESET);
	return true;
}

const struct reg_ops reg_dr7 = {.get = get_dr7, .set = set_dr7};

/* ---- segments and tables ---- */

/* TLFS has no bit for "unusable": such a segment is not present. */
static bool get_segment(const struct reg_access *a, struct hv_register_value *v)
{
	u64 access = port_vmcs_get(SEGMENT_FIELD(ACCESS, a->which));
	u64 selector = port_vmcs_get(SEGMENT_FIELD(SELECTOR, a->which));
	u64 limit = port_vmcs_get(SEGMENT_FIELD(LIMIT, a->which));
	u64 attributes = access & 0xffff & ~HV_ATTRIBUTES_RESERVED;

	if (access & VMX_ACCESS_UNUSABLE) {
		attributes &= ~HV_ATTRIBUTES_PRESENT;
	}
	v->low = port_vmcs_get(SEGMENT_FIELD(BASE, a->which));
	v->high = FIELD_PREP(HV_SEGMENT_LIMIT, limit) |
		  FIELD_PREP(HV_SEGMENT_SELECTOR, selector) |
		  FIELD_PREP(HV_SEGMENT_ATTRIBUTES, attributes);
	return true;
}

static bool set_segment(const struct reg_access *a,
			const struct hv_register_value *v)
{
	u64 access = FIELD_GET(HV_SEGMENT_ATTRIBUTES, v->high);
	struct undo undo;

	if (access & HV_ATTRIBUTES_RESERVED) {
		return false;
	}
	if (!(access & HV_ATTRIBUTES_PRESENT)) {
		access |= VMX_ACCESS_UNUSABLE;
	}
	begin(a, &undo);
	put(&undo, SEGMENT_FIELD(BASE, a->which), v->low);
	put(&undo, SEGMENT_FIELD(LIMIT, a->which),
	    FIELD_GET(HV_SEGMENT_LIMIT, v->high));
	put(&undo, SEGMENT_FIELD(SELECTOR, a->which),
	    FIELD_GET(HV_SEGMENT_SELECTOR, v->high));
	put(&undo, SEGMENT_FIELD(ACCESS, a->which), access);
	return keep(a, &undo);
}

const struct reg_ops reg_segment = {
	.get = get_segment, .set = set_segment, .is_128 = true};

static const struct {
	enum vmcs_field base;
	enum vmcs_field limit;
} tables[] = {
	[REG_GDTR] = {VMCS_GUEST_GDTR_BASE, VMCS_GUEST_GDTR_LIMIT},
	[REG_IDTR] = {VMCS_GUEST_IDTR_BASE, VMCS_GUEST_IDTR_LIMIT},
};

static bool get_table(const struct reg_access *a, struct hv_register_value *v)
{
	v->low = FIELD_PREP(HV_TABLE_LIMIT,
			    port_vmcs_get(tables[a->which].limit));
	v->high = port_vmcs_get(tables[a->which].base);
	return true;
}

static bool set_table(const struct reg_access *a,
		      const struct hv_register_value *v)
{
	struct undo undo;

	/* the padding is not looked at */
	begin(a, &undo);
	put(&undo, tables[a->which].base, v->high);
	put(&undo, tables[a->which].limit, FIELD_GET(HV_TABLE_LIMIT, v->low));
	return keep(a, &undo);
}

const struct reg_ops reg_descriptor_table = {
	.get = get_table, .set = set_table, .is_128 = true};

/* ---- MSRs that are one field ---- */

static bool get_field(const struct reg_access *a, struct hv_register_value *v)
{
	v->low = port_vmcs_get((enum vmcs_field)a->which);
	return true;
}

static bool set_field(const struct reg_access *a,
		      const struct hv_register_value *v)
{
	struct undo undo;

	begin(a, &undo);
	put(&undo, (enum vmcs_field)a->which, v->low);
	return keep(a, &undo);
}

static bool set_field32(const struct reg_access *a,
			const struct hv_register_value *v)
{
	return v->low >> 32 == 0 && set_field(a, v);
}

const struct reg_ops reg_field = {.get = get_field, .set = set_field};
const struct reg_ops reg_field32 = {.get = get_field, .set = set_field32};
