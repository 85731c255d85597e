/* SPDX-License-Identifier: MIT */
/*
 * 0x0050 and 0x0051 on another VP that spins without an exit, halts, waits for
 * SIPI or is suspended; then by all VPs on each other at once.
 */
#include "call/registers.h"
#include "experiment/inhibited.h"
#include "experiment/shared_cpu.h"
#include "harness/suite.h"
#include "harness/tap.h"
#include "kernel/apic.h"
#include "kernel/cmdline.h"
#include "kernel/cpu.h"
#include "kernel/irq.h"
#include "kernel/relax.h"
#include "kernel/rng.h"
#include "kernel/smp.h"
#include "kernel/watchdog.h"

#include "x86/cr.h"

#define X(name)      HV_X64_REGISTER_##name
#define R15          X(R15)
#define VEC          0x5a
#define ROUNDS       200
#define VMCALL_BYTES 0xc1010f
#define TIMER_TICKS  1000000 /* longer than its handler takes anywhere */
#define TIMER_ROUNDS 10
#define HEADING      "TLFS: HvCallGetVpRegisters, HvCallSetVpRegisters"

static volatile u32 begun;

static u64 get(u32 n, u32 name)
{
	return registers_get_name(n, name).low;
}

static u16 set(u32 n, u32 name, u64 value)
{
	return registers_set_name(n, name,
				  (struct hv_register_value){value, 0});
}

static void begin_on(u32 n, vp_fn *job)
{
	begun = 0;
	smp_run(n, job, NULL);
	wait_until(begun != 0);
}

static void begin(vp_fn *job)
{
	begin_on(1, job);
}

/* Spins until another VP sets R15. */
static void spin_on_r15(void)
{
	begun = 1;
	__asm__ volatile("xorl %%r15d, %%r15d\n"
			 "1:\n\t"
			 "testq %%r15, %%r15\n\t"
			 "jz 1b"
			 :
			 :
			 : "r15", "cc", "memory");
}

static void spin_job(void *arg)
{
	(void)arg;
	spin_on_r15();
}

static void dark_job(void *arg)
{
	(void)arg;
	cpu_cli();
	spin_on_r15();
	cpu_sti();
}

static void spinning(const void *arg)
{
	vp_fn *job = *(vp_fn *const *)arg;

	begin(job);
	tap_equal("CR3", get(1, X(CR3)), cpu_cr3());
	tap_equal("CR4", get(1, X(CR4)), cpu_cr4());
	tap_equal("GS base", get(1, X(GS)), (u64)smp_vps[1]);
	tap_equal("VP index", get(1, HV_REGISTER_VP_INDEX), smp_vps[1]->index);
	tap_equal("APIC ID", get(1, X(INITIAL_APIC_ID)), 1);
	tap_equal("IF", (get(1, X(RFLAGS)) & RFLAGS_IF) != 0, job == spin_job);
	tap_equal("RIP, not canonical", set(1, X(RIP), BIT(47)),
		  HV_STATUS_INVALID_REGISTER_VALUE);
	tap_equal("R15", get(1, R15), 0);
	tap_true("still there", smp_is_busy(1));
	tap_equal("set R15", set(1, R15, 77), 0);
	smp_wait(1);
}

/* Loops until 0x0051 sets RIP to the address in R15; the stack stays. */
static void jump_job(void *arg)
{
	(void)arg;
	begun = 1;
	__asm__ volatile("leaq 2f(%%rip), %%r15\n"
			 "1:\tjmp 1b\n"
			 "2:"
			 :
			 :
			 : "r15", "memory");
}

static void rip(const void *arg)
{
	u64 target = 0;

	(void)arg;
	begin(jump_job);
	while (target == 0 || get(1, X(RIP)) >= target) {
		target = get(1, R15);
		watchdog_poll();
	}
	tap_equal("set RIP", set(1, X(RIP), target), 0);
	smp_wait(1);
}

/* With IF = 0 an interrupt is pending; it comes when the call sets IF. */
static void rflags(const void *arg)
{
	u64 flags;

	(void)arg;
	irq_count(VEC);
	irq_reset();
	begin(dark_job);
	apic_send(1, APIC_ICR_ASSERT | VEC);
	irq_settle();
	tap_equal("IF=0", irq_got(1, VEC), 0);
	/* its loop tests R15, so the call must not change ZF */
	flags = get(1, X(RFLAGS));
	tap_equal("set RFLAGS", set(1, X(RFLAGS), flags | RFLAGS_IF), 0);
	irq_wait(1, VEC, 1);
	/* after the handler's IRET, which sets IF again */
	spin_until(get(1, X(RFLAGS)) & RFLAGS_IF);
	tap_equal("set RFLAGS", set(1, X(RFLAGS), flags), 0);
	apic_send(1, APIC_ICR_ASSERT | VEC);
	irq_settle();
	tap_equal("IF=0", irq_got(1, VEC), 1);
	tap_equal("set R15", set(1, R15, 1), 0);
	smp_wait(1);
	irq_wait(1, VEC, 2);
}

static volatile u64 halted_at;

static void halt_job(void *arg)
{
	(void)arg;
	cpu_cli();
	halted_at = 1;
	begun = 1;
	__asm__ volatile("xorl %%r15d, %%r15d\n\t"
			 "leaq 1f(%%rip), %%rax\n\t"
			 "movq %%rax, %0\n\t"
			 "sti\n\t"
			 "hlt\n"
			 "1:\n\t"
			 "movq %%r15, %0"
			 : "=m"(halted_at)
			 :
			 : "rax", "r15", "memory");
}

