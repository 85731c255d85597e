/* SPDX-License-Identifier: MIT */
/* Exits by events: exceptions, NMIs, interrupts, windows and the timer. */
#include "core/cpu/due.h"
#include "core/gdb/at_vp.h"
#include "core/gdb/step.h"
#include "core/lifecycle/stop.h"
#include "core/state/cpu.h"
#include "core/state/partition.h"
#include "core/state/vp.h"
#include "core/vp/inject.h"
#include "vmx/exit.h"
#include "vmx/selftest_panic.h"
#include "vmx/vmcs.h"
#include "x86/cr.h"
#include "x86/idt.h"
#include "x86/insn.h"
#include "x86/lapic.h"
#include "x86/panic.h"

#define VECTOR_DB 1
#define VECTOR_BP 3
#define VECTOR_PF 14
#define VECTOR_AC 17
#define VECTOR_MC 18
#define DR6_SET   (GENMASK(3, 0) | GENMASK(14, 13)) /* B0-B3, BD, BS */
#define DR7_GD    BIT(13)

/*
 * A #DB exit leaves DR6 and DR7 as they were; the qualification has what the
 * exception would have set. SDM 3C, "Information for VM Exits Due to Vectored
 * Events".
 */
static void debug_registers(u64 qualification)
{
	u64 dr7 = vmcs_read_natural(VMCS_GUEST_DR7);

	insn_write_dr6((insn_read_dr6() & ~GENMASK(3, 0)) |
		       (qualification & DR6_SET));
	vmcs_write_natural(VMCS_GUEST_DR7, dr7 & ~DR7_GD);
}

void exit_block_nmi(void)
{
	vmcs_write32(VMCS_GUEST_INTERRUPTIBILITY,
		     vmcs_read32(VMCS_GUEST_INTERRUPTIBILITY) |
			     VMX_BLOCKING_NMI);
}

/* A software exception, or ICEBP: delivered as the guest's own. */
static void inject_software(struct vp *vp, u32 interruption)
{
	vmcs_write32(VMCS_ENTRY_INSTRUCTION_LENGTH,
		     vmcs_read32(VMCS_EXIT_INSTRUCTION_LENGTH));
	inject_again(vp, interruption & ~(u32)VMX_INTR_NMI_UNBLOCK);
}

void exit_single_step(struct vp *vp)
{
	if (gdb_step_hides_trap(vp)) {
		return;
	}
	debug_registers(DR6_BS);
	inject_exception(vp, VECTOR_DB);
}

/* ICEBP comes as its own type: a trap, RIP is after it at delivery. */
static void reflect_debug(struct vp *vp, u32 interruption)
{
	if (FIELD_GET(VMX_INTR_TYPE, interruption) == VMX_INTR_HW_EXCEPTION) {
		inject_exception(vp, VECTOR_DB);
		return;
	}
	inject_software(vp, interruption);
}

/*
 * An exception that exits only during a step of the debugger. Where it
 * interrupted the delivery of another event, that is done again, without exits.
 */
static void reflect_any(struct vp *vp, u32 interruption,
			const struct exit_info *info)
{
	u8 vector = (u8)FIELD_GET(VMX_INTR_VECTOR, interruption);

	if (info->vectoring != 0) {
		inject_again(vp, info->vectoring);
	} else if (FIELD_GET(VMX_INTR_TYPE, interruption) !=
		   VMX_INTR_HW_EXCEPTION) {
		inject_software(vp, interruption);
	} else if (interruption & VMX_INTR_ERROR_VALID) {
		inject_exception_error(vp, vector,
				       vmcs_read32(VMCS_EXIT_ERROR_CODE));
	} else {
		inject_exception(vp, vector);
	}
	if (vector == VECTOR_PF) {
		insn_write_cr2(info->qualification);
	}
}

/*
 * The delivery ends a shadow of STI or MOV SS; left in place it would fail the
 * entry where TF is set. SDM 3C, "Checks on Guest Non-Register State". Bochs
 * 2.7 also leaves a trap pending there that has already been taken.
 */
