/* SPDX-License-Identifier: MIT */
/* The exit table, the dispatcher, and the one place that moves RIP. */
#include "vmx/exit.h"

#include "core/console/log.h"
#include "core/lifecycle/stop.h"
#include "core/port/port.h"
#include "core/state/partition.h"
#include "core/state/vp.h"
#include "core/trace/record.h"
#include "core/vp/inject.h"
#include "vmx/vmcs.h"
#include "x86/cr.h"

#define VECTOR_UD 6

/* Facts that the dispatcher reads before it calls the handler */
#define NEEDS_QUALIFICATION 1
#define NEEDS_GPA           2
#define NEEDS_VECTORING     4

struct exit_desc {
	exit_fn *fn;
	const char *name;
	u32 needs;
	u32 a0; /* of its record in the trace */
};

#define EXIT(_reason, _fn, _needs)                                             \
	[EXIT_REASON_##_reason] = {                                            \
		.fn = (_fn),                                                   \
		.name = #_reason,                                              \
		.needs = (_needs),                                             \
		.a0 = RECORD_EXIT_A0(EXIT_REASON_##_reason),                   \
	}

/* generated: exits, from include/exits.toml */
/* clang-format off */
static const struct exit_desc table[EXIT_REASON_COUNT] = {
	EXIT(EXCEPTION_NMI,      exit_exception_nmi,      NEEDS_QUALIFICATION | NEEDS_VECTORING),
	EXIT(EXTERNAL_INTERRUPT, exit_external_interrupt, 0),
	EXIT(TRIPLE_FAULT,       exit_triple_fault,       0),
	EXIT(INTERRUPT_WINDOW,   exit_window,             0),
	EXIT(NMI_WINDOW,         exit_window,             0),
	EXIT(TASK_SWITCH,        exit_task_switch,        0),
	EXIT(CPUID,              exit_cpuid,              0),
	EXIT(GETSEC,             exit_undefined,          0),
	EXIT(HLT,                exit_hlt,                0),
	EXIT(INVD,               exit_invd,               0),
	EXIT(INVLPG,             exit_invlpg,             NEEDS_QUALIFICATION),
	EXIT(RDPMC,              exit_refused,            0),
	EXIT(VMCALL,             NULL,                    0), /* exit_handle() handles it */
	EXIT(VMCLEAR,            exit_undefined,          0),
	EXIT(VMLAUNCH,           exit_undefined,          0),
	EXIT(VMPTRLD,            exit_undefined,          0),
	EXIT(VMPTRST,            exit_undefined,          0),
	EXIT(VMREAD,             exit_undefined,          0),
	EXIT(VMRESUME,           exit_undefined,          0),
	EXIT(VMWRITE,            exit_undefined,          0),
	EXIT(VMXOFF,             exit_undefined,          0),
	EXIT(VMXON,              exit_undefined,          0),
	EXIT(CR_ACCESS,          exit_cr_access,          NEEDS_QUALIFICATION),
	EXIT(IO,                 exit_io,                 NEEDS_QUALIFICATION),
	EXIT(RDMSR,              exit_rdmsr,              0),
	EXIT(WRMSR,              exit_wrmsr,              0),
	EXIT(MWAIT,              exit_undefined,          0),
	EXIT(MONITOR,            exit_undefined,          0),
	EXIT(PAUSE,              exit_pause,              0),
	EXIT(EPT_VIOLATION,      exit_ept_violation,      NEEDS_QUALIFICATION | NEEDS_GPA | NEEDS_VECTORING),
	EXIT(INVEPT,             exit_undefined,          0),
	EXIT(PREEMPTION_TIMER,   exit_preemption_timer,   0),
	EXIT(INVVPID,            exit_undefined,          0),
	EXIT(XSETBV,             exit_undefined,          0),
	EXIT(INVPCID,            exit_invpcid,            NEEDS_QUALIFICATION),
	EXIT(VMFUNC,             exit_undefined,          0),
	EXIT(SEAMCALL,           exit_undefined,          0),
	EXIT(TDCALL,             exit_undefined,          0),
};
/* clang-format on */
/* end: exits */

const char *exit_name(u32 reason)
{
	reason &= (u32)EXIT_REASON_BASIC;
	if (reason >= EXIT_REASON_COUNT || table[reason].name == NULL) {
		return "unknown";
	}
	return table[reason].name;
}

/* EIP wraps at 4 GiB outside 64-bit mode; inside, RIP is never cut. */
static __attribute__((noinline)) u64 over_4gib(u64 rip)
{
	return exit_in_64bit_mode() ? rip : (u32)rip;
}

static inline u64 next_rip(void)
{
	u64 rip = vmcs_read_natural(VMCS_GUEST_RIP);
	u64 next = rip + vmcs_read32_wide(VMCS_EXIT_INSTRUCTION_LENGTH);

	return UNLIKELY((next ^ rip) >> 32) ? over_4gib(next) : next;
}

/*
 * Skips the instruction; blocking by STI and MOV SS ends with it. A set TF
 * raises its single-step trap after the instruction, before any interrupt: it
 * is prepared here, because an entry that injects another event would drop it.
 * SDM 3C, "Guest Non-Register State"; SDM 3A, "Single-Step Exception".
 * rule: advance-ends-blocking
 */
static inline void advance(struct vp *vp)
{
	u32 blocking;

	vmcs_write_natural(VMCS_GUEST_RIP, next_rip());
	blocking = vmcs_read32(VMCS_GUEST_INTERRUPTIBILITY);
	if (UNLIKELY(blocking & (VMX_BLOCKING_STI | VMX_BLOCKING_MOV_SS))) {
		vmcs_write32(VMCS_GUEST_INTERRUPTIBILITY,
			     blocking &
				     ~(VMX_BLOCKING_STI | VMX_BLOCKING_MOV_SS));
	}
	if (UNLIKELY(vmcs_read_natural(VMCS_GUEST_RFLAGS) & RFLAGS_TF)) {
		exit_single_step(vp);
	}
}

static void read_info(const struct exit_desc *desc, struct exit_info *info)
{
	if (desc->needs & NEEDS_QUALIFICATION) {
		info->qualification =
			vmcs_read_natural(VMCS_EXIT_QUALIFICATION);
	}
	if (desc->needs & NEEDS_GPA) {
		info->gpa = vmcs_read64(VMCS_GUEST_PHYSICAL_ADDRESS);
	}
	if (desc->needs & NEEDS_VECTORING) {
		info->vectoring = vmcs_read32(VMCS_IDT_VECTORING_INFO);
		if (!(info->vectoring & VMX_INTR_VALID)) {
			info->vectoring = 0;
		}
	}
}

/*
 * An entry failure by the checks of guest state, or an exit that no control
 * asks for: the guest reached a state or an instruction that the hypervisor
 * does not know. It ends the partition, not the machine.
 */
static __attribute__((noinline, cold)) void refuse(struct vp *vp, u32 reason)
{
	const char *what = (reason & EXIT_REASON_ENTRY_FAILURE)
				   ? "entry-failure"
				   : "unexpected-exit";

	log_line(vp->partition->config->name,
		 "%s vp=%u reason=0x%x qualification=0x%lx "
		 "rip=0x%lx cr0=0x%lx cr4=0x%lx efer=0x%lx rflags=0x%lx",
		 what, vp->number, reason,
		 vmcs_read_natural(VMCS_EXIT_QUALIFICATION),
		 vmcs_read_natural(VMCS_GUEST_RIP),
		 vmcs_read_natural(VMCS_GUEST_CR0),
		 vmcs_read_natural(VMCS_GUEST_CR4),
		 vmcs_read64(VMCS_GUEST_EFER),
		 vmcs_read_natural(VMCS_GUEST_RFLAGS));
	partition_stop(vp->partition, 127, what);
}

/* Not inlined: nearly all exits are EXIT_ADVANCE, see exit_handle(). */
static __attribute__((noinline)) void act_rarely(struct vp *vp,
						 enum exit_action action)
{
	switch (action) {
	case EXIT_INJECT_UD:
		inject_exception(vp, VECTOR_UD);
		break;
	case EXIT_INJECT_GP0:
		HV_ASSERT(inject_gp_during(vp, 0));
		break;
	case EXIT_ADVANCE:
	case EXIT_RETRY:
	case EXIT_STOP:
		break;
	}
}

/* Not inlined: a VMCALL needs no frame. */
static __attribute__((noinline)) enum exit_action
dispatch(struct cpu *cpu, struct vp *vp, u64 reason)
{
	const struct exit_desc *desc;
	struct exit_info info;

	if (reason >= EXIT_REASON_COUNT || table[reason].fn == NULL) {
		record_refused_exit(vp, reason,
				    vmcs_read_natural(VMCS_EXIT_QUALIFICATION));
		refuse(vp, (u32)reason);
		return EXIT_STOP;
	}
	desc = &table[reason];
	info.qualification = 0;
	if (desc->needs != 0) {
		read_info(desc, &info);
	}
	record_exit(cpu, vp, desc->a0, info.qualification);
	return desc->fn(vp, &info);
}

void exit_handle(struct cpu *cpu, struct vp *vp, u64 rcx)
{
	u64 reason = vmcs_read32_wide(VMCS_EXIT_REASON);
	enum exit_action action;

	if (LIKELY(reason == EXIT_REASON_VMCALL)) {
		record_vmcall(cpu, vp, rcx);
		action = exit_vmcall(vp);
	} else {
		action = dispatch(cpu, vp, reason);
	}
	if (LIKELY(action == EXIT_ADVANCE)) {
		advance(vp);
	} else if (UNLIKELY(action != EXIT_RETRY)) {
		act_rarely(vp, action);
	}
}
