/* SPDX-License-Identifier: MIT */
/* The checked call: what was put into the registers against what came out. */
#include "call/checked.h"
#include "harness/tap.h"
#include "kernel/cpu.h"
#include "kernel/mem.h"
#include "kernel/page.h"
#include "kernel/smp.h"

#include "tlfs/cpuid.h"
#include "tlfs/msr.h"
#include "x86/cr.h"

enum { RAX, RCX, RDX, RBX, RBP, RSI, RDI, R8, R9, FLAGS = 15, REG_COUNT };

#define ARITHMETIC_FLAGS                                                       \
	(RFLAGS_CF | RFLAGS_PF | RFLAGS_AF | RFLAGS_ZF | RFLAGS_SF |           \
	 RFLAGS_DF | RFLAGS_OF | RFLAGS_IF)
#define PUSHES_SEEN  (4 * 8) /* behind VMCALL, 8 bytes each */
#define CPUID_HV_BIT BIT(31)

/* hypercall_entry.S */
void hypercall_regs(u64 *regs);
__noreturn void hypercall_user_entry(u64 rip, u64 rsp);

static struct hypercall_host host;

static void do_call(void *arg)
{
	hypercall_regs(arg);
}

struct hypercall_result hypercall_checked(u64 control, u64 in_gpa, u64 out_gpa)
{
	struct hypercall_result r = {.kept_regs = true};
	struct vp *vp = smp_self();
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

u16 hypercall_yield(void)
{
	static const u64 spin_count; /* and the reserved word: 0 */

	return (u16)FIELD_GET(HV_RESULT_STATUS,
			      hypercall(HV_CALL_NOTIFY_LONG_SPIN_WAIT,
					page_gpa(&spin_count), 0));
}

static void do_user(void *arg)
{
	/* the code lies in the first window page; no stack is needed */
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

static bool probe_test_call(void)
{
	struct vp *vp = smp_self();
	struct lethe_test_input *in = (struct lethe_test_input *)vp->input;

	in->vp_index = vp->index;
	in->reserved = 0;
	return hypercall(LETHE_CALL_TEST_READ, page_gpa(in),
			 page_gpa(vp->output)) == HV_STATUS_SUCCESS;
}

/* The second of two ranges of the caller's own TLB. */
static bool probe_rep_start(void)
{
	struct vp *vp = smp_self();
	u64 control = HV_CALL_FLUSH_VIRTUAL_ADDRESS_LIST |
		      FIELD_PREP(HV_CONTROL_REP_COUNT, 2) |
		      FIELD_PREP(HV_CONTROL_REP_START, 1);

	memset(vp->input, 0, PAGE_SIZE);
	((u64 *)vp->input)[1] = HV_FLUSH_ALL_PROCESSORS;
	return hypercall(control, page_gpa(vp->input), 0) ==
	       FIELD_PREP(HV_RESULT_REPS, 2);
}

void hypercall_find_host(void)
{
	if ((cpu_cpuid(1, 0).ecx & CPUID_HV_BIT) == 0 ||
	    cpu_cpuid(HV_CPUID_MAX, 0).eax < HV_CPUID_LIMITS ||
	    cpu_cpuid(HV_CPUID_INTERFACE, 0).eax != HV_INTERFACE_EAX) {
		return;
	}

	struct cpuid features = cpu_cpuid(HV_CPUID_FEATURES, 0);
	u32 hints = cpu_cpuid(HV_CPUID_RECOMMENDATIONS, 0).eax;

	host.is_hyperv = true;
	host.privileges = (u64)features.ebx << 32 | features.eax;
	host.has_xmm_input = (features.edx & HV_FEATURE_XMM_INPUT) != 0;
	host.has_xmm_output = (features.edx & HV_FEATURE_XMM_OUTPUT) != 0;
	host.has_extended_ranges =
		(features.edx & HV_FEATURE_EXTENDED_RANGES) != 0;
	host.has_lock = (features.edx & HV_FEATURE_HYPERCALL_LOCK) != 0;
	host.has_vp_registers =
		(host.privileges & HV_PRIV_ACCESS_VP_REGISTERS) != 0;
	host.has_extended =
		(host.privileges & HV_PRIV_EXTENDED_HYPERCALLS) != 0;
	host.has_ipi = (hints & HV_HINT_CLUSTER_IPI) != 0;
	host.cpus = cpu_cpuid(HV_CPUID_LIMITS, 0).ebx;
	host.has_ex = (hints & HV_HINT_EX_PROCESSOR_MASKS) != 0;
	cpu_wrmsr(HV_X64_MSR_GUEST_OS_ID, HYPERCALL_OS_ID);
	host.has_test_call = probe_test_call();
	host.has_rep_start = probe_rep_start();
}

const struct hypercall_host *hypercall_host_get(void)
{
	return &host;
}