void exit_end_shadow(void)
{
	u32 blocking = vmcs_read32(VMCS_GUEST_INTERRUPTIBILITY);

	vmcs_write32(VMCS_GUEST_INTERRUPTIBILITY,
		     blocking & ~(VMX_BLOCKING_STI | VMX_BLOCKING_MOV_SS));
	vmcs_write_natural(VMCS_GUEST_PENDING_DEBUG, 0);
}

/*
 * The partition's debugger asked for it: the guest must not see it. Where it
 * interrupted the delivery of an event, that goes on when the VP does. A trap
 * that has been taken must not stay pending.
 */
static bool is_debuggers(struct vp *vp, u8 vector, const struct exit_info *info)
{
	if (vector == VECTOR_BP) {
		return gdb_at_vp_break(vp);
	}
	if (vector != VECTOR_DB || !gdb_at_vp_debug(vp, info->qualification)) {
		return false;
	}
	if (vmcs_read_natural(VMCS_GUEST_RFLAGS) & RFLAGS_TF) {
		exit_end_shadow();
	}
	vmcs_write_natural(VMCS_GUEST_PENDING_DEBUG, 0);
	if (info->vectoring != 0) {
		inject_again(vp, info->vectoring);
	}
	return true;
}

/*
 * An exception, injected into the guest that caused it, unless the debugger
 * did. #PF of a VP with a software TLB goes there first.
 */
static enum exit_action reflect(struct vp *vp, u32 interruption,
				const struct exit_info *info)
{
	u8 vector = (u8)FIELD_GET(VMX_INTR_VECTOR, interruption);

	if (vector == VECTOR_MC) {
		port_panic("machine check in guest mode");
	}
	if (vector == VECTOR_PF && vp->shadow != NULL) {
		return exit_page_fault(vp, interruption, info);
	}
	if (is_debuggers(vp, vector, info)) {
		return EXIT_RETRY;
	}
	if (info->vectoring == 0 && (interruption & VMX_INTR_NMI_UNBLOCK)) {
		exit_block_nmi();
	}
	exit_end_shadow();
	if (vector != VECTOR_DB && vector != VECTOR_AC) {
		reflect_any(vp, interruption, info);
		return EXIT_RETRY;
	}
	if (info->vectoring != 0) {
		inject_later(vp, info->vectoring);
	}
	if (vector == VECTOR_DB) {
		debug_registers(info->qualification);
		reflect_debug(vp, interruption);
	} else {
		inject_exception_error(vp, vector, 0);
	}
	return EXIT_RETRY;
}

enum exit_action exit_exception_nmi(struct vp *vp, const struct exit_info *info)
{
	u32 interruption = vmcs_read32(VMCS_EXIT_INTERRUPTION_INFO);

	if (FIELD_GET(VMX_INTR_TYPE, interruption) != VMX_INTR_NMI) {
		return reflect(vp, interruption, info);
	}
	/* a kick, or the line. NMIs stay blocked here until an IRET (observed
	   in Bochs; the SDM agrees). rule: iret-after-nmi-exit */
	iret_unblock_nmi();
	panic_check();
	struct cpu *cpu = vp->cpu;

	/* it may have been the line's: the look comes early */
	cpu->enter_before = cpu->after_nmi;
	/* the kick may have been for another VP of this CPU */
	vp->own.due |= cpu->has_several;
	if (info->vectoring != 0) {
		inject_again(vp, info->vectoring);
	}
	return EXIT_RETRY;
}

/*
 * The exit has acknowledged the interrupt; the idle timer is the only one that
 * is expected.
 */
enum exit_action exit_external_interrupt(struct vp *vp,
					 const struct exit_info *info)
{
	(void)vp;
	(void)info;
	lapic_eoi();
	return EXIT_RETRY;
}

enum exit_action exit_window(struct vp *vp, const struct exit_info *info)
{
	(void)info;
	due_note(vp);
	return EXIT_RETRY;
}

enum exit_action exit_preemption_timer(struct vp *vp,
				       const struct exit_info *info)
{
	(void)info;
	/* a deadline or a look is due: before_entry() serves it */
	selftest_panic_tick(vp->cpu);
	return EXIT_RETRY;
}

enum exit_action exit_triple_fault(struct vp *vp, const struct exit_info *info)
{
	(void)info;
	partition_stop(vp->partition, 128, "triple-fault");
	return EXIT_STOP;
}
