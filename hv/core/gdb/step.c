/* SPDX-License-Identifier: MIT */
/*
 * Setting and hiding the trap flag. The instructions that store RFLAGS, or load
 * them, are known by their first bytes.
 */
#include "core/gdb/step.h"

#include "core/gdb/memory.h"
#include "core/paging/published.h"
#include "core/port/vmcs.h"
#include "core/state/partition.h"
#include "core/state/vp.h"
#include "core/vp/inject.h"
#include "x86/cr.h"

#define EXCEPTIONS_ALL 0xffffffffu
#define CODE_MAX       4u /* bytes that are looked at */
#define OPERAND_SIZE   0x66
#define REX            0x40
#define REX_MASK       0xf0
#define TF_BYTE        1 /* of RFLAGS in memory: the byte that has TF, … */
#define TF_BYTE_MASK   1 /* … and where */
#define INT_LEN        2

static bool is_64bit(void)
{
	return (port_vmcs_get(VMCS_ENTRY_CONTROLS) & VMX_ENTRY_IA32E) &&
	       (port_vmcs_get(VMCS_GUEST_CS_ACCESS) & VMX_ACCESS_L);
}

/* A linear address from an offset in a segment with that base. */
static u64 linear(enum vmcs_field base, u64 offset)
{
	return is_64bit() ? offset : (u32)(port_vmcs_get(base) + offset);
}

static bool has_trap_flag(void)
{
	return (port_vmcs_get(VMCS_GUEST_RFLAGS) & RFLAGS_TF) != 0;
}

static void set_trap_flag(bool on)
{
	u64 flags = port_vmcs_get(VMCS_GUEST_RFLAGS) & ~RFLAGS_TF;

	port_vmcs_set(VMCS_GUEST_RFLAGS, flags | (on ? RFLAGS_TF : 0));
}

static void set_exceptions(const struct vp *vp, bool all)
{
	port_vmcs_set(VMCS_EXCEPTION_BITMAP,
		      all ? EXCEPTIONS_ALL : vp->own.gdb.exceptions);
}

/* ---- which instruction it is ---- */

static const struct {
	u8 opcode;
	enum gdb_step_kind kind;
} kinds[] = {
	{0x9c, GDB_STEP_PUSHF}, {0x9d, GDB_STEP_LOADS},   /* POPF */
	{0xcf, GDB_STEP_LOADS},                           /* IRET */
	{0xcd, GDB_STEP_INT},   {0x0f, GDB_STEP_SYSCALL}, /* if 05 follows */
};

static bool is_prefix(u8 byte)
{
	return byte == OPERAND_SIZE || (is_64bit() && (byte & REX_MASK) == REX);
}

/* The bytes that are left after prefixes. */
static enum gdb_step_kind classify(const u8 *code, size_t len)
{
	for (u32 i = 0; i < ARRAY_SIZE(kinds) && len > 0; i++) {
		if (kinds[i].opcode != code[0]) {
			continue;
		}
		if (code[0] == 0x0f && (len < 2 || code[1] != 0x05)) {
			break;
		}
		return kinds[i].kind;
	}
	return GDB_STEP_PLAIN;
}

static void decode(struct vp *vp, const struct gdb_space *space)
{
	u64 rip = port_vmcs_get(VMCS_GUEST_RIP);
	u8 code[CODE_MAX];
	size_t len = gdb_memory_read(space, linear(VMCS_GUEST_CS_BASE, rip),
				     code, sizeof(code));
	size_t at = 0;

	while (at < len && is_prefix(code[at])) {
		at++;
	}
	vp->own.gdb.kind = classify(code + at, len - at);
	/* its vector, and only the plain form is done here */
	vp->own.gdb.vector = len >= INT_LEN ? code[1] : 0;
	if (vp->own.gdb.kind == GDB_STEP_INT && (at != 0 || len < INT_LEN)) {
		vp->own.gdb.kind = GDB_STEP_PLAIN;
	}
}

/* ---- the step ---- */

