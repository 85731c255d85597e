/* SPDX-License-Identifier: MIT */
/* Single steps over emulated instructions, and their order with interrupts. */
#include "harness/suite.h"
#include "harness/tap.h"
#include "kernel/apic.h"
#include "kernel/cpu.h"
#include "kernel/layout.h"
#include "kernel/mem.h"
#include "kernel/trap.h"
#include "kernel/vp.h"
#include "suites/step/step_suite.h"

#include "x86/cr.h"
#include "x86/msr.h"

#define VEC_STEP   0x55
#define EVENTS_MAX 8
#define PORT_IDLE  0x80 /* nothing is there */
#define DR6_NEWS   (GENMASK(3, 0) | GENMASK(15, 13))

struct event {
	u64 vector;
	u64 rip;
	u64 dr6;
	u64 rflags;
};

static struct event events[EVENTS_MAX];
static volatile u32 event_count;

/* The first #DB clears TF, so there must not be a second one. */
static void record(struct trap_frame *frame)
{
	if (event_count < EVENTS_MAX) {
		events[event_count].vector = frame->vector;
		events[event_count].rip = frame->rip;
		events[event_count].dr6 = cpu_dr6();
		events[event_count].rflags = frame->rflags;
	}
	event_count++;
	if (frame->vector == TRAP_DB) {
		frame->rflags &= ~RFLAGS_TF;
		cpu_set_dr6(DR6_RESET);
	} else {
		apic_eoi();
	}
}

static void record_begin(void)
{
	memset(events, 0, sizeof(events));
	event_count = 0;
	cpu_set_dr6(DR6_RESET);
	trap_set_handler(TRAP_DB, record);
	trap_set_handler(VEC_STEP, record);
}

/* Waits for an interrupt that must not come. */
static void record_end(void)
{
	cpu_sti();
	for (u32 i = 0; i < 64; i++) {
		cpu_pause();
	}
	trap_set_handler(TRAP_DB, NULL);
	trap_set_handler(VEC_STEP, NULL);
}

struct step {
	const char *name;
	u64 (*fn)(const struct step *step, u64 flags);
	u32 a; /* EAX, ECX, EDX */
	u32 c;
	u32 d;
};

/*
 * POPF sets TF (and IF, if `flags` say so): the trap comes after the
 * instruction that follows it. Returns the address after that instruction.
 */
#define STEP(function, instruction)                                            \
	static u64 function(const struct step *step, u64 flags)                \
	{                                                                      \
		u64 a = step->a;                                               \
		u64 c = step->c;                                               \
		u64 d = step->d;                                               \
		u64 after;                                                     \
		register u64 r8 __asm__("r8") = 0;                             \
                                                                               \
		__asm__ volatile(                                              \
			"leaq 1f(%%rip), %0; pushq %5; popfq\n\t" instruction  \
			"\n1:\tnop; nop; nop"                                  \
			: "=&S"(after), "+a"(a), "+c"(c), "+d"(d), "+r"(r8)    \
			: "r"(flags), "D"(SEL_DATA)                            \
			: "rbx", "cc", "memory");                              \
		return after;                                                  \
	}

STEP(step_nop, "nop")
STEP(step_cpuid, "cpuid")
STEP(step_vmcall, "vmcall")
STEP(step_rdmsr, "rdmsr")
STEP(step_wrmsr, "wrmsr")
STEP(step_in, "inb %%dx, %%al")
STEP(step_out, "outb %%al, %%dx")
STEP(step_cr8, "movq %%rax, %%cr8")
STEP(step_hlt, "hlt")
STEP(step_int1, ".byte 0xf1")
STEP(step_mov_ss_int1, "movl %%edi, %%ss; .byte 0xf1")
STEP(step_mov_ss_cpuid, "movl %%edi, %%ss; cpuid")

/* clang-format off */
static const struct step emulated[] = {
	/* name     fn           EAX  ECX                       EDX */
	{"NOP",     step_nop,    0,   0,                        0},
	{"CPUID",   step_cpuid,  0,   0,                        0},
	{"VMCALL",  step_vmcall, 0,   0,                        0},
	{"RDMSR",   step_rdmsr,  0,   MSR_IA32_X2APIC_VERSION,  0},
	{"WRMSR",   step_wrmsr,  0,   MSR_IA32_X2APIC_ESR,      0},
	{"IN",      step_in,     0,   0,                        PORT_IDLE},
	{"OUT",     step_out,    0,   0,                        PORT_IDLE},
	{"MOV CR8", step_cr8,    0,   0,                        0},
};
/* each sends VEC_STEP to its own VP */
static const struct step senders[] = {
	{"SELF IPI", step_wrmsr, VEC_STEP, MSR_IA32_X2APIC_SELF_IPI, 0},
	{"ICR", step_wrmsr, APIC_ICR_ASSERT | APIC_ICR_TO_SELF | VEC_STEP,
	 MSR_IA32_X2APIC_ICR, 0},
};
static const struct step shadowed[] = {
	{"INT1",          step_int1,         0, 0, 0},
	{"MOV SS; INT1",  step_mov_ss_int1,  0, 0, 0},
	{"MOV SS; CPUID", step_mov_ss_cpuid, 0, 0, 0},
};
static const struct step halt = {"HLT", step_hlt, 0, 0, 0};
static const struct step unmask = {"MOV CR8", step_cr8, 0, 0, 0};
/* clang-format on */

