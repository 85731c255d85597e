/* SPDX-License-Identifier: MIT */
/* VMCALL from 64-bit code with any input registers, also XMM0-XMM5. */
#ifndef GUEST_TEST_CALL_ORACLE_CALL_H
#define GUEST_TEST_CALL_ORACLE_CALL_H

#include "oracle/oracle.h"

struct fuzz_regs {
	u64 rax;
	u64 rcx;
	u64 rdx;
	u64 r8;
	u64 xmm[12];
};

/* Sets CR4.OSFXSR; returns CR4 as it was. */
u64 fuzz_call_prepare(void);

void fuzz_regs_load(struct fuzz_regs *regs, const struct oracle_call *call);

/* For trap_try(): `arg` is a struct fuzz_regs, in and out. */
void fuzz_call(void *arg);

/* Are all registers as before, but RAX and those that may hold output? */
bool fuzz_regs_kept(const struct fuzz_regs *before,
		    const struct fuzz_regs *after,
		    const struct oracle_answer *answer);

#endif
