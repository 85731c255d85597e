/* SPDX-License-Identifier: MIT */
/* The SDM's entry conditions as expressions (see entry_rules.h). */
#include "support/entry_rules.h"

#include "support/check.h"
#include "support/fake.h"
#include "support/fake_vmcs.h"
#include "x86/cr.h"
#include "x86/msr.h"

#define F(name) port_vmcs_get(VMCS_##name)

/* Returns the rule's name if its condition does not hold. */
#define RULE(name, condition)                                                  \
	do {                                                                   \
		if (!(condition)) {                                            \
			return (name);                                         \
		}                                                              \
	} while (0)

#define ACCESS_TYPE     GENMASK(3, 0)
#define ACCESS_S        BIT(4)
#define ACCESS_P        BIT(7)
#define ACCESS_D        BIT(14)
#define ACCESS_G        BIT(15)
#define ACCESS_RESERVED (GENMASK(31, 17) | GENMASK(11, 8))

static bool is_canonical(u64 address)
{
	return (u64)((s64)(address << 16) >> 16) == address;
}

static bool is_physical(u64 address)
{
	return address >> ENTRY_RULES_MAXPHYADDR == 0;
}

/* "VM-Execution Control Fields", "VM-Entry Control Fields" */
const char *entry_rules_broken_control(void)
{
	u64 pin = F(PIN_CONTROLS);
	u64 proc = F(PROC_CONTROLS);
	u64 proc2 = F(PROC2_CONTROLS);

	RULE("virtual NMIs need NMI exiting",
	     (pin & VMX_PIN_NMI) || !(pin & VMX_PIN_VIRTUAL_NMIS));
	RULE("NMI window needs virtual NMIs",
	     (pin & VMX_PIN_VIRTUAL_NMIS) || !(proc & VMX_PROC_NMI_WINDOW));
	RULE("secondary controls are in use", proc & VMX_PROC_SECONDARY);
	RULE("MSR bitmap in use and aligned",
	     (proc & VMX_PROC_MSR_BITMAPS) &&
		     (F(MSR_BITMAP) & ~PAGE_MASK) == 0 &&
		     is_physical(F(MSR_BITMAP)));
	RULE("VPID is not 0", !(proc2 & VMX_PROC2_VPID) || F(VPID) != 0);
	RULE("unrestricted guest needs EPT",
	     (proc2 & VMX_PROC2_EPT) ||
		     !(proc2 & VMX_PROC2_UNRESTRICTED_GUEST));
	RULE("EPTP: write-back, four levels, no reserved bits",
	     (F(EPT_POINTER) & 0xfff) == 0x1e && is_physical(F(EPT_POINTER)));
	RULE("CR3 targets", F(CR3_TARGET_COUNT) <= 4);
	RULE("host address space size", F(EXIT_CONTROLS) & VMX_EXIT_HOST_64);
	RULE("no MSR lists", F(EXIT_MSR_STORE_COUNT) == 0 &&
				     F(EXIT_MSR_LOAD_COUNT) == 0 &&
				     F(ENTRY_MSR_LOAD_COUNT) == 0);
	return NULL;
}

