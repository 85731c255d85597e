/* SPDX-License-Identifier: MIT */
/* The SDM's conditions, group by group, in the order of its sections. */
#include "core/vp/entry_check.h"

#include "base/bits.h"
#include "core/port/vmcs.h"
#include "core/state/vp.h"
#include "x86/cr.h"
#include "x86/msr.h"

/* Access rights: SDM 3C, "Guest Register State" */
#define ACCESS_TYPE     GENMASK(3, 0)
#define ACCESS_S        BIT(4)
#define ACCESS_P        BIT(7)
#define ACCESS_D        BIT(14)
#define ACCESS_G        BIT(15)
#define ACCESS_RESERVED (GENMASK(31, 17) | GENMASK(11, 8))
#define ACCESS_V86      0xf3

#define TYPE_ACCESSED  1
#define TYPE_READABLE  2 /* of code */
#define TYPE_CODE      8
#define TYPE_LDT       2
#define TYPE_TSS16     3 /* busy */
#define TYPE_TSS       11
#define TYPE_DATA_UP   3 /* read/write, expand-up, accessed */
#define TYPE_DATA_DOWN 7
#define SELECTOR_TI    BIT(2)

/* #DF, #TS to #PF, #AC */
#define EXCEPTIONS_WITH_CODE (BIT(8) | GENMASK(14, 10) | BIT(17))

#define RFLAGS_RESERVED (GENMASK(63, 22) | BIT(15) | BIT(5) | BIT(3))

/* Facts that several groups need */
struct mode {
	bool ia32e;
	bool v86;
	u64 cr0;
	u64 rflags;
};

struct segment {
	enum vmcs_field selector, base, limit, access;
};

#define SEGMENT(_s)                                                            \
	{                                                                      \
		VMCS_GUEST_##_s##_SELECTOR, VMCS_GUEST_##_s##_BASE,            \
			VMCS_GUEST_##_s##_LIMIT, VMCS_GUEST_##_s##_ACCESS      \
	}

enum { CS, SS, DS, ES, FS, GS, SEGMENTS };

static const struct segment segments[SEGMENTS] = {
	SEGMENT(CS), SEGMENT(SS), SEGMENT(DS),
	SEGMENT(ES), SEGMENT(FS), SEGMENT(GS),
};
static const struct segment tr = SEGMENT(TR);
static const struct segment ldtr = SEGMENT(LDTR);

static u64 type_of(u64 access)
{
	return access & ACCESS_TYPE;
}

static u64 dpl_of(u64 access)
{
	return FIELD_GET(VMX_ACCESS_DPL, access);
}

static bool is_usable(u64 access)
{
	return !(access & VMX_ACCESS_UNUSABLE);
}

static bool pat_ok(u64 pat)
{
	for (u32 i = 0; i < 8; i++) {
		u64 type = (pat >> (8 * i)) & 0xff;

		if (type > PAT_UCMINUS || type == 2 || type == 3) {
			return false;
		}
	}
	return true;
}

/* "Checks on Guest Control Registers, Debug Registers, and MSRs" */
static bool registers_ok(const struct mode *m)
{
	u64 cr4 = port_vmcs_get(VMCS_GUEST_CR4);
	u64 efer = port_vmcs_get(VMCS_GUEST_EFER);
	bool lma = (efer & EFER_LMA) != 0;
	bool lme = (efer & EFER_LME) != 0;
	bool paging = (m->cr0 & CR0_PG) != 0;

	if (m->cr0 >> 32 != 0 || !(m->cr0 & CR0_NE) || !(cr4 & CR4_VMXE) ||
	    (paging && !(m->cr0 & CR0_PE))) {
		return false;
	}
	if (m->ia32e && !(paging && (cr4 & CR4_PAE))) {
		return false;
	}
	if (lma != m->ia32e || (paging && lma != lme)) {
		return false;
	}
	return port_vmcs_get(VMCS_GUEST_DR7) >> 32 == 0 &&
	       entry_check_canonical(port_vmcs_get(VMCS_GUEST_SYSENTER_ESP)) &&
	       entry_check_canonical(port_vmcs_get(VMCS_GUEST_SYSENTER_EIP)) &&
	       pat_ok(port_vmcs_get(VMCS_GUEST_PAT));
}

