/* SPDX-License-Identifier: MIT */
/* The table of handlers, and the return from an expected fault. */
#include "kernel/trap.h"
#include "kernel/cpu.h"
#include "kernel/die.h"
#include "kernel/layout.h"
#include "kernel/vp.h"

#include "x86/cr.h"

#define TRAP_EXCEPTIONS 32

/* isr.S */
void trap_enter_try(void (*fn)(void *arg), void *arg);
extern const u8 trap_leave_try[];
void trap_dispatch(struct trap_frame *frame);

struct access {
	u64 where;
	u64 value;
};

static trap_handler *handlers[256];

void trap_set_handler(u32 vector, trap_handler *handler)
{
	handlers[vector & 0xff] = handler;
}

void trap_dispatch(struct trap_frame *frame)
{
	struct guest_cpu *vp = vp_self();

	if (handlers[frame->vector] != NULL) {
		handlers[frame->vector](frame);
		return;
	}
	if (frame->vector >= TRAP_EXCEPTIONS || frame->vector == TRAP_NMI ||
	    vp->try_rsp == 0) {
		die_exception(frame);
	}
	vp->fault.vector = (u32)frame->vector;
	vp->fault.error = frame->error;
	vp->fault.rip = frame->rip;
	vp->fault.cr2 = cpu_cr2();
	vp->fault.rflags = frame->rflags;
	frame->rip = (u64)trap_leave_try;
	frame->cs = SEL_CODE64;
	frame->rsp = vp->try_rsp;
	frame->ss = SEL_DATA;
	frame->rflags = RFLAGS_FIXED;
}

struct trap_fault trap_try(void (*fn)(void *arg), void *arg)
{
	struct guest_cpu *vp = vp_self();

	vp->fault.vector = TRAP_NONE;
	trap_enter_try(fn, arg);
	return vp->fault;
}

static void do_rdmsr(void *arg)
{
	struct access *a = arg;

	a->value = cpu_rdmsr((u32)a->where);
}

static void do_wrmsr(void *arg)
{
	const struct access *a = arg;

	cpu_wrmsr((u32)a->where, a->value);
}

static void do_read(void *arg)
{
	struct access *a = arg;

	a->value = cpu_read64(a->where);
}

static void do_write(void *arg)
{
	const struct access *a = arg;

	cpu_write64(a->where, a->value);
}

u32 trap_rdmsr(u32 msr, u64 *value)
{
	struct access a = {msr, 0};
	u32 vector = trap_try(do_rdmsr, &a).vector;

	*value = a.value;
	return vector;
}

u32 trap_wrmsr(u32 msr, u64 value)
{
	struct access a = {msr, value};

	return trap_try(do_wrmsr, &a).vector;
}

u32 trap_read64(u64 gva, u64 *value)
{
	struct access a = {gva, 0};
	u32 vector = trap_try(do_read, &a).vector;

	*value = a.value;
	return vector;
}

u32 trap_write64(u64 gva, u64 value)
{
	struct access a = {gva, value};

	return trap_try(do_write, &a).vector;
}
