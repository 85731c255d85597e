/* SPDX-License-Identifier: MIT */
/* Compares all registers and flags before and after a call. */
#include "call/checked.h"
#include "harness/tap.h"
#include "kernel/cpu.h"
#include "kernel/mem.h"
#include "kernel/page.h"
#include "kernel/vp.h"

#include "tlfs/cpuid.h"
#include "tlfs/msr.h"
#include "x86/cr.h"

enum { RAX, RCX, RDX, RBX, RBP, RSI, RDI, R8, R9, FLAGS = 15, REG_COUNT };

#define ARITHMETIC_FLAGS                                                       \
	(RFLAGS_CF | RFLAGS_PF | RFLAGS_AF | RFLAGS_ZF | RFLAGS_SF |           \
	 RFLAGS_DF | RFLAGS_OF | RFLAGS_IF)
#define PUSHES_SEEN (4 * 8) /* after VMCALL, 8 bytes each */

/* entry.S */
void hypercall_regs(u64 *regs);
__noreturn void hypercall_user_entry(u64 rip, u64 rsp);

static void do_call(void *arg)
{
	hypercall_regs(arg);
}

struct hypercall_result hypercall_checked(u64 control, u64 in_gpa, u64 out_gpa)
{
	struct hypercall_result r = {.kept_regs = true};
	struct guest_cpu *vp = vp_self();
	u64 before[REG_COUNT];
	u64 after[REG_COUNT];

	for (u64 i = 0; i < REG_COUNT; i++) {
		before[i] = 0x5a5a000000000000ull | i << 32 | 0xdead0000 | i;
	}
	before[RCX] = control;
	before[RDX] = in_gpa;
	before[R8] = out_gpa;
	before[FLAGS] = cpu_flags() | RFLAGS_CF | RFLAGS_ZF;
	memcpy(after, before, sizeof(after));

	r.fault = trap_try(do_call, after);
	r.rax = after[RAX];
	r.status = (u16)FIELD_GET(HV_RESULT_STATUS, r.rax);
	r.reps = (u16)FIELD_GET(HV_RESULT_REPS, r.rax);
	r.is_clean = (r.rax & ~(HV_RESULT_STATUS | HV_RESULT_REPS)) == 0;
	for (u32 i = RCX; i < FLAGS; i++) {
		u64 may = i == RCX ? HV_CONTROL_REP_START : 0;

		r.kept_regs &= ((before[i] ^ after[i]) & ~may) == 0;
	}
	r.kept_flags = ((before[FLAGS] ^ after[FLAGS]) & ARITHMETIC_FLAGS) == 0;
	r.moved_rip = vp->call_rsp - vp->call_rsp_after == PUSHES_SEEN;
	return r;
}

void hypercall_expect(const struct hypercall_result *r, u16 status)
{
	if (!tap_equal("fault", r->fault.vector, TRAP_NONE)) {
		return;
	}
	tap_equal("status", r->status, status);
	tap_true("reserved result bits 0", r->is_clean);
	tap_true("registers kept", r->kept_regs);
	tap_true("flags kept", r->kept_flags);
	tap_true("RIP moved by 3", r->moved_rip);
}

static void do_user(void *arg)
{
	/* the first window page has the code; it needs no stack */
	(void)arg;
	hypercall_user_entry(PAGE_WINDOW, PAGE_WINDOW + PAGE_SIZE);
}

struct trap_fault hypercall_from_user(u64 control)
{
	u8 *code = page_alloc(PAGE_SIZE);
	struct trap_fault fault;

	/* mov $control, %ecx; vmcall; ud2 */
	code[0] = 0xb9;
	memcpy(&code[1], &control, 4);
	memcpy(&code[5], "\x0f\x01\xc1\x0f\x0b", 5);
	page_map(0, page_gpa(code), PTE_U);
	cpu_invlpg(PAGE_WINDOW);
	fault = trap_try(do_user, NULL);
	page_map(0, page_gpa(code), 0);
	cpu_invlpg(PAGE_WINDOW);
	return fault;
}
