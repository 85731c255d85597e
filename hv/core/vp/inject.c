/* SPDX-License-Identifier: MIT */
/* Event injection: one event per entry; everything else waits for a window. */
#include "core/vp/inject.h"

#include "core/apic/interrupts.h"
#include "core/cpu/due.h"
#include "core/port/vmcs.h"
#include "core/state/vp.h"
#include "core/trace/record.h"
#include "x86/cr.h"

#define VECTOR_DE  0
#define VECTOR_DB  1
#define VECTOR_NMI 2
#define VECTOR_DF  8
#define VECTOR_TS  10
#define VECTOR_GP  13
#define VECTOR_PF  14

static void prepare(struct vp *vp, u32 type, u8 vector, u32 flags)
{
	vp->own.entry_event = (u32)(VMX_INTR_VALID |
				    FIELD_PREP(VMX_INTR_TYPE, type) | vector) |
			      flags;
	port_vmcs_set(VMCS_ENTRY_INTERRUPTION_INFO, vp->own.entry_event);
	record_put_inline(vp, TRACE_INJECT, vp->own.entry_event);
	reg_request_leave(vp);
}

/*
 * The entry pushes RFLAGS as it is; a fault of the CPU pushes RF = 1. #DB is a
 * trap here or has the right value already, #DF is an abort. SDM 3C, "Details
 * of Vectored-Event Injection"; SDM 3B, "Instruction-Breakpoint Exception
 * Condition".
 */
static void set_rf(u8 vector)
{
	if (vector != VECTOR_DB && vector != VECTOR_DF) {
		port_vmcs_set(VMCS_GUEST_RFLAGS,
			      port_vmcs_get(VMCS_GUEST_RFLAGS) | RFLAGS_RF);
	}
}

void inject_exception(struct vp *vp, u8 vector)
{
	HV_ASSERT(vp->own.entry_event == 0);
	set_rf(vector);
	prepare(vp, VMX_INTR_HW_EXCEPTION, vector, 0);
}

/*
 * Real mode pushes no error code, and an entry that asks for one fails. SDM
 * 3C, "VM-Entry Control Fields".
 */
void inject_exception_error(struct vp *vp, u8 vector, u32 error_code)
{
	HV_ASSERT(vp->own.entry_event == 0);
	set_rf(vector);
	if (!(port_vmcs_get(VMCS_GUEST_CR0) & CR0_PE)) {
		prepare(vp, VMX_INTR_HW_EXCEPTION, vector, 0);
		return;
	}
	port_vmcs_set(VMCS_ENTRY_ERROR_CODE, error_code);
	prepare(vp, VMX_INTR_HW_EXCEPTION, vector, (u32)VMX_INTR_ERROR_VALID);
}

/* Without a look at CR0: paging is on, so protected mode is. */
static void inject_page_fault(struct vp *vp, u32 error_code)
{
	HV_ASSERT(vp->own.entry_event == 0);
	set_rf(VECTOR_PF);
	port_vmcs_set(VMCS_ENTRY_ERROR_CODE, error_code);
	prepare(vp, VMX_INTR_HW_EXCEPTION, VECTOR_PF,
		(u32)VMX_INTR_ERROR_VALID);
}

void inject_software_interrupt(struct vp *vp, u8 vector, u32 len)
{
	HV_ASSERT(vp->own.entry_event == 0);
	port_vmcs_set(VMCS_ENTRY_INSTRUCTION_LENGTH, len);
	prepare(vp, VMX_INTR_SW_INTERRUPT, vector, 0);
}

static bool is_software(u64 type)
{
	return type == VMX_INTR_SW_INTERRUPT ||
	       type == VMX_INTR_PRIV_SW_EXCEPTION ||
	       type == VMX_INTR_SW_EXCEPTION;
}

void inject_again(struct vp *vp, u32 vectoring_info)
{
	u64 type = FIELD_GET(VMX_INTR_TYPE, vectoring_info);

	if (vectoring_info & VMX_INTR_ERROR_VALID) {
		port_vmcs_set(VMCS_ENTRY_ERROR_CODE,
			      port_vmcs_get(VMCS_IDT_VECTORING_ERROR_CODE));
	}
	if (is_software(type)) {
		port_vmcs_set(VMCS_ENTRY_INSTRUCTION_LENGTH,
			      port_vmcs_get(VMCS_EXIT_INSTRUCTION_LENGTH));
	}
	if (type == VMX_INTR_NMI) {
		/* the delivery is done again: it must not find NMIs blocked */
		port_vmcs_set(VMCS_GUEST_INTERRUPTIBILITY,
			      port_vmcs_get(VMCS_GUEST_INTERRUPTIBILITY) &
				      ~VMX_BLOCKING_NMI);
	}
	prepare(vp, (u32)type, (u8)FIELD_GET(VMX_INTR_VECTOR, vectoring_info),
		(u32)(vectoring_info & VMX_INTR_ERROR_VALID));
}