/* The VP stays halted; it sees the new value when it wakes. */
static void halted(const void *arg)
{
	(void)arg;
	irq_count(VEC);
	irq_reset();
	begin(halt_job);
	irq_settle();
	tap_equal("RIP", get(1, X(RIP)), halted_at);
	tap_equal("set R15", set(1, R15, 0x77), 0);
	irq_settle();
	tap_equal("R15", get(1, R15), 0x77);
	tap_true("halted", smp_is_busy(1));
	apic_send(1, APIC_ICR_ASSERT | VEC);
	smp_wait(1);
	tap_equal("R15 after HLT", halted_at, 0x77);
}

/* SDM 3A, "Processor State After Reset", column INIT. */
static void waits_for_sipi(const void *arg)
{
	u32 starts = smp_vps[1]->starts;
	u64 cache_bits = get(1, X(CR0)) & (CR0_CD | CR0_NW);

	(void)arg;
	smp_send_init(1);
	irq_settle();
	tap_equal("RIP", get(1, X(RIP)), 0xfff0);
	tap_equal("CR0", get(1, X(CR0)), cache_bits | CR0_ET);
	tap_equal("CS base", get(1, X(CS)), 0xffff0000);
	tap_equal("set R15", set(1, R15, 5), 0);
	tap_equal("R15", get(1, R15), 5);
	tap_equal("starts", smp_vps[1]->starts, starts);
	smp_send_sipi(1);
	wait_until(smp_vps[1]->starts != starts);
}

/* RIP is at the VMCALL, RCX has the control word; the VP goes on sleeping. */
static void suspended(const void *arg)
{
	u64 rip_now;

	(void)arg;
	scene_begin();
	scene_swap();
	scene_call(SCENE_CALLER);
	scene_sleeps(SCENE_CALLER);
	rip_now = get(SCENE_CALLER, X(RIP));
	tap_equal("RIP", *(const u32 *)rip_now & 0xffffff, VMCALL_BYTES);
	tap_equal("RCX", get(SCENE_CALLER, X(RAX) + 1) & 0xffff,
		  scene_callers[SCENE_CALLER]->call.code);
	tap_equal("set RIP", set(SCENE_CALLER, X(RIP), rip_now), 0);
	scene_still_sleeps(SCENE_CALLER);
	registers_release(SCENE_TARGET);
	scene_returns(SCENE_CALLER);
	scene_end();
}

static volatile u64 wrong;

/* Only this check uses DR0; bits 63:32 are the VP's number. */
static void storm_job(void *arg)
{
	struct rng rng;
	u32 me = vp_self()->id;

	(void)arg;
	rng_init(&rng, 1, me);
	for (u32 i = 0; i < ROUNDS; i++) {
		u32 n = (u32)rng_below(&rng, smp_count());
		u64 value = (u64)n << 32 | i;

		watchdog_poll();
		if (set(n, X(DR0), value) != 0 || get(n, X(DR0)) >> 32 != n ||
		    get(n, X(GS)) != (u64)smp_vps[n]) {
			wrong++;
		}
	}
}

static void all_at_once(const void *arg)
{
	(void)arg;
	wrong = 0;
	for (u32 n = 0; n < smp_count(); n++) {
		tap_equal("set DR0", set(n, X(DR0), (u64)n << 32), 0);
	}
	smp_run_range(1, smp_count() - 1, storm_job, NULL);
	storm_job(NULL);
	smp_wait_range(1, smp_count() - 1);
	tap_equal("wrong values", wrong, 0);
}

/*
 * The timer fires in each turn of the caller: a call that it interrupts gets
 * its result nevertheless. VP 2 may be of the caller's CPU.
 */
static void under_timer(const void *arg)
{
	u32 n = smp_count() > 2 ? 2 : 1;

	(void)arg;
	irq_count(VEC);
	irq_reset();
	begin_on(n, spin_job);
	apic_write(APIC_DIVIDE, APIC_DIVIDE_BY_1);
	apic_write(APIC_TIMER, APIC_TIMER_PERIODIC | VEC);
	apic_write(APIC_INIT, cmdline_get()->overcommit
				      ? (u32)shared_slice() / 4
				      : TIMER_TICKS);
	while (irq_got(0, VEC) < TIMER_ROUNDS) {
		watchdog_poll();
		tap_equal("R15", get(n, R15), 0);
	}
	apic_write(APIC_INIT, 0);
	tap_equal("set R15", set(n, R15, 1), 0);
	smp_wait(n);
}

#define NEEDS (NEED_HV | NEED_REGISTERS)

static vp_fn *const spin_fn = spin_job;
static vp_fn *const dark_fn = dark_job;

/* clang-format off */
static const struct check checks[] = {
	{"reg_of_spinning", HEADING, spinning, &spin_fn, 2, NEEDS},
	{"reg_of_dark", HEADING, spinning, &dark_fn, 2, NEEDS | TAG_IF0},
	{"reg_rip", HEADING, rip, NULL, 2, NEEDS},
	{"reg_rflags", HEADING, rflags, NULL, 2, NEEDS | TAG_IF0},
	{"reg_of_halted", HEADING, halted, NULL, 2, NEEDS},
	{"reg_of_wait_for_sipi", HEADING, waits_for_sipi, NULL, 2, NEEDS},
	{"reg_of_suspended", HEADING, suspended, NULL, 3,
	 NEEDS | NEED_TEST_CALL},
	{"reg_under_timer", HEADING, under_timer, NULL, 2, NEEDS},
	{"reg_all_at_once", HEADING, all_at_once, NULL, 2, NEEDS},
};
/* clang-format on */

SUITE("neighbours", 250, checks);