/* "Checks on Guest Control Registers, Debug Registers, and MSRs" */
static const char *broken_registers(void)
{
	bool ia32e = (F(ENTRY_CONTROLS) & VMX_ENTRY_IA32E) != 0;
	u64 cr0 = F(GUEST_CR0);
	u64 cr4 = F(GUEST_CR4);
	u64 efer = F(GUEST_EFER);

	RULE("CR0.NE is fixed to 1", cr0 & CR0_NE);
	RULE("CR0 upper half is 0", cr0 >> 32 == 0);
	RULE("CR0.PG needs PE", (cr0 & CR0_PE) || !(cr0 & CR0_PG));
	RULE("CR4.VMXE is fixed to 1", cr4 & CR4_VMXE);
	RULE("IA-32e mode guest needs PG and PAE",
	     !ia32e || ((cr0 & CR0_PG) && (cr4 & CR4_PAE)));
	RULE("PCIDE needs IA-32e mode", ia32e || !(cr4 & CR4_PCIDE));
	RULE("CR3 beyond the physical width", is_physical(F(GUEST_CR3)));
	RULE("DR7 upper half is 0", F(GUEST_DR7) >> 32 == 0);
	RULE("SYSENTER addresses", is_canonical(F(GUEST_SYSENTER_ESP)) &&
					   is_canonical(F(GUEST_SYSENTER_EIP)));
	RULE("EFER reserved bits",
	     !(efer & ~(EFER_SCE | EFER_LME | EFER_LMA | EFER_NXE)));
	RULE("EFER.LMA is the IA-32e mode control",
	     ((efer & EFER_LMA) != 0) == ia32e);
	RULE("EFER.LMA equals LME with paging",
	     !(cr0 & CR0_PG) ||
		     ((efer & EFER_LMA) != 0) == ((efer & EFER_LME) != 0));
	for (u32 i = 0; i < 8; i++) {
		u64 type = (F(GUEST_PAT) >> (8 * i)) & 0xff;

		RULE("PAT types", type < 8 && type != 2 && type != 3);
	}
	return NULL;
}

static bool limit_fits(u64 limit, u64 access)
{
	if ((limit & 0xfff) != 0xfff && (access & ACCESS_G)) {
		return false;
	}
	return (limit & 0xfff00000) == 0 || (access & ACCESS_G);
}

struct segment {
	const char *name;
	u32 selector, base, limit, access; /* encodings */
};

#define SEGMENT(_s)                                                            \
	{                                                                      \
#_s, VMCS_GUEST_##_s##_SELECTOR, VMCS_GUEST_##_s##_BASE,       \
			VMCS_GUEST_##_s##_LIMIT, VMCS_GUEST_##_s##_ACCESS      \
	}

static const struct segment data_segments[] = {
	SEGMENT(SS), SEGMENT(DS), SEGMENT(ES), SEGMENT(FS), SEGMENT(GS),
};

static const char *broken_data_segment(const struct segment *s)
{
	u64 access = fake_vmcs.value[s->access];
	bool ss = s == &data_segments[0];
	bool fs_gs = s > &data_segments[2];
	u64 base = fake_vmcs.value[s->base];

	RULE("FS and GS bases are canonical", !fs_gs || is_canonical(base));
	if (access & VMX_ACCESS_UNUSABLE) {
		return NULL;
	}
	RULE("SS, DS, ES bases have 32 bits", fs_gs || base >> 32 == 0);
	RULE("data segment: accessed", access & 1);
	RULE("data segment: readable", !(access & 8) || (access & 2));
	RULE("SS: writable data",
	     !ss || (access & ACCESS_TYPE) == 3 || (access & ACCESS_TYPE) == 7);
	RULE("data segment: code or data", access & ACCESS_S);
	RULE("data segment: present", access & ACCESS_P);
	RULE("data segment: reserved", (access & ACCESS_RESERVED) == 0);
	RULE("data segment: limit",
	     limit_fits(fake_vmcs.value[s->limit], access));
	return NULL;
}

static const char *broken_cs(void)
{
	u64 access = F(GUEST_CS_ACCESS);
	u64 type = access & ACCESS_TYPE;
	u64 dpl = FIELD_GET(VMX_ACCESS_DPL, access);
	u64 ss_dpl = FIELD_GET(VMX_ACCESS_DPL, F(GUEST_SS_ACCESS));
	bool ia32e = (F(ENTRY_CONTROLS) & VMX_ENTRY_IA32E) != 0;

	RULE("CS: usable", !(access & VMX_ACCESS_UNUSABLE));
	RULE("CS: type", type == 3 || (type >= 9 && (type & 1)));
	RULE("CS: code or data", access & ACCESS_S);
	RULE("CS: present", access & ACCESS_P);
	RULE("CS: reserved", (access & ACCESS_RESERVED) == 0);
	RULE("CS: DPL of a data segment is 0", type != 3 || dpl == 0);
	RULE("CS: DPL of code equals SS",
	     (type != 9 && type != 11) || dpl == ss_dpl);
	RULE("CS: DPL of conforming code",
	     (type != 13 && type != 15) || dpl <= ss_dpl);
	RULE("CS: L and D",
	     !ia32e || !(access & VMX_ACCESS_L) || !(access & ACCESS_D));
	RULE("CS: limit", limit_fits(F(GUEST_CS_LIMIT), access));
	RULE("CS: base has 32 bits", F(GUEST_CS_BASE) >> 32 == 0);
	RULE("SS: DPL 0 in real mode",
	     (type != 3 && (F(GUEST_CR0) & CR0_PE)) || ss_dpl == 0);
	return NULL;
}