void inject_later(struct vp *vp, u32 vectoring_info)
{
	u64 type = FIELD_GET(VMX_INTR_TYPE, vectoring_info);

	if (type == VMX_INTR_EXTERNAL) {
		vapic_unaccept(&vp->own.vapic,
			       (u8)FIELD_GET(VMX_INTR_VECTOR, vectoring_info));
		due_note(vp);
	} else if (type == VMX_INTR_NMI) {
		port_vmcs_set(VMCS_GUEST_INTERRUPTIBILITY,
			      port_vmcs_get(VMCS_GUEST_INTERRUPTIBILITY) &
				      ~VMX_BLOCKING_NMI);
		vp->own.nmi_pending = true;
		due_note(vp);
	}
}

void inject_take_back(struct vp *vp)
{
	u64 type = FIELD_GET(VMX_INTR_TYPE, vp->own.entry_event);

	if (vp->own.entry_event == 0 || type == VMX_INTR_HW_EXCEPTION) {
		return;
	}
	inject_later(vp, vp->own.entry_event);
	vp->own.entry_event = 0;
	port_vmcs_set(VMCS_ENTRY_INTERRUPTION_INFO, 0);
}

static bool is_contributory(int vector)
{
	return vector == VECTOR_DE ||
	       (vector >= VECTOR_TS && vector <= VECTOR_GP);
}

/* The vector of the exception that was being delivered; -1: none. */
static int first_exception(u32 vectoring_info)
{
	if (!(vectoring_info & VMX_INTR_VALID) ||
	    FIELD_GET(VMX_INTR_TYPE, vectoring_info) != VMX_INTR_HW_EXCEPTION) {
		return -1;
	}
	return (int)FIELD_GET(VMX_INTR_VECTOR, vectoring_info);
}

bool inject_gp_during(struct vp *vp, u32 vectoring_info)
{
	int first = first_exception(vectoring_info);

	if (first == VECTOR_DF) {
		return false;
	}
	if (is_contributory(first) || first == VECTOR_PF) {
		inject_exception_error(vp, VECTOR_DF, 0);
	} else {
		inject_exception_error(vp, VECTOR_GP, 0);
	}
	return true;
}

bool inject_pf_during(struct vp *vp, u32 error_code, u32 vectoring_info)
{
	int first = first_exception(vectoring_info);

	if (first == VECTOR_DF) {
		return false;
	}
	if (first == VECTOR_PF) {
		inject_exception_error(vp, VECTOR_DF, 0);
		return true;
	}
	if (vectoring_info != 0) {
		inject_later(vp, vectoring_info);
	}
	inject_page_fault(vp, error_code);
	return true;
}

static void set_window(struct vp *vp, u64 control, bool wanted)
{
	u32 controls = wanted ? vp->own.proc_controls | (u32)control
			      : vp->own.proc_controls & ~(u32)control;

	if (controls != vp->own.proc_controls) {
		vp->own.proc_controls = controls;
		port_vmcs_set(VMCS_PROC_CONTROLS, controls);
	}
}

static void prepare_nmi(struct vp *vp)
{
	u64 blocking = port_vmcs_get(VMCS_GUEST_INTERRUPTIBILITY);

	if (blocking &
	    (VMX_BLOCKING_STI | VMX_BLOCKING_MOV_SS | VMX_BLOCKING_NMI)) {
		return;
	}
	vp->own.nmi_pending = false;
	prepare(vp, VMX_INTR_NMI, VECTOR_NMI, 0);
}

/* IRR → ISR happens only here, in the step that writes the entry field. */
static void prepare_interrupt(struct vp *vp, u8 vector)
{
	u64 blocking = port_vmcs_get(VMCS_GUEST_INTERRUPTIBILITY);

	if (!(port_vmcs_get(VMCS_GUEST_RFLAGS) & RFLAGS_IF) ||
	    (blocking & (VMX_BLOCKING_STI | VMX_BLOCKING_MOV_SS))) {
		return;
	}
	vapic_accept(&vp->own.vapic, vector);
	prepare(vp, VMX_INTR_EXTERNAL, vector, 0);
}

/*
 * After STI the NMI window may open at once, before the NMI may be injected:
 * the interrupt window opens when the shadow is over (IF is 1 then). SDM 3C,
 * "NMI-Window Exiting".
 */
static void ask_for_windows(struct vp *vp, bool interrupt)
{
	bool shadow =
		vp->own.nmi_pending &&
		(port_vmcs_get(VMCS_GUEST_INTERRUPTIBILITY) & VMX_BLOCKING_STI);

	set_window(vp, VMX_PROC_NMI_WINDOW, vp->own.nmi_pending && !shadow);
	set_window(vp, VMX_PROC_INTERRUPT_WINDOW, interrupt || shadow);
}

void inject_prepare(struct vp *vp)
{
	int vector;

	if (vp->own.entry_event == 0 && vp->own.nmi_pending) {
		prepare_nmi(vp);
	}
	vector = vapic_deliverable(&vp->own.vapic);
	if (vp->own.entry_event == 0 && vector >= 0) {
		prepare_interrupt(vp, (u8)vector);
		vector = vapic_deliverable(&vp->own.vapic);
	}
	ask_for_windows(vp, vector >= 0);
}

void inject_hold(struct vp *vp)
{
	set_window(vp, VMX_PROC_NMI_WINDOW, false);
	set_window(vp, VMX_PROC_INTERRUPT_WINDOW, false);
}

/* SDM 3C, "NMI-Window Exiting": the window is open after the delivery. */
void inject_alone(struct vp *vp)
{
	set_window(vp, VMX_PROC_NMI_WINDOW, true);
}