static bool limit_ok(u64 limit, u64 access)
{
	if (access & ACCESS_G) {
		return (limit & 0xfff) == 0xfff;
	}
	return limit >> 20 == 0;
}

/* What every usable segment has; S is `code_or_data`. */
static bool common_ok(const struct segment *s, u64 access, bool code_or_data)
{
	return ((access & ACCESS_S) != 0) == code_or_data &&
	       (access & ACCESS_P) && !(access & ACCESS_RESERVED) &&
	       limit_ok(port_vmcs_get(s->limit), access);
}

static bool cs_ok(const struct mode *m, u64 cs, u64 ss)
{
	u64 type = type_of(cs);
	bool dpl_ok = false;

	switch (type) {
	case TYPE_DATA_UP:
		dpl_ok = dpl_of(cs) == 0;
		break;
	case 9:
	case 11:
		dpl_ok = dpl_of(cs) == dpl_of(ss);
		break;
	case 13:
	case 15:
		dpl_ok = dpl_of(cs) <= dpl_of(ss);
		break;
	default:
		break;
	}
	/* D and L together have no meaning outside IA-32e mode */
	return is_usable(cs) && dpl_ok && common_ok(&segments[CS], cs, true) &&
	       !(m->ia32e && (cs & VMX_ACCESS_L) && (cs & ACCESS_D)) &&
	       port_vmcs_get(VMCS_GUEST_CS_BASE) >> 32 == 0;
}

static bool ss_ok(const struct mode *m, u64 cs, u64 ss)
{
	u64 type = type_of(ss);

	if ((type_of(cs) == TYPE_DATA_UP || !(m->cr0 & CR0_PE)) &&
	    dpl_of(ss) != 0) {
		return false;
	}
	if (!is_usable(ss)) {
		return true;
	}
	return (type == TYPE_DATA_UP || type == TYPE_DATA_DOWN) &&
	       common_ok(&segments[SS], ss, true) &&
	       port_vmcs_get(VMCS_GUEST_SS_BASE) >> 32 == 0;
}

/* DS, ES, FS, GS */
static bool data_ok(u32 i)
{
	const struct segment *s = &segments[i];
	u64 access = port_vmcs_get(s->access);
	u64 base = port_vmcs_get(s->base);
	u64 type = type_of(access);

	if (i >= FS && !entry_check_canonical(base)) {
		return false;
	}
	if (!is_usable(access)) {
		return true;
	}
	return (type & TYPE_ACCESSED) &&
	       (!(type & TYPE_CODE) || (type & TYPE_READABLE)) &&
	       common_ok(s, access, true) && (i >= FS || base >> 32 == 0);
}

static bool v86_ok(void)
{
	for (u32 i = 0; i < SEGMENTS; i++) {
		const struct segment *s = &segments[i];

		if (port_vmcs_get(s->access) != ACCESS_V86 ||
		    port_vmcs_get(s->limit) != 0xffff ||
		    port_vmcs_get(s->base) != port_vmcs_get(s->selector) << 4) {
			return false;
		}
	}
	return true;
}

static bool system_ok(const struct mode *m)
{
	u64 tss = port_vmcs_get(tr.access);
	u64 ldt = port_vmcs_get(ldtr.access);

	if (!is_usable(tss) || !common_ok(&tr, tss, false) ||
	    (port_vmcs_get(tr.selector) & SELECTOR_TI) ||
	    !entry_check_canonical(port_vmcs_get(tr.base))) {
		return false;
	}
	if (type_of(tss) != TYPE_TSS &&
	    (m->ia32e || type_of(tss) != TYPE_TSS16)) {
		return false;
	}
	return !is_usable(ldt) ||
	       (type_of(ldt) == TYPE_LDT && common_ok(&ldtr, ldt, false) &&
		!(port_vmcs_get(ldtr.selector) & SELECTOR_TI) &&
		entry_check_canonical(port_vmcs_get(ldtr.base)));
}