static void expect_event(const char *what, u32 i, u64 vector, u64 rip)
{
	tap_equal(what, events[i].vector, vector);
	tap_equal("its RIP", events[i].rip, rip);
}

static void expect_step(const char *what, u64 after)
{
	expect_event(what, 0, TRAP_DB, after);
	tap_equal("its DR6", events[0].dr6 & DR6_NEWS, DR6_BS);
	tap_equal("its RF", events[0].rflags & RFLAGS_RF, 0); /* a trap */
}

/* With IF = 0 exactly one #DB comes, after the instruction. */
static void one_step(const struct step *step)
{
	u64 after;

	cpu_cli();
	record_begin();
	after = step->fn(step, RFLAGS_FIXED | RFLAGS_TF);
	expect_step(step->name, after);
	record_end();
	tap_equal("events", event_count, 1);
}

static void cpuid_trap(const void *arg)
{
	(void)arg;
	for (size_t i = 0; i < ARRAY_SIZE(emulated); i++) {
		one_step(&emulated[i]);
	}
}

static void hlt_trap(const void *arg)
{
	(void)arg;
	one_step(&halt);
}

/* The trap comes first; after its handler, which has IF = 0, the interrupt. */
static void step_then_interrupt(const struct step *step)
{
	u64 after = step->fn(step, RFLAGS_FIXED | RFLAGS_TF | RFLAGS_IF);

	expect_step(step->name, after);
	expect_event("then", 1, VEC_STEP, after);
	record_end();
	tap_equal("events", event_count, 2);
}

static void trap_before_interrupt(const void *arg)
{
	(void)arg;
	for (size_t i = 0; i < ARRAY_SIZE(senders); i++) {
		record_begin();
		step_then_interrupt(&senders[i]);
	}
}

static void trap_before_unmasked(const void *arg)
{
	(void)arg;
	record_begin();
	cpu_set_cr8(VEC_STEP >> 4);
	apic_send(vp_self()->id, APIC_ICR_ASSERT | VEC_STEP);
	for (u32 i = 0; i < 64; i++) {
		cpu_pause();
	}
	tap_equal("masked", event_count, 0);
	step_then_interrupt(&unmask);
}

static void hlt_interrupt(const void *arg)
{
	u64 after;

	(void)arg;
	cpu_cli();
	record_begin();
	apic_send(vp_self()->id, APIC_ICR_ASSERT | VEC_STEP);
	__asm__ volatile("leaq 1f(%%rip), %0; sti; hlt; 1:"
			 : "=r"(after)
			 :
			 : "memory");
	expect_event("woken by", 0, VEC_STEP, after);
	record_end();
	tap_equal("events", event_count, 1);
}

/* MOV SS delays the trap by one instruction; INT1 clears TF. */
static void mov_ss_shadow(const void *arg)
{
	(void)arg;
	for (size_t i = 0; i < ARRAY_SIZE(shadowed); i++) {
		u64 after;

		cpu_cli();
		record_begin();
		after = shadowed[i].fn(&shadowed[i], RFLAGS_FIXED | RFLAGS_TF);
		expect_event(shadowed[i].name, 0, TRAP_DB, after);
		record_end();
		tap_equal("events", event_count, 1);
	}
}

#define TRAP_HEADING "SDM 3A: Single-Step Exception Condition"
#define INIT_HEADING "SDM 3A: Processor State After Reset"
#define RIP_HEADING  "SDM 1: Instruction Pointer"
#define NEEDS        (NEED_HV | NEED_X2APIC)

/* clang-format off */
static const struct check checks[] = {
	{"first_state", INIT_HEADING, step_check_first_state, NULL, 1, 0},
	{"cpuid_trap", TRAP_HEADING, cpuid_trap, NULL, 1, NEEDS},
	{"trap_before_interrupt", "SDM 3A: Priority Among Concurrent Events",
	 trap_before_interrupt, NULL, 1, NEEDS},
	{"trap_before_unmasked", "SDM 3A: Priority Among Concurrent Events",
	 trap_before_unmasked, NULL, 1, 0},
	{"hlt_trap", "SDM 2A: HLT", hlt_trap, NULL, 1, 0},
	{"hlt_interrupt", "SDM 2A: HLT", hlt_interrupt, NULL, 1, 0},
	{"mov_ss_shadow", "SDM 3A: Masking Exceptions and Interrupts When "
	 "Switching Stacks", mov_ss_shadow, NULL, 1, 0},
	{"init_forgets", INIT_HEADING, step_check_init_forgets, NULL, 2, 0},
	{"rf_of_faults", "SDM 3B: Instruction-Breakpoint Exception Condition",
	 step_check_rf_of_faults, NULL, 1, NEED_HV},
	{"rip_64bit", RIP_HEADING, step_check_rip_64bit, NULL, 1, 0},
	{"rip_wraps_32bit", RIP_HEADING, step_check_rip_wraps_32bit, NULL, 1,
	 0},
};
/* clang-format on */

SUITE("step", 100, checks);
