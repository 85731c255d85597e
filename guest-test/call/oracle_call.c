/* SPDX-License-Identifier: MIT */
/* Makes the call, and compares what it may not change. */
#include "call/oracle_call.h"
#include "kernel/cpu.h"

#include "x86/cr.h"

#define POISON  0x5a5a00000000dead
#define RCX_MAY FIELD_PREP(HV_CONTROL_REP_START, ~0ull)
#define FAST_QW 14

u64 fuzz_call_prepare(void)
{
	u64 cr4 = cpu_cr4();

	cpu_set_cr4(cr4 | CR4_OSFXSR);
	return cr4;
}

void fuzz_regs_load(struct fuzz_regs *regs, const struct oracle_call *call)
{
	regs->rax = POISON;
	regs->rcx = call->rcx;
	regs->rdx = call->rdx;
	regs->r8 = call->r8;
	for (u32 i = 0; i < ARRAY_SIZE(regs->xmm); i++) {
		regs->xmm[i] = call->xmm[i];
	}
}

/* Compiled code uses no XMM register: -mgeneral-regs-only. */
void fuzz_call(void *arg)
{
	struct fuzz_regs *regs = arg;
	u64 second = regs->r8;
	register u64 r8 __asm__("r8") = second;

	__asm__ volatile("movups (%[xmm]), %%xmm0\n\t"
			 "movups 16(%[xmm]), %%xmm1\n\t"
			 "movups 32(%[xmm]), %%xmm2\n\t"
			 "movups 48(%[xmm]), %%xmm3\n\t"
			 "movups 64(%[xmm]), %%xmm4\n\t"
			 "movups 80(%[xmm]), %%xmm5\n\t"
			 "vmcall\n\t"
			 "movups %%xmm0, (%[xmm])\n\t"
			 "movups %%xmm1, 16(%[xmm])\n\t"
			 "movups %%xmm2, 32(%[xmm])\n\t"
			 "movups %%xmm3, 48(%[xmm])\n\t"
			 "movups %%xmm4, 64(%[xmm])\n\t"
			 "movups %%xmm5, 80(%[xmm])"
			 : "+a"(regs->rax), "+c"(regs->rcx), "+d"(regs->rdx),
			   "+r"(r8)
			 : [xmm] "r"(regs->xmm)
			 : "memory", "cc");
	regs->r8 = r8;
}

static u64 qword(const struct fuzz_regs *regs, u32 i)
{
	if (i < 2) {
		return i == 0 ? regs->rdx : regs->r8;
	}
	return regs->xmm[i - 2];
}

bool fuzz_regs_kept(const struct fuzz_regs *before,
		    const struct fuzz_regs *after,
		    const struct oracle_answer *answer)
{
	bool is_fast = (before->rcx & HV_CONTROL_FAST) != 0;
	u64 first = answer->output_at / 8;
	u64 end = (answer->output_at + answer->output_len + 7) / 8;
	bool kept = ((before->rcx ^ after->rcx) & ~RCX_MAY) == 0;

	for (u32 i = 0; i < FAST_QW; i++) {
		bool output = is_fast && answer->output_len != 0 &&
			      i >= first && i < end;

		kept &= output || qword(before, i) == qword(after, i);
	}
	return kept;
}
