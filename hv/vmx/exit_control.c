/* SPDX-License-Identifier: MIT */
/*
 * Exits by control registers, and what a software TLB is asked and told: page
 * faults, INVLPG, INVPCID and CR3, which exit only for VPs that have one.
 */
#include "core/apic/interrupts.h"
#include "core/cpu/due.h"
#include "core/lifecycle/stop.h"
#include "core/paging/guest_view.h"
#include "core/paging/shadow_drop.h"
#include "core/paging/shadow_fill.h"
#include "core/registers/control.h"
#include "core/sanitize/step.h"
#include "core/state/partition.h"
#include "core/state/vp.h"
#include "core/vp/cr.h"
#include "core/vp/inject.h"
#include "core/vp/invpcid.h"
#include "core/vp/shadow_vmcs.h"
#include "vmx/exit.h"
#include "vmx/vmcs.h"
#include "x86/exception.h"
#include "x86/insn.h"
#include "x86/msr.h"

/* SDM 3C, "Exit Qualification for Control-Register Accesses" */
#define CR_NUMBER        GENMASK(3, 0)
#define CR_TYPE          GENMASK(5, 4)
#define CR_REGISTER      GENMASK(11, 8)
#define CR_TYPE_MOV_TO   0
#define CR_TYPE_MOV_FROM 1

bool exit_in_64bit_mode(void)
{
	return (vmcs_read32(VMCS_GUEST_CS_ACCESS) & VMX_ACCESS_L) &&
	       (vmcs_read64(VMCS_GUEST_EFER) & EFER_LMA);
}

static void write_operand(struct vp *vp, u64 reg, u64 value)
{
	if (reg == GPR_RSP) {
		vmcs_write_natural(VMCS_GUEST_RSP, value);
	} else {
		vp->own.gpr[reg] = value;
	}
}

static enum exit_action access_cr8(struct vp *vp, u64 type, u64 reg)
{
	u64 value;

	if (type == CR_TYPE_MOV_FROM) {
		write_operand(vp, reg, vapic_cr8(&vp->own.vapic));
		return EXIT_ADVANCE;
	}
	value = operand_register(vp, reg);
	if (value > 15) {
		return EXIT_INJECT_GP0;
	}
	vapic_set_cr8(&vp->own.vapic, (u8)value);
	due_note(vp);
	return EXIT_ADVANCE;
}

static enum exit_action done(bool ok)
{
	return ok ? EXIT_ADVANCE : EXIT_INJECT_GP0;
}

/* Only with a software TLB. */
static enum exit_action access_cr3(struct vp *vp, u64 type, u64 reg)
{
	if (type == CR_TYPE_MOV_FROM) {
		write_operand(vp, reg, view_cr3(vp));
		return EXIT_ADVANCE;
	}
	return done(cr_guest_cr3(vp, operand_register(vp, reg)));
}

enum exit_action exit_cr_access(struct vp *vp, const struct exit_info *info)
{
	u64 type = FIELD_GET(CR_TYPE, info->qualification);
	u64 reg = FIELD_GET(CR_REGISTER, info->qualification);

	switch (FIELD_GET(CR_NUMBER, info->qualification)) {
	case 0:
		/* CLTS and LMSW change no owned bit, so they do not exit */
		HV_ASSERT(type == CR_TYPE_MOV_TO);
		return done(cr_write_cr0(vp, operand_register(vp, reg)));
	case 3:
		return access_cr3(vp, type, reg);
	case 4:
		/* MOV from CR4 does not exit */
		return done(cr_set_cr4(vp, operand_register(vp, reg)));
	case 8:
		return access_cr8(vp, type, reg);
	default:
		port_panic("CR access exit for CR%llu",
			   (unsigned long long)FIELD_GET(CR_NUMBER,
							 info->qualification));
	}
}

/* The CPU has checked the CPL, and exits before it looks at the address. */
enum exit_action exit_invlpg(struct vp *vp, const struct exit_info *info)
{
	if (view_cr0() & CR0_PG) {
		shadow_invlpg(vp->shadow, (gva_t){info->qualification});
		shadow_vmcs_sync(vp);
	}
	return EXIT_ADVANCE;
}

/* The guest gets the #PF, or what it becomes during another delivery. */
static enum exit_action reflect(struct vp *vp, u64 gva, u32 error_code,
				u32 vectoring)
{
	exit_end_shadow();
	insn_write_cr2(gva);
	if (!inject_pf_during(vp, error_code, vectoring)) {
		partition_stop(vp->partition, 128, "triple-fault");
		return EXIT_STOP;
	}
	return EXIT_RETRY;
}

static const char *access_of(u32 error_code)
{
	return error_code & X86_PF_FETCH   ? "execute"
	       : error_code & X86_PF_WRITE ? "write"
					   : "read";
}

/* Not inlined: only a sanitizer arms leaves. */
static __attribute__((noinline)) void
trapped(struct vp *vp, const struct walk_state *state, u64 gva)
{
	sanitize_trapped(vp, state, (gva_t){gva},
			 vmcs_read32(VMCS_EXIT_ERROR_CODE));
}

enum exit_action exit_page_fault(struct vp *vp, u32 interruption,
				 const struct exit_info *info)
{
	u64 gva = info->qualification;
	u32 access = vmcs_read32(VMCS_EXIT_ERROR_CODE);
	struct shadow_answer answer;
	struct walk_state state;
	enum shadow_end end;
	bool is_paged = shadow_vmcs_state(vp, &state);

	HV_ASSERT(is_paged);
	if (info->vectoring == 0 && (interruption & VMX_INTR_NMI_UNBLOCK)) {
		exit_block_nmi();
	}
	end = shadow_fault(vp->partition, vp->shadow, &state, (gva_t){gva},
			   access, &answer);
	shadow_vmcs_sync(vp);
	if (end == SHADOW_PAGE_FAULT) {
		return reflect(vp, gva, answer.error_code, info->vectoring);
	}
	if (UNLIKELY(end != SHADOW_FILLED)) {
		if (end == SHADOW_OUTSIDE) {
			return exit_outside_ram(vp, access_of(access),
						answer.outside.v);
		}
		trapped(vp, &state, gva);
	}
	if (info->vectoring != 0) {
		inject_again(vp, info->vectoring);
	} else {
		reg_request_skip_exit(vp);
	}
	return EXIT_RETRY;
}

enum exit_action exit_invpcid(struct vp *vp, const struct exit_info *info)
{
	const struct operand operand = {
		.info = vmcs_read32(VMCS_EXIT_INSTRUCTION_INFO),
		.displacement = info->qualification,
		.len = 16,
	};
	struct invpcid_answer answer;

	switch (invpcid_execute(vp, &operand, &answer)) {
	case INVPCID_DONE:
		return EXIT_ADVANCE;
	case INVPCID_EXCEPTION:
		inject_exception_error(vp, answer.vector, 0);
		return EXIT_RETRY;
	case INVPCID_PAGE_FAULT:
		return reflect(vp, answer.gva.v, answer.error_code, 0);
	case INVPCID_OUTSIDE:
		return exit_outside_ram(vp, "read", answer.outside.v);
	case INVPCID_AGAIN:
		break;
	}
	return EXIT_RETRY;
}
