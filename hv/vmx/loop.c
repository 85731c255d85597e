/* SPDX-License-Identifier: MIT */
/*
 * The run loop. It is part of the hot path of every exit, so it has to stay
 * short.
 */
#include "vmx/loop.h"

#include "core/cpu/run_word.h"
#include "core/emulate/console.h"
#include "core/paging/published.h"
#include "core/run/sched.h"
#include "core/run/service.h"
#include "core/state/machine.h"
#include "core/vp/shadow_vmcs.h"
#include "vmx/exit.h"
#include "vmx/switch.h"
#include "vmx/vmcs.h"
#include "x86/idle.h"
#include "x86/insn.h"
#include "x86/panic.h"

/*
 * The preemption timer counts at the TSC's rate shifted by a power of two and
 * does not run in root mode. SDM 3C, "VMX-Preemption Timer".
 */
static __attribute__((noinline)) void write_timer(struct vp *vp, s64 left)
{
	/* rounded up: never early */
	vmcs_write32(VMCS_PREEMPTION_TIMER,
		     (sched_timer_ticks(vp, left) + machine.preemption_round) >>
			     machine.preemption_shift);
}

/*
 * The field keeps its value over entries ("save preemption timer value" is
 * off), so while the deadline is far it is not written again.
 */
static inline void arm_timer(const struct cpu *cpu, struct vp *vp)
{
	s64 left = (s64)(cpu->timer_deadline - insn_rdtsc());

	if (UNLIKELY(left < vp->own.timer_far)) {
		write_timer(vp, left);
	}
}

/* Nothing can run: halt until an NMI, the timer or the console's next look. */
static void idle(struct cpu *cpu)
{
	u64 wake;
	u64 deadline = sched_idle_deadline(cpu);

	console_poll(cpu);
	wake = console_next_poll(cpu);
	if (wake > deadline) {
		wake = deadline;
	}
	if (run_idle_begin(cpu)) {
		idle_wait(cpu, wake);
		run_idle_end(cpu);
	}
}

/* Nothing is entered that the CPU knows and the tables no longer say. */
static inline void check_synced(const struct vp *vp)
{
	HV_ASSERT(shadow_vmcs_is_synced(vp));
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
			continue;
		}
		if (vp != cpu->vp) {
			switch_to(cpu, vp);
		}
		service_vp(vp);
		if (vp->own.state == VP_RUNNABLE) {
			sched_arm(cpu, vp);
			check_synced(vp);
			return vp;
		}
	}
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

/* loop_next() for a CPU whose VMCS is that of `vp`. */
static inline struct vp *enter(struct cpu *cpu, struct vp *vp)
{
	for (;;) {
		if (UNLIKELY(vp->own.due)) {
			vp = find_runnable(cpu);
		}
		arm_timer(cpu, vp);
		if (LIKELY(run_enter(cpu, vp))) {
			stretch();
			return vp;
		}
		due_note(vp);
	}
}

struct vp *loop_next(struct cpu *cpu)
{
	return enter(cpu, cpu->vp != NULL ? cpu->vp : find_runnable(cpu));
}

struct vp *loop_exit(struct cpu *cpu)
{
	struct vp *vp = cpu->vp;

	vp->own.exit_count++;
	vp->own.entry_event = 0;
	exit_handle(vp);
	return enter(cpu, vp);
}

struct vp *loop_exit_publish(struct cpu *cpu)
{
	/* those that have one come to loop_exit_shadow() */
	ASSUME(cpu->vp->shadow == NULL);
	published_update(cpu->vp);
	run_leave(cpu);
	return loop_exit(cpu);
}

struct vp *loop_exit_shadow(struct cpu *cpu)
{
	struct vp *vp;

	published_update(cpu->vp);
	run_leave(cpu);
	vp = loop_exit(cpu);
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
