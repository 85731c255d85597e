/* SPDX-License-Identifier: MIT */
/* A VP for tests of register calls (see reg_vp.h). */
#include "support/reg_vp.h"

#include <string.h>

#include "core/apic/interrupts.h"
#include "core/vp/cr.h"
#include "core/vp/vmcs_plan.h"
#include "support/check.h"
#include "support/entry_rules.h"
#include "support/fake_vmcs.h"
#include "x86/cpuid.h"
#include "x86/cr.h"
#include "x86/msr.h"

#define OUT     0x9000
#define CODE_64 0xa09bu

#define CR4_GUEST                                                              \
	(CR4_TSD | CR4_DE | CR4_PSE | CR4_PAE | CR4_PGE | CR4_OSFXSR |         \
	 CR4_OSXMMEXCPT | CR4_SMEP)

/* DE, PSE, TSC, PAE, PGE, FXSR, SSE: what CR4_GUEST needs */
#define CPUID_1_EDX_GUEST (GENMASK(4, 2) | BIT(6) | BIT(13) | GENMASK(25, 24))

struct vp *reg_vp_new(u32 vp_count)
{
	static const u64 pdptes[] = {0x1001, 0x2001, 0, 0x3019};
	struct partition *p;
	struct vp *vp;

	fake_reset();
	fake_vmcs_reset();
	p = call_partition(vp_count, 1);
	vp = p->vps[0];
	memcpy(fake_ram(p, REG_VP_PDPTES), pdptes, sizeof(pdptes));
	fake_cpuid_set(1, 0, 0, 0, 0, CPUID_1_EDX_GUEST);
	fake_cpuid_set(7, 0, 0, CPUID_7_EBX_SMEP, 0, 0);
	fake_cpuid_set(0x80000000, 0, 0x80000008, 0, 0, 0);
	fake_cpuid_set(0x80000001, 0, 0, 0, 0, 0x20100800);
	fake_cpuid_set(0x80000008, 0, 0x3000 | ENTRY_RULES_MAXPHYADDR, 0, 0, 0);
	for (u32 n = 0; n < vp_count; n++) {
		vapic_reset(&p->vps[n]->own.vapic, n, n == 0);
	}
	vmcs_plan_apply_pvh(vp, 0x100000, 0);
	port_vmcs_set(VMCS_LINK_POINTER, ~0ull);
	port_vmcs_set(VMCS_GUEST_PAT, PAT_RESET);
	port_vmcs_set(VMCS_GUEST_CR0, CR0_PE | CR0_NE | CR0_ET | CR0_PG);
	port_vmcs_set(VMCS_CR0_SHADOW, CR0_PE | CR0_ET | CR0_PG);
	port_vmcs_set(VMCS_CR0_MASK, CR_CR0_OWNED);
	port_vmcs_set(VMCS_CR4_MASK, ~CR4_GUEST);
	port_vmcs_set(VMCS_GUEST_CR4, CR4_PAE | CR4_VMXE | CR4_MCE);
	port_vmcs_set(VMCS_GUEST_CR3, REG_VP_PDPTES);
	port_vmcs_set(VMCS_GUEST_EFER, EFER_LME | EFER_LMA | EFER_SCE);
	port_vmcs_set(VMCS_ENTRY_CONTROLS, VMX_ENTRY_IA32E);
	port_vmcs_set(VMCS_GUEST_CS_ACCESS, CODE_64);
	port_vmcs_set(VMCS_EXIT_INSTRUCTION_LENGTH, 3);
	entry_rules_check_guest();
	return vp;
}

void reg_vp_three(struct vp **target, struct vp **asker, struct vp **other)
{
	*target = reg_vp_new(3);
	*asker = (*target)->partition->vps[1];
	*other = (*target)->partition->vps[2];
}

static u16 make(struct vp *self, const struct vp *target, u64 code,
		const u64 element[4])
{
	struct call call = {.control = code | CALL_COUNT(1),
			    .input = CALL_GPA,
			    .output = OUT};
	u64 header[] = {target->partition->number + 1, target->index};
	struct hc_caller caller = {.is_64bit = true, .is_protected = true};

	call_put(self->partition, CALL_GPA, header, 2);
	call_put(self->partition, CALL_GPA + 16, element, 4);
	self->own.gpr[GPR_RCX] = call.control;
	self->own.gpr[GPR_RDX] = call.input;
	self->own.gpr[GPR_R8] = call.output;
	fake.cpu_number = self->cpu->number;
	self->own.exit_count++;
	switch (hypercall(self, &caller)) {
	case HC_REPEAT:
		CHECK_EQ(self->own.state, VP_RUNNABLE);
		CHECK_EQ(self->own.gpr[GPR_RCX], call.control);
		return REG_VP_AGAIN;
	case HC_UD:
		return CALL_UD;
	case HC_DONE:
		break;
	}
	call.status = (u16)FIELD_GET(HV_RESULT_STATUS, self->own.gpr[GPR_RAX]);
	CHECK_EQ(FIELD_GET(HV_RESULT_REPS, self->own.gpr[GPR_RAX]),
		 call.status == HV_STATUS_SUCCESS ? 1 : 0);
	return call.status;
}

u16 reg_vp_get(struct vp *self, const struct vp *target, u32 name,
	       struct hv_register_value *value)
{
	u64 element[4] = {name, 0, 0, 0};
	u16 status = make(self, target, HV_CALL_GET_VP_REGISTERS, element);

	memcpy(value, fake_ram(self->partition, OUT), sizeof(*value));
	return status;
}

u16 reg_vp_set(struct vp *self, const struct vp *target, u32 name, u64 low,
	       u64 high)
{
	u64 element[4] = {name, 0, low, high};

	return make(self, target, HV_CALL_SET_VP_REGISTERS, element);
}
