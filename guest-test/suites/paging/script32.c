/* SPDX-License-Identifier: MIT */
/* Steps and, beside each, what it must give. */
#include "suites/paging/script32.h"
#include "harness/tap.h"
#include "kernel/cpu.h"
#include "kernel/host.h"
#include "kernel/idt.h"
#include "kernel/layout.h"
#include "kernel/page.h"
#include "kernel/paging32.h"
#include "kernel/trap_frame.h"
#include "suites/paging/script32_layout.h"

#define STEPS_MAX  32
#define IDT_GATES  32
#define GATE_FLAGS (0x8eull << 40) /* present, DPL 0, 32-bit interrupt gate */

struct step {
	u32 op;
	u32 a;
	u32 b;
	u32 c;
	/* written by script32_execute() */
	u32 value;
	u32 vector;
	u32 error;
	u32 cr2;
};
_Static_assert(offsetof(struct step, op) == STEP_OP, "script32_layout.h");
_Static_assert(offsetof(struct step, a) == STEP_A, "script32_layout.h");
_Static_assert(offsetof(struct step, b) == STEP_B, "script32_layout.h");
_Static_assert(offsetof(struct step, c) == STEP_C, "script32_layout.h");
_Static_assert(offsetof(struct step, value) == STEP_VALUE, "script32_layout.h");
_Static_assert(offsetof(struct step, vector) == STEP_VECTOR,
	       "script32_layout.h");
_Static_assert(offsetof(struct step, error) == STEP_ERROR, "script32_layout.h");
_Static_assert(offsetof(struct step, cr2) == STEP_CR2, "script32_layout.h");
_Static_assert(sizeof(struct step) == STEP_LEN, "script32_layout.h");

struct want {
	u32 vector;
	u32 error;
	u32 mask; /* of the value */
	u32 value;
};

struct table_ptr {
	u16 limit;
	u32 base;
} __attribute__((packed));

/* script32_run.S */
void script32_execute(bool is_paged);
void script32_ud(void);
void script32_gp(void);
void script32_pf(void);
extern struct step script32_steps[STEPS_MAX + 1];
extern struct table_ptr script32_idt;

struct step script32_steps[STEPS_MAX + 1];
struct table_ptr script32_idt;

static struct want wants[STEPS_MAX];
static u32 count;

static void add(const struct step *step, const struct want *want)
{
	if (tap_at_most("steps", count + 1, STEPS_MAX)) {
		script32_steps[count] = *step;
		wants[count] = *want;
		count++;
	}
}

void script32_do(enum script32_op op, u32 a, u32 b)
{
	add(&(struct step){.op = op, .a = a, .b = b},
	    &(struct want){.vector = TRAP_NONE});
}

void script32_bits(u32 at, u32 mask, u32 want)
{
	add(&(struct step){.op = SCRIPT32_READ, .a = at},
	    &(struct want){.vector = TRAP_NONE, .mask = mask, .value = want});
}

void script32_read(u32 at, u32 want)
{
	script32_bits(at, ~0u, want);
}

void script32_read_kept(u32 at, u32 want)
{
	script32_bits(at, host_get()->has_shadow ? ~0u : 0, want);
}

void script32_fault(enum script32_op op, u32 a, u32 b, u32 vector, u32 error)
{
	add(&(struct step){.op = op, .a = a, .b = b},
	    &(struct want){.vector = vector, .error = error});
}

void script32_call(u64 control, const void *block)
{
	add(&(struct step){.op = SCRIPT32_CALL,
			   .a = (u32)control,
			   .b = (u32)page_gpa(block),
			   .c = (u32)(control >> 32)},
	    &(struct want){.vector = TRAP_NONE, .mask = HV_RESULT_STATUS});
}

static u64 gate_to(void (*fn)(void))
{
	u64 at = (u64)fn;

	return (at & 0xffff) | (u64)SEL_CODE32 << 16 | GATE_FLAGS |
	       (at >> 16) << 48;
}

static void make_idt(void)
{
	static u64 gates[IDT_GATES];

	gates[TRAP_UD] = gate_to(script32_ud);
	gates[TRAP_GP] = gate_to(script32_gp);
	gates[TRAP_PF] = gate_to(script32_pf);
	script32_idt = (struct table_ptr){sizeof(gates) - 1, (u32)(u64)gates};
}

static void compare(u32 i)
{
	const struct step *step = &script32_steps[i];
	const struct want *want = &wants[i];

	if (!tap_equal("vector", step->vector, want->vector)) {
		tap_equal("number of the step", i, STEPS_MAX);
		return;
	}
	if (step->vector == TRAP_NONE) {
		if (!tap_equal("value", step->value & want->mask,
			       want->value & want->mask)) {
			tap_equal("number of the step", i, STEPS_MAX);
		}
		return;
	}
	tap_equal("error code", step->error, want->error);
	if (step->vector == TRAP_PF) {
		tap_equal("CR2", step->cr2, step->a);
	}
}

void script32_run(enum script32_mode mode)
{
	u64 flags = cpu_flags();

	make_idt();
	script32_steps[count] = (struct step){.op = SCRIPT32_END};
	if (mode != SCRIPT32_UNPAGED) {
		paging32_select(mode == SCRIPT32_PAE ? PAGING32_PAE
						     : PAGING32_CLASSIC);
	}
	cpu_cli();
	script32_execute(mode != SCRIPT32_UNPAGED);
	idt_load();
	cpu_set_flags(flags);
	for (u32 i = 0; i < count; i++) {
		compare(i);
	}
	count = 0;
}
