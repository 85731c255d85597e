/* SPDX-License-Identifier: MIT */
/*
 * One table of MSRs, the debug registers, CR2 and the FXSAVE area (XSAVE and
 * AVX are hidden from guests). Everything else of a VP is in its VMCS, or in
 * struct vp at every exit.
 */
#include "vmx/switch.h"

#include "core/cpu/run_word.h"
#include "core/port/vmcs.h"
#include "core/state/cpu.h"
#include "core/state/vp.h"
#include "core/trace/record.h"
#include "vmx/insn.h"
#include "x86/cr.h"
#include "x86/insn.h"
#include "x86/msr.h"

static const u32 msrs[VP_SWITCHED_MSRS] = {
	MSR_IA32_STAR,  MSR_IA32_LSTAR,          MSR_IA32_CSTAR,
	MSR_IA32_FMASK, MSR_IA32_KERNEL_GS_BASE, MSR_IA32_TSC_AUX,
};

/* SDM 1, "FXSAVE Area": control word and MXCSR after reset */
#define FXSAVE_FCW   0
#define FXSAVE_MXCSR 24
#define FCW_RESET    0x37f
#define MXCSR_RESET  0x1f80

void port_reset_registers(void)
{
	static const u64 zero[4];

	insn_write_cr2(0);
	insn_write_dr0_3(zero);
	insn_write_dr6(DR6_RESET);
}

_Static_assert(PORT_REGISTERS - PORT_STAR == VP_SWITCHED_MSRS,
	       "enum port_register ends like msrs[]");

u64 port_register_get(enum port_register reg)
{
	u64 dr[4];

	if (reg >= PORT_STAR) {
		return insn_rdmsr(msrs[reg - PORT_STAR]);
	}
	if (reg == PORT_CR2) {
		return insn_read_cr2();
	}
	if (reg == PORT_DR6) {
		return insn_read_dr6();
	}
	insn_read_dr0_3(dr);
	return dr[reg - PORT_DR0];
}

void port_register_set(enum port_register reg, u64 value)
{
	u64 dr[4];

	if (reg >= PORT_STAR) {
		insn_wrmsr(msrs[reg - PORT_STAR], value);
	} else if (reg == PORT_CR2) {
		insn_write_cr2(value);
	} else if (reg == PORT_DR6) {
		insn_write_dr6(value);
	} else {
		insn_read_dr0_3(dr);
		dr[reg - PORT_DR0] = value;
		insn_write_dr0_3(dr);
	}
}

void port_fxsave(u8 area[512])
{
	insn_fxsave(area);
}

void port_fxrstor(const u8 area[512])
{
	insn_fxrstor(area);
}

void switch_init(struct vp *vp)
{
	struct vp_switched *s = &vp->own.switched;

	*(u16 *)&s->fxsave[FXSAVE_FCW] = FCW_RESET;
	*(u32 *)&s->fxsave[FXSAVE_MXCSR] = MXCSR_RESET;
	s->dr6 = DR6_RESET;
}

static void save(struct vp_switched *s)
{
	insn_fxsave(s->fxsave);
	s->cr2 = insn_read_cr2();
	insn_read_dr0_3(s->dr);
	s->dr6 = insn_read_dr6();
	for (u32 i = 0; i < VP_SWITCHED_MSRS; i++) {
		s->msr[i] = insn_rdmsr(msrs[i]);
	}
}

static void load(const struct vp_switched *s)
{
	insn_fxrstor(s->fxsave);
	insn_write_cr2(s->cr2);
	insn_write_dr0_3(s->dr);
	insn_write_dr6(s->dr6);
	for (u32 i = 0; i < VP_SWITCHED_MSRS; i++) {
		insn_wrmsr(msrs[i], s->msr[i]);
	}
}

void switch_load_first(const struct cpu *cpu)
{
	if (cpu->vp != NULL) {
		load(&cpu->vp->own.switched);
	}
}

void switch_renew(struct vp *vp)
{
	vp->own.switched = (struct vp_switched){.dr6 = 0};
	switch_init(vp);
	load(&vp->own.switched);
}

void switch_to(struct cpu *cpu, struct vp *vp)
{
	record_put(vp, TRACE_SWITCH, record_name(cpu->vp), 0, 0);
	save(&cpu->vp->own.switched);
	load(&vp->own.switched);
	if (insn_vmptrld(vp->vmcs.v) != VMX_OK) {
		port_panic("VMPTRLD of vp=%u failed", vp->number);
	}
	cpu->vp = vp;
	run_assign(cpu, vp);
}
