/* SPDX-License-Identifier: MIT */
/* An exception in root mode is a bug or broken hardware: report and stop. */
#include "x86/trap.h"

#include "x86/exception.h"
#include "x86/insn.h"
#include "x86/paging_walk.h"
#include "x86/panic.h"

static const char *const names[X86_EXCEPTION_COUNT] = {
	[X86_VECTOR_DE] = "#DE", [X86_VECTOR_DB] = "#DB",
	[X86_VECTOR_BP] = "#BP", [X86_VECTOR_OF] = "#OF",
	[X86_VECTOR_BR] = "#BR", [X86_VECTOR_UD] = "#UD",
	[X86_VECTOR_NM] = "#NM", [X86_VECTOR_DF] = "#DF",
	[X86_VECTOR_TS] = "#TS", [X86_VECTOR_NP] = "#NP",
	[X86_VECTOR_SS] = "#SS", [X86_VECTOR_GP] = "#GP",
	[X86_VECTOR_PF] = "#PF", [X86_VECTOR_MF] = "#MF",
	[X86_VECTOR_AC] = "#AC", [X86_VECTOR_MC] = "#MC",
	[X86_VECTOR_XM] = "#XM", [X86_VECTOR_VE] = "#VE",
	[X86_VECTOR_CP] = "#CP",
};

static const char *name_of(u64 vector)
{
	if (vector >= X86_EXCEPTION_COUNT || names[vector] == NULL) {
		return "reserved";
	}
	return names[vector];
}

void trap_exception(const struct trap_frame *frame)
{
	panic_exception(frame, name_of(frame->vector));
}

void trap_report(const struct trap_frame *frame)
{
	u64 cr2 = insn_read_cr2();

	panic_line("exception=%s vector=%lu error=0x%lx cr2=0x%lx (%s)",
		   name_of(frame->vector), frame->vector, frame->error, cr2,
		   paging_name(cr2));
	panic_line("rip=0x%lx (%s) cs=0x%lx rflags=0x%lx", frame->rip,
		   paging_name(frame->rip), frame->cs, frame->rflags);
	panic_line("rsp=0x%lx (%s) ss=0x%lx cr3=0x%lx", frame->rsp,
		   paging_name(frame->rsp), frame->ss, insn_read_cr3());
	panic_line("rax=0x%lx rbx=0x%lx rcx=0x%lx rdx=0x%lx", frame->rax,
		   frame->rbx, frame->rcx, frame->rdx);
	panic_line("rsi=0x%lx rdi=0x%lx rbp=0x%lx r8=0x%lx", frame->rsi,
		   frame->rdi, frame->rbp, frame->r8);
	panic_line("r9=0x%lx r10=0x%lx r11=0x%lx r12=0x%lx", frame->r9,
		   frame->r10, frame->r11, frame->r12);
	panic_line("r13=0x%lx r14=0x%lx r15=0x%lx", frame->r13, frame->r14,
		   frame->r15);
}
