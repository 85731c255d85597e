/* SPDX-License-Identifier: MIT */
/*
 * The run loop. Everything of the hot path that is not the call itself is
 * here: keep it short.
 */
#include "vmx/loop.h"

#include "core/console.h"
#include "core/machine.h"
#include "core/run.h"
#include "core/service.h"
#include "vmx/exit.h"
#include "vmx/vmcs.h"
#include "x86/idle.h"
#include "x86/insn.h"
#include "x86/panic.h"

/*
 * The preemption timer counts at the TSC's rate shifted by a power of two and
 * does not run in root mode. SDM 3C, "VMX-Preemption Timer".
 */
static u64 timer_ticks(u64 deadline)
{
	u64 now = insn_rdtsc();

	if (deadline >= now + machine.timer_ceiling) {
		return machine.timer_ceiling;
	}
	return deadline > now ? deadline - now : 0;
}

/*
 * The field keeps its value over entries ("save preemption timer value" is
 * off), so it is written only where it changes: without a deadline never.
 */
static void arm_timer(struct cpu *cpu)
{
	u64 ticks = machine.timer_ceiling;

	if (UNLIKELY(cpu->timer_deadline != ~0ull)) {
		ticks = timer_ticks(cpu->timer_deadline);
	}
	if (UNLIKELY(ticks != cpu->timer_armed)) {
		cpu->timer_armed = ticks;
		/* rounded up: never early */
		vmcs_write32(VMCS_PREEMPTION_TIMER,
			     (ticks + machine.preemption_round) >>
				     machine.preemption_shift);
	}
}

/* Nothing can run: halt until an NMI, the timer or the console's next look. */
static void idle(struct cpu *cpu)
{
	u64 wake;

	console_poll(cpu);
	wake = console_next_poll(cpu);
	if (wake > cpu->timer_deadline) {
		wake = cpu->timer_deadline;
	}
	if (run_idle_begin(cpu)) {
		idle_wait(cpu, wake);
		run_idle_end(cpu);
	}
	panic_check();
	/* look at events and timer, whatever the reason of the wake-up */
	for (u32 i = 0; i < cpu->vp_count; i++) {
		cpu->vps[i]->check = true;
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

struct vp *loop_next(struct cpu *cpu)
{
	struct vp *vp = cpu->vp;

	for (;;) {
		if (UNLIKELY(vp == NULL)) {
			idle(cpu);
			continue;
		}
		if (UNLIKELY(vp->check)) {
			panic_check();
			service_vp(vp);
			if (vp->state != VP_RUNNABLE) {
				idle(cpu);
				continue;
			}
		}
		arm_timer(cpu);
		if (LIKELY(run_enter(cpu, vp))) {
			stretch();
			return vp;
		}
		panic_check();
		service_vp(vp);
	}
}

void loop_exit(struct cpu *cpu)
{
	struct vp *vp = cpu->vp;

	run_leave(cpu);
	vp->launched = 1;
	vp->exit_count++;
	vp->entry_event = 0;
	exit_handle(vp);
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