static const char *broken_system_segments(void)
{
	u64 tr = F(GUEST_TR_ACCESS);
	u64 ldtr = F(GUEST_LDTR_ACCESS);
	bool ia32e = (F(ENTRY_CONTROLS) & VMX_ENTRY_IA32E) != 0;

	RULE("TR: usable", !(tr & VMX_ACCESS_UNUSABLE));
	RULE("TR: busy TSS",
	     (tr & ACCESS_TYPE) == 11 || ((tr & ACCESS_TYPE) == 3 && !ia32e));
	RULE("TR: S, P, reserved",
	     !(tr & ACCESS_S) && (tr & ACCESS_P) && !(tr & ACCESS_RESERVED));
	RULE("TR: limit", limit_fits(F(GUEST_TR_LIMIT), tr));
	RULE("TR: TI is 0", !(F(GUEST_TR_SELECTOR) & BIT(2)));
	RULE("TR: base", is_canonical(F(GUEST_TR_BASE)));
	if (!(ldtr & VMX_ACCESS_UNUSABLE)) {
		RULE("LDTR: type", (ldtr & ACCESS_TYPE) == 2);
		RULE("LDTR: S, P, reserved", !(ldtr & ACCESS_S) &&
						     (ldtr & ACCESS_P) &&
						     !(ldtr & ACCESS_RESERVED));
		RULE("LDTR: limit", limit_fits(F(GUEST_LDTR_LIMIT), ldtr));
		RULE("LDTR: TI is 0", !(F(GUEST_LDTR_SELECTOR) & BIT(2)));
		RULE("LDTR: base", is_canonical(F(GUEST_LDTR_BASE)));
	}
	RULE("GDTR, IDTR limits",
	     F(GUEST_GDTR_LIMIT) >> 16 == 0 && F(GUEST_IDTR_LIMIT) >> 16 == 0);
	RULE("GDTR, IDTR bases", is_canonical(F(GUEST_GDTR_BASE)) &&
					 is_canonical(F(GUEST_IDTR_BASE)));
	return NULL;
}