static void arm(struct vp *vp)
{
	set_trap_flag(true);
	set_exceptions(vp, true);
	port_vmcs_set(VMCS_GUEST_PENDING_DEBUG, 0);
}

/*
 * The shadow of STI or MOV SS would hold the trap back, and ends with this
 * instruction anyway; no interrupt is delivered before.
 */
static void end_shadow(void)
{
	u64 blocking = port_vmcs_get(VMCS_GUEST_INTERRUPTIBILITY);

	port_vmcs_set(VMCS_GUEST_INTERRUPTIBILITY,
		      blocking & ~(VMX_BLOCKING_STI | VMX_BLOCKING_MOV_SS));
}

void gdb_step_begin(struct vp *vp)
{
	struct gdb_vp_own *own = &vp->own.gdb;
	struct published regs;
	struct gdb_space space = {vp->partition, &regs};

	published_read_own(vp, &regs);
	inject_take_back(vp);
	own->stepping = true;
	own->was_suspended = vp->own.state == VP_SUSPENDED;
	own->step_rip = port_vmcs_get(VMCS_GUEST_RIP);
	own->guest_tf = has_trap_flag();
	own->exceptions = (u32)port_vmcs_get(VMCS_EXCEPTION_BITMAP);
	decode(vp, &space);
	if (vp->own.entry_event == 0) {
		end_shadow();
	}
	if (vp->own.entry_event == 0 && own->kind == GDB_STEP_INT &&
	    vp->own.state == VP_RUNNABLE) {
		inject_software_interrupt(vp, own->vector, INT_LEN);
	}
	vp->own.due = true;
}

bool gdb_step_is_over(struct vp *vp)
{
	if (port_vmcs_get(VMCS_GUEST_RIP) != vp->own.gdb.step_rip) {
		return true;
	}
	if (vp->own.entry_event == 0) {
		arm(vp);
		return false;
	}
	set_trap_flag(vp->own.gdb.guest_tf);
	set_exceptions(vp, false);
	inject_alone(vp);
	return false;
}

bool gdb_step_hides_trap(const struct vp *vp)
{
	return vp->own.gdb.stepping && !vp->own.gdb.guest_tf;
}

/* ---- its end ---- */

/* The flag in what PUSHF has stored. */
static void hide_in_stack(struct vp *vp)
{
	struct published regs;
	struct gdb_space space = {vp->partition, &regs};
	u64 at = linear(VMCS_GUEST_SS_BASE,
			port_vmcs_get(VMCS_GUEST_RSP) + TF_BYTE);
	u8 byte;

	published_read_own(vp, &regs);
	if (gdb_memory_read(&space, at, &byte, 1) == 1) {
		byte &= (u8)~TF_BYTE_MASK;
		/* what was pushed there can be written */
		(void)gdb_memory_write(&space, at, &byte, 1);
	}
}

/* What the instruction has done with the flag that it found. */
static void hide(struct vp *vp)
{
	const struct gdb_vp_own *own = &vp->own.gdb;

	switch (own->kind) {
	case GDB_STEP_PUSHF:
		if (!own->guest_tf) {
			hide_in_stack(vp);
		}
		break;
	case GDB_STEP_SYSCALL:
		if (!own->guest_tf) {
			vp->own.gpr[GPR_R11] &= ~RFLAGS_TF;
		}
		break;
	case GDB_STEP_LOADS:
		return; /* the flag is what was loaded */
	case GDB_STEP_PLAIN:
	case GDB_STEP_INT:
		break;
	}
	if (has_trap_flag()) {
		set_trap_flag(own->guest_tf);
	}
}

void gdb_step_end(struct vp *vp)
{
	struct gdb_vp_own *own = &vp->own.gdb;

	if (!own->stepping) {
		return;
	}
	own->stepping = false;
	if (port_vmcs_get(VMCS_GUEST_RIP) != own->step_rip) {
		hide(vp);
	} else {
		set_trap_flag(own->guest_tf);
	}
	set_exceptions(vp, false);
	if (!own->guest_tf) {
		port_vmcs_set(VMCS_GUEST_PENDING_DEBUG, 0);
	}
}
