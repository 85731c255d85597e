/* SPDX-License-Identifier: MIT */
/* The ticks of a VMCALL by RDTSC, and the line that reports them. */
#ifndef GUEST_TEST_HARNESS_TIMING_H
#define GUEST_TEST_HARNESS_TIMING_H

#include "base/types.h"

/* Ticks of one call. The caller loads XMM registers before, if any. */
static inline u64 timing_call(u64 control, u64 in, u64 out)
{
	u64 start;
	u64 end;
	register u64 r8 __asm__("r8") = out;
	register u64 r10 __asm__("r10") = in;

	__asm__ volatile("rdtsc\n\t"
			 "shlq $32, %%rdx\n\t"
			 "leaq (%%rdx, %%rax), %%r9\n\t"
			 "movq %%r10, %%rdx\n\t"
			 "vmcall\n\t"
			 "rdtsc\n\t"
			 "shlq $32, %%rdx\n\t"
			 "addq %%rdx, %%rax\n\t"
			 "movq %%r9, %%rdx"
			 : "=a"(end), "=d"(start), "+c"(control)
			 : "r"(r10), "r"(r8)
			 : "r9", "memory", "cc");
	return end - start;
}

/* Sorts the samples and prints `# bench NAME minimum median`. */
void timing_print(const char *name, u64 *sample, u32 count);

/* The least of the sorted samples that at most one in a hundred exceeds. */
u64 timing_p99(const u64 *sample, u32 count);

/* Sorts the samples and prints `# p99 NAME count minimum median p99 maximum`.
 */
void timing_print_p99(const char *name, u64 *sample, u32 count);

#endif
