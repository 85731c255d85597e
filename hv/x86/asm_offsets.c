/* SPDX-License-Identifier: MIT */
/*
 * Offsets of struct members for assembly. Compiled to assembly text only; the
 * build turns each `.ascii "->NAME value"` into a #define in asm_offsets.h.
 */
#include "core/state/cpu.h"
#include "core/state/vp.h"

#define OFFSET(name, type, member)                                             \
	asm volatile(".ascii \"->" #name " %c0\"\n"                            \
		     :                                                         \
		     : "i"(offsetof(type, member)))

void asm_offsets(void);

void asm_offsets(void)
{
	OFFSET(CPU_SELF, struct cpu, self);
	OFFSET(CPU_KICKED, struct cpu, kicked);
	OFFSET(CPU_VP, struct cpu, vp);
	OFFSET(CPU_HOST_STACK_TOP, struct cpu, host_stack_top);
	OFFSET(CPU_NMI_COUNT, struct cpu, nmi_count);
	OFFSET(CPU_LOOK_EARLY, struct cpu, look_early);
	OFFSET(CPU_LINE, struct cpu, line);
	OFFSET(CPU_RUN, struct cpu, run);
	asm volatile(".ascii \"->CPU_RUN_ONE %c0\"\n" : : "i"(RUN_SEQ_ONE));

	OFFSET(VP_PUBLISHED_SEQ, struct vp, own.published_seq);
	OFFSET(VP_RAX, struct vp, own.gpr[GPR_RAX]);
	OFFSET(VP_RCX, struct vp, own.gpr[GPR_RCX]);
	OFFSET(VP_RDX, struct vp, own.gpr[GPR_RDX]);
	OFFSET(VP_RBX, struct vp, own.gpr[GPR_RBX]);
	OFFSET(VP_RBP, struct vp, own.gpr[GPR_RBP]);
	OFFSET(VP_RSI, struct vp, own.gpr[GPR_RSI]);
	OFFSET(VP_RDI, struct vp, own.gpr[GPR_RDI]);
	OFFSET(VP_R8, struct vp, own.gpr[GPR_R8]);
	OFFSET(VP_R9, struct vp, own.gpr[GPR_R9]);
	OFFSET(VP_R10, struct vp, own.gpr[GPR_R10]);
	OFFSET(VP_R11, struct vp, own.gpr[GPR_R11]);
	OFFSET(VP_R12, struct vp, own.gpr[GPR_R12]);
	OFFSET(VP_R13, struct vp, own.gpr[GPR_R13]);
	OFFSET(VP_R14, struct vp, own.gpr[GPR_R14]);
	OFFSET(VP_R15, struct vp, own.gpr[GPR_R15]);
	OFFSET(VP_EXIT_COUNT, struct vp, own.exit_count);
}