/* "Checks on Guest RIP and RFLAGS", "… Guest Non-Register State", PDPTEs */
static const char *broken_rest(void)
{
	u64 event = F(ENTRY_INTERRUPTION_INFO);
	u64 type = FIELD_GET(VMX_INTR_TYPE, event);
	u64 blocking = F(GUEST_INTERRUPTIBILITY);
	u64 flags = F(GUEST_RFLAGS);
	bool long_mode = (F(ENTRY_CONTROLS) & VMX_ENTRY_IA32E) != 0 &&
			 (F(GUEST_CS_ACCESS) & VMX_ACCESS_L) != 0;
	bool pae = (F(GUEST_CR0) & CR0_PG) && (F(GUEST_CR4) & CR4_PAE) &&
		   !(F(ENTRY_CONTROLS) & VMX_ENTRY_IA32E);

	RULE("RIP has 32 bits", long_mode || F(GUEST_RIP) >> 32 == 0);
	RULE("RIP is canonical", is_canonical(F(GUEST_RIP)));
	RULE("VM86 outside IA-32e mode and in protected mode",
	     !(flags & RFLAGS_VM) || (!(F(ENTRY_CONTROLS) & VMX_ENTRY_IA32E) &&
				      (F(GUEST_CR0) & CR0_PE)));
	RULE("RFLAGS reserved",
	     (flags & RFLAGS_FIXED) && !(flags & 0xffffffffffc08028));
	RULE("activity: active", F(GUEST_ACTIVITY) == 0);
	RULE("interruptibility: reserved", blocking >> 5 == 0);
	RULE("STI and MOV SS", (blocking & 3) != 3);
	RULE("STI needs IF",
	     !(blocking & VMX_BLOCKING_STI) || (flags & RFLAGS_IF));
	RULE("link pointer", F(LINK_POINTER) == ~0ull);
	for (u32 i = 0; pae && i < 4; i++) {
		u64 pdpte = fake_vmcs.value[VMCS_GUEST_PDPTE0 + 2 * i];

		RULE("PDPTE reserved bits",
		     !(pdpte & 1) || (!(pdpte & 0x1e6) && is_physical(pdpte)));
	}
	if (!(event & VMX_INTR_VALID)) {
		return NULL;
	}
	RULE("event: external needs IF and no shadow",
	     type != VMX_INTR_EXTERNAL ||
		     ((flags & RFLAGS_IF) && !(blocking & 3)));
	RULE("event: NMI and MOV SS, STI",
	     type != VMX_INTR_NMI || !(blocking & 3));
	RULE("event: NMI while blocked",
	     type != VMX_INTR_NMI || !(blocking & VMX_BLOCKING_NMI));
	RULE("event: error code in real mode",
	     !(event & VMX_INTR_ERROR_VALID) || (F(GUEST_CR0) & CR0_PE));
	return NULL;
}

/* "If the guest will be virtual-8086" */
static const char *broken_v86(void)
{
	RULE("VM86: CS", F(GUEST_CS_ACCESS) == 0xf3 &&
				 F(GUEST_CS_LIMIT) == 0xffff &&
				 F(GUEST_CS_BASE) == F(GUEST_CS_SELECTOR) * 16);
	for (u32 i = 0; i < ARRAY_SIZE(data_segments); i++) {
		const struct segment *s = &data_segments[i];

		RULE("VM86: access", fake_vmcs.value[s->access] == 0xf3);
		RULE("VM86: limit", fake_vmcs.value[s->limit] == 0xffff);
		RULE("VM86: base", fake_vmcs.value[s->base] ==
					   fake_vmcs.value[s->selector] * 16);
	}
	return NULL;
}

const char *entry_rules_broken_guest(void)
{
	const char *broken = broken_registers();

	if (broken == NULL && (F(GUEST_RFLAGS) & RFLAGS_VM)) {
		broken = broken_v86();
		if (broken == NULL) {
			broken = broken_system_segments();
		}
		return broken == NULL ? broken_rest() : broken;
	}
	for (u32 i = 0; i < ARRAY_SIZE(data_segments) && broken == NULL; i++) {
		broken = broken_data_segment(&data_segments[i]);
	}
	if (broken == NULL) {
		broken = broken_cs();
	}
	if (broken == NULL) {
		broken = broken_system_segments();
	}
	return broken == NULL ? broken_rest() : broken;
}

static void check_null(const char *broken)
{
	if (broken != NULL) {
		check_fail(__FILE__, __LINE__, "entry rule: %s", broken);
	}
}

void entry_rules_check_controls(void)
{
	check_null(entry_rules_broken_control());
}

/* Advances RIP as the dispatcher does: EIP wraps outside 64-bit mode. */
void entry_rules_check_guest_ahead(u64 bytes)
{
	u64 rip = F(GUEST_RIP);
	bool long_mode = (F(ENTRY_CONTROLS) & VMX_ENTRY_IA32E) != 0 &&
			 (F(GUEST_CS_ACCESS) & VMX_ACCESS_L) != 0;
	u64 next = rip + bytes;

	if ((next ^ rip) >> 32 != 0 && !long_mode) {
		next = (u32)next;
	}
	port_vmcs_set(VMCS_GUEST_RIP, next);
	check_null(entry_rules_broken_guest());
	port_vmcs_set(VMCS_GUEST_RIP, rip);
}

void entry_rules_check_guest(void)
{
	check_null(entry_rules_broken_guest());
}