/* "Checks on Guest Segment Registers" and "… Descriptor-Table Registers" */
static bool segments_ok(const struct mode *m)
{
	u64 cs = port_vmcs_get(VMCS_GUEST_CS_ACCESS);
	u64 ss = port_vmcs_get(VMCS_GUEST_SS_ACCESS);

	if (m->v86) {
		if (!v86_ok()) {
			return false;
		}
	} else if (!cs_ok(m, cs, ss) || !ss_ok(m, cs, ss) || !data_ok(DS) ||
		   !data_ok(ES) || !data_ok(FS) || !data_ok(GS)) {
		return false;
	}
	return system_ok(m) &&
	       port_vmcs_get(VMCS_GUEST_GDTR_LIMIT) >> 16 == 0 &&
	       port_vmcs_get(VMCS_GUEST_IDTR_LIMIT) >> 16 == 0 &&
	       entry_check_canonical(port_vmcs_get(VMCS_GUEST_GDTR_BASE)) &&
	       entry_check_canonical(port_vmcs_get(VMCS_GUEST_IDTR_BASE));
}

static bool rip_ok(const struct mode *m, u64 ahead)
{
	u64 next = port_vmcs_get(VMCS_GUEST_RIP) + ahead;
	bool is_64bit = m->ia32e && (port_vmcs_get(VMCS_GUEST_CS_ACCESS) &
				     VMX_ACCESS_L) != 0;

	return is_64bit ? entry_check_canonical(next) : next >> 32 == 0;
}

/*
 * "VM-Entry Controls for Event Injection". A prepared event is an exception
 * here (registers/in_vmcs.c takes interrupts and NMIs back): one that has an
 * error code comes with it in protected mode and without it in real mode.
 */
static bool event_ok(const struct mode *m, u32 event)
{
	u64 vector = FIELD_GET(VMX_INTR_VECTOR, event);
	bool has_code = vector < 32 && (EXCEPTIONS_WITH_CODE & BIT(vector));
	bool wants_code = has_code && (m->cr0 & CR0_PE);

	return event == 0 ||
	       FIELD_GET(VMX_INTR_TYPE, event) != VMX_INTR_HW_EXCEPTION ||
	       ((event & VMX_INTR_ERROR_VALID) != 0) == wants_code;
}

/* "Checks on Guest RIP and RFLAGS", "… Non-Register State" */
static bool rest_ok(const struct mode *m, const struct vp *vp, u64 ahead)
{
	u64 blocking = port_vmcs_get(VMCS_GUEST_INTERRUPTIBILITY);

	if ((m->rflags & RFLAGS_RESERVED) || !(m->rflags & RFLAGS_FIXED)) {
		return false;
	}
	if (m->v86 && (m->ia32e || !(m->cr0 & CR0_PE))) {
		return false;
	}
	if ((blocking & VMX_BLOCKING_STI) && !(m->rflags & RFLAGS_IF)) {
		return false;
	}
	return event_ok(m, vp->own.entry_event) && rip_ok(m, ahead);
}

bool entry_check_guest(const struct vp *vp, u64 rip_ahead)
{
	struct mode m = {
		.ia32e = (port_vmcs_get(VMCS_ENTRY_CONTROLS) &
			  VMX_ENTRY_IA32E) != 0,
		.cr0 = port_vmcs_get(VMCS_GUEST_CR0),
		.rflags = port_vmcs_get(VMCS_GUEST_RFLAGS),
	};

	m.v86 = (m.rflags & RFLAGS_VM) != 0;
	return registers_ok(&m) && segments_ok(&m) &&
	       rest_ok(&m, vp, rip_ahead);
}
