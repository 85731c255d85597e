/* SPDX-License-Identifier: MIT */
/*
 * The run loop. It is part of the hot path of every exit, so it has to stay
 * short.
 */
#include "vmx/loop.h"

#include "core/cpu/run_word.h"
#include "core/events/hold.h"
#include "core/paging/published.h"
#include "core/run/look.h"
#include "core/run/sched.h"
#include "core/run/service.h"
#include "core/state/machine.h"
#include "core/trace/stats.h"
#include "core/vp/shadow_vmcs.h"
#include "vmx/exit.h"
#include "vmx/switch.h"
#include "vmx/vmcs.h"
#include "x86/idle.h"
#include "x86/insn.h"
#include "x86/panic.h"

/* Nothing can run: halt until an NMI, a timer or the next look. */
static void idle(struct cpu *cpu)
{
	u64 wake = look_before_idle(cpu);
	u64 deadline = sched_idle_deadline(cpu);

	if (run_idle_begin(cpu)) {
		idle_wait(cpu, wake < deadline ? wake : deadline);
		run_idle_end(cpu);
	}
}

/* Nothing is entered that the CPU knows and the tables no longer say. */
static inline void check_synced(const struct vp *vp)
{
	HV_ASSERT(shadow_vmcs_is_synced(vp));
}

/* A VP that starts again comes here first. rule: restart-drops-translations */
static void check_life(const struct vp *vp)
{
	HV_ASSERT(vp->own.life == vp->partition->life);
}

/*
 * Loops until a VP can run, and makes its VMCS current. Not inlined: the hot
 * path needs no stack frame.
 */
static __attribute__((noinline)) struct vp *find_runnable(struct cpu *cpu)
{
	for (;;) {
		struct vp *vp;

		panic_check();
		vp = sched_next(cpu);
		if (vp == NULL) {
			idle(cpu);
			(void)look_if_due(cpu);
			continue;
		}
		if (vp != cpu->vp) {
			switch_to(cpu, vp);
		}
		service_vp(vp);
		if (hold_may_run(vp)) {
			sched_arm(cpu, vp);
			check_synced(vp);
			check_life(vp);
			return vp;
		}
		/* events of sleeping VPs may come without end */
		(void)look_if_due(cpu);
	}
}

/*
 * Called where the CPU may not simply enter `vp`: a look or a deadline is due,
 * or the VMCS field of the preemption timer has to be written. Returns the VP
 * to enter. The timer counts at the TSC's rate shifted by a power of two and
 * does not run in root mode. SDM 3C, "VMX-Preemption Timer".
 */
static __attribute__((noinline)) struct vp *before_entry(struct cpu *cpu,
							 struct vp *vp)
{
	u64 now;
	u64 ticks;

	for (;;) {
		/* rule: look-by-the-clock */
		(void)look_if_due(cpu);
		now = insn_rdtsc();
		if (now < cpu->timer_deadline) {
			break;
		}
		vp = find_runnable(cpu);
	}
	ticks = sched_timer_ticks(cpu, vp, now);
	/* rounded up: never early */
	vmcs_write32(VMCS_PREEMPTION_TIMER,
		     (ticks + machine.preemption_round) >>
			     machine.preemption_shift);
	return vp;
}

/*
 * Test builds (make STRETCH=n) widen the gap between the odd run word and the
 * window, where a kick is noticed by the window's compare alone.
 */
#ifndef LETHE_STRETCH
#define LETHE_STRETCH 0
#endif

static inline void stretch(void)
{
	for (int i = 0; i < LETHE_STRETCH; i++) {
		insn_pause();
	}
}

/*
 * loop_next() for a CPU whose VMCS is that of `vp`. Not inlined: after most
 * exits nothing is due.
 */
static __attribute__((noinline)) struct vp *enter(struct cpu *cpu,
						  struct vp *vp)
{
	for (;;) {
		if (UNLIKELY(vp->own.due)) {
			vp = find_runnable(cpu);
		}
		if (UNLIKELY((s64)insn_rdtsc() >= cpu->enter_before)) {
			vp = before_entry(cpu, vp);
		}
		if (LIKELY(run_enter(cpu, vp))) {
			stretch();
			return vp;
		}
		service_posted(cpu, vp);
		check_synced(vp);
	}
}

struct vp *loop_next(struct cpu *cpu)
{
	return enter(cpu, cpu->vp != NULL ? cpu->vp : find_runnable(cpu));
}

/*
 * Not inlined into the two below: exit_handle() then has one caller, becomes
 * part of it, and the hot path has a call less.
 */
__attribute__((noinline)) struct vp *loop_exit(struct cpu *cpu, u64 rsi,
					       u64 rdx, u64 rcx)
{
	struct vp *vp = cpu->vp;
	u64 now;

	(void)rsi;
	(void)rdx;
	vp->own.exit_count++;
	vp->own.entry_event = 0;
	exit_handle(cpu, vp, rcx);
	now = insn_rdtsc();
	stats_count(vp, now);
	if (UNLIKELY(vp->own.due) || UNLIKELY((s64)now >= cpu->enter_before)) {
		return enter(cpu, vp);
	}
	if (LIKELY(run_enter(cpu, vp))) {
		stretch();
		return vp;
	}
	service_posted(cpu, vp);
	return enter(cpu, vp);
}

/* loop_exit() where RCX is no longer the guest's. */
static inline struct vp *exit_of(struct cpu *cpu)
{
	return loop_exit(cpu, 0, 0, cpu->vp->own.gpr[GPR_RCX]);
}

struct vp *loop_exit_publish(struct cpu *cpu)
{
	published_end(cpu->vp);
	return exit_of(cpu);
}

struct vp *loop_exit_shadow(struct cpu *cpu)
{
	struct vp *vp;

	published_update(cpu->vp);
	run_leave(cpu);
	vp = exit_of(cpu);
	check_synced(vp);
	return vp;
}

void loop_aborted(struct cpu *cpu)
{
	run_leave(cpu);
	cpu->aborts++;
	panic_check();
}

void loop_entry_failed(bool no_vmcs)
{
	struct cpu *cpu = this_cpu();

	run_leave(cpu);
	if (no_vmcs) {
		port_panic("VM entry failed: no current VMCS");
	}
	port_panic("VM entry failed: instruction error %u",
		   vmcs_read32(VMCS_INSTRUCTION_ERROR));
}
