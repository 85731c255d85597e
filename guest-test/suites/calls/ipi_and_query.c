/* SPDX-License-Identifier: MIT */
/*
 * 0x000B, 0x0015 and 0x8001: each status is a row; then which VPs get the
 * interrupt, in each of their states. suites/registers has 0x0050 and 0x0051.
 */
#include "call/checked.h"
#include "call/forms.h"
#include "call/row_words.h"
#include "call/vpset.h"
#include "experiment/halting.h"
#include "harness/suite.h"
#include "harness/tap.h"
#include "kernel/apic.h"
#include "kernel/cpu.h"
#include "kernel/host.h"
#include "kernel/irq.h"
#include "kernel/mem.h"
#include "kernel/page.h"
#include "kernel/relax.h"
#include "kernel/smp.h"

#define IPI    HV_CALL_SEND_SYNTHETIC_CLUSTER_IPI
#define IPI_EX HV_CALL_SEND_SYNTHETIC_CLUSTER_IPI_EX
#define QUERY  HV_EXT_CALL_QUERY_CAPABILITIES
#define FAST   HV_CONTROL_FAST

#define DENIED HV_STATUS_ACCESS_DENIED

#define VEC     0x58
#define VEC_END 0x59 /* to VP 1, after VEC: then VEC must have come */

struct neighbour_row {
	u64 control;
	u16 status;
	u16 mine;     /* interrupts that VP 0 gets */
	u64 words[6]; /* input block; the registers of a fast call */
	u32 offset;   /* of input and output in their pages */
};

static void run_row(const void *arg)
{
	const struct neighbour_row *row = arg;
	struct guest_cpu *vp = vp_self();
	u64 in = page_gpa(vp->input) + row->offset;
	u64 out = page_gpa(vp->output) + row->offset;
	struct hypercall_result r;

	irq_count(VEC);
	irq_reset();
	memset(vp->output, 0xee, PAGE_SIZE);
	memcpy(vp->input + row->offset, row->words, sizeof(row->words));
	if (row->control & FAST) {
		in = row->words[0];
		out = row->words[1];
	}
	r = hypercall_checked(row->control, in, out);
	hypercall_expect(&r, row->status);
	tap_equal("reps completed", r.reps, 0);
	if (row->mine != 0) {
		irq_wait(0, VEC, row->mine);
	}
	irq_settle();
	tap_equal("interrupts", irq_got(0, VEC), row->mine);
}

static bool is_fast; /* 0x0015: its block in registers */

static u64 send_block(u64 control, u64 *block)
{
	if (is_fast) {
		return forms_fast(control, block).rax;
	}
	memcpy(vp_self()->input, block, FORM_QWORDS * sizeof(u64));
	return hypercall(control, page_gpa(vp_self()->input), 0);
}

static u64 send(const struct vpset *vps, u32 vector)
{
	u64 block[FORM_QWORDS] = {0};
	u32 banks = 0;

	block[0] = vector;
	block[1] = HV_GENERIC_SET_SPARSE_4K;
	block[2] = 0;
	for (u32 bank = 0; bank < HV_VP_SET_BANKS; bank++) {
		u64 bits = 0;

		for (u32 n = 0; n < smp_count(); n++) {
			if (vpset_has(vps, n) &&
			    smp_vps[n]->index / 64 == bank) {
				bits |= BIT(smp_vps[n]->index % 64);
			}
		}
		if (bits != 0 && banks < FORM_QWORDS - 3) {
			block[2] |= BIT(bank);
			block[3 + banks++] = bits;
		}
	}
	return send_block(IPI_EX | VAR(banks), block);
}

/* Each VP of the set has got one, the others none. */
static void expect_one_each(const struct vpset *vps)
{
	for (u32 n = 0; n < smp_count(); n++) {
		if (vpset_has(vps, n)) {
			irq_wait(n, VEC, 1);
		}
	}
	irq_settle();
	for (u32 n = 0; n < smp_count(); n++) {
		tap_equal("interrupts", irq_got(n, VEC),
			  vpset_has(vps, n) ? 1 : 0);
	}
}

static void ex_every_set(const void *arg)
{
	(void)arg;
	irq_count(VEC);
	for (u32 set = 0; set < BIT(smp_count() < 5 ? smp_count() : 5); set++) {
		struct vpset vps = {{set}};

		irq_reset();
		tap_equal("0x0015", send(&vps, VEC), OK);
		expect_one_each(&vps);
	}
}

static void ex_all(const void *arg)
{
	u64 block[FORM_QWORDS] = {VEC, HV_GENERIC_SET_ALL, 0};
	struct vpset all = vpset_range(0, smp_count() - 1);

	(void)arg;
	irq_count(VEC);
	irq_reset();
	tap_equal("0x0015", send_block(IPI_EX, block), OK);
	expect_one_each(&all);
}

static void ex_fast(const void *arg)
{
	u64 cr4 = cpu_cr4();

	forms_begin();
	is_fast = true;
	ex_every_set(arg);
	ex_all(arg);
	is_fast = false;
	cpu_set_cr4(cr4);
}

/*
 * From each VP to each, itself included. The next VP sends when all have taken
 * the last interrupt: a second one of that vector would merge with it in IRR,
 * as a VP that waits for its CPU can take none.
 */
static void send_job(void *arg)
{
	*(u64 *)arg = send(&(struct vpset){{~0ull}}, VEC);
}

static void ex_from_all(const void *arg)
{
	u64 status = ~0ull;

	(void)arg;
	irq_count(VEC);
	irq_reset();
	for (u32 sender = 1; sender < smp_count(); sender++) {
		smp_run(sender, send_job, &status);
		smp_wait(sender);
		tap_equal("0x0015", status, OK);
		for (u32 n = 0; n < smp_count(); n++) {
			irq_wait(n, VEC, sender);
		}
	}
	irq_settle();
	for (u32 n = 0; n < smp_count(); n++) {
		tap_equal("interrupts", irq_got(n, VEC), smp_count() - 1);
	}
}

/* With IF = 0 it waits for STI; a second one merges with the first. */
static void if_0(const void *arg)
{
	(void)arg;
	irq_count(VEC);
	irq_reset();
	cpu_cli();
	tap_equal("0x000b", hypercall(IPI | FAST, VEC, 1), OK);
	tap_equal("0x000b", hypercall(IPI | FAST, VEC, 1), OK);
	irq_settle();
	tap_equal("IF=0", irq_got(0, VEC), 0);
	cpu_sti();
	irq_wait(0, VEC, 1);
	irq_settle();
	tap_equal("after STI", irq_got(0, VEC), 1);
}

static void halted(const void *arg)
{
	struct vpset one = {{BIT(HALTING_VP)}};

	(void)arg;
	halting_begin(VEC);
	for (u32 i = 1; i <= HALTING_ROUNDS; i++) {
		halting_wait(i);
		/* every second time the VP has time to halt */
		if (i % 2 == 0) {
			irq_settle();
		}
		tap_equal("0x0015", send(&one, VEC), OK);
		halting_woken(i);
	}
	halting_end();
}

/* INIT disables the APIC: no interrupt is kept until after SIPI. */
static void wait_for_sipi(const void *arg)
{
	struct vpset one = {{BIT(1)}};
	u32 starts = smp_vps[1]->starts;

	(void)arg;
	irq_count(VEC);
	irq_count(VEC_END);
	irq_reset();
	smp_send_init(1);
	irq_settle();
	tap_equal("0x0015", send(&one, VEC), OK);
	irq_settle();
	smp_send_sipi(1);
	wait_until(smp_vps[1]->starts != starts);
	tap_equal("0x0015", send(&one, VEC_END), OK);
	irq_wait(1, VEC_END, 1);
	tap_equal("interrupts", irq_got(1, VEC), 0);
}

/* A VP whose local APIC is software-disabled takes none. */
static void disabled_apic(const void *arg)
{
	u32 svr = apic_read(APIC_SVR);

	(void)arg;
	irq_count(VEC);
	irq_reset();
	apic_write(APIC_SVR, svr & ~0x100u);
	tap_equal("0x000b", hypercall(IPI | FAST, VEC, 1), OK);
	irq_settle();
	apic_write(APIC_SVR, svr);
	irq_settle();
	tap_equal("interrupts", irq_got(0, VEC), 0);
}

/* The call ignores its input; only the output matters. */
static void query(const void *arg)
{
	u64 *out = (u64 *)vp_self()->output;
	struct hypercall_result r;

	(void)arg;
	out[0] = out[1] = ~0ull;
	r = hypercall_checked(QUERY, ~0ull, page_gpa(out));
	hypercall_expect(&r, OK);
	tap_equal("capabilities", out[0], 0);
	tap_equal("after them", out[1], ~0ull);
}

#define ROW(_name, _needs, _control, _status, ...)                             \
	{                                                                      \
		_name, "TLFS: HvCallSendSyntheticClusterIpi", run_row,         \
			&(const struct neighbour_row){.control = _control,     \
						      .status = _status,       \
						      __VA_ARGS__},            \
			1, NEED_HV | _needs                                    \
	}
#define ONE(_name, _control, _status, ...)                                     \
	ROW(_name, NEED_IPI, _control, _status, __VA_ARGS__)
#define EX(_name, _control, _status, ...)                                      \
	ROW(_name, NEED_IPI | NEED_EX, _control, _status, __VA_ARGS__)
#define EXT(_name, _control, _status, ...)                                     \
	ROW(_name, NEED_EXT_CALLS, _control, _status, __VA_ARGS__)
#define WORDS(...)  .words = {__VA_ARGS__}
#define IPI_HEADING "TLFS: HvCallSendSyntheticClusterIpi"

/* clang-format off */
static const struct check checks[] = {
	ROW("ipi_denied", NEED_NO_IPI, IPI, DENIED, WORDS(VEC, 1)),
	ROW("ipi_denied_ex", NEED_NO_IPI, IPI_EX, DENIED, WORDS(VEC, 1)),
	ROW("ipi_ex_no_masks", NEED_NO_EX, IPI_EX, DENIED, WORDS(VEC, 1)),

	ONE("ipi", IPI, OK, .mine = 1, WORDS(VEC, 1)),
	ONE("ipi_fast", IPI | FAST, OK, .mine = 1, WORDS(VEC, 1)),
	ONE("ipi_mask_0", IPI, OK, WORDS(VEC, 0)),
	ONE("ipi_unknown_vp", IPI, OK, WORDS(VEC, BIT(63))),
	ONE("ipi_vector_0", IPI, PARAM, WORDS(0, 1)),
	ONE("ipi_vector_15", IPI | FAST, PARAM, WORDS(15, 1)),
	ONE("ipi_vector_256", IPI, PARAM, WORDS(256, 1)),
	ONE("ipi_vector_256_fast", IPI | FAST, PARAM, WORDS(256, 1)),
	ONE("ipi_vtl_1", IPI, PARAM, WORDS(VEC | 0x11ull << 32, 1)),
	ONE("ipi_use_vtl", IPI, PARAM, WORDS(VEC | 0x10ull << 32, 1)),
	ONE("ipi_vtl_reserved", IPI, PARAM, WORDS(VEC | 0x20ull << 32, 1)),
	ONE("ipi_padding", IPI, PARAM, WORDS(VEC | BIT(40), 1)),
	ONE("ipi_padding_fast", IPI | FAST, PARAM, WORDS(VEC | BIT(63), 1)),
	ONE("ipi_count", IPI | COUNT(1), INPUT, WORDS(VEC, 1)),
	ONE("ipi_start", IPI | START(1), INPUT, WORDS(VEC, 1)),
	ONE("ipi_var", IPI | VAR(1), INPUT, WORDS(VEC, 1)),
	ONE("ipi_alignment", IPI, ALIGN, .offset = 4, WORDS(VEC, 1)),

	EX("ipi_ex", IPI_EX | VAR(1), OK, .mine = 1, WORDS(VEC, 0, 1, 1)),
	EX("ipi_ex_empty", IPI_EX, OK, WORDS(VEC, 0, 0)),
	EX("ipi_ex_empty_bank", IPI_EX | VAR(1), OK, WORDS(VEC, 0, 1, 0)),
	EX("ipi_ex_unknown_vp", IPI_EX | VAR(1), OK,
	   WORDS(VEC, 0, BIT(63), ~0ull)),
	EX("ipi_ex_format_2", IPI_EX, PARAM, WORDS(VEC, 2, 0)),
	EX("ipi_ex_var_too_small", IPI_EX, INPUT, WORDS(VEC, 0, 1, 1)),
	EX("ipi_ex_var_too_big", IPI_EX | VAR(2), INPUT,
	   WORDS(VEC, 0, 1, 1, 1)),
	EX("ipi_ex_all_var", IPI_EX | VAR(1), INPUT, WORDS(VEC, 1, 0, 1)),
	EX("ipi_ex_vector_15", IPI_EX | VAR(1), PARAM, WORDS(15, 0, 1, 1)),
	EX("ipi_ex_vtl_1", IPI_EX | VAR(1), PARAM,
	   WORDS(VEC | BIT(32), 0, 1, 1)),
	EX("ipi_ex_padding", IPI_EX | VAR(1), PARAM,
	   WORDS(VEC | BIT(47), 0, 1, 1)),

	{"ipi_ex_every_set", IPI_HEADING, ex_every_set, NULL, 1,
	 NEED_HV | NEED_IPI | NEED_EX},
	{"ipi_ex_all", IPI_HEADING, ex_all, NULL, 1,
	 NEED_HV | NEED_IPI | NEED_EX},
	{"ipi_ex_fast", IPI_HEADING, ex_fast, NULL, 1,
	 NEED_HV | NEED_IPI | NEED_EX | NEED_XMM},
	{"ipi_ex_from_all", IPI_HEADING, ex_from_all, NULL, 2,
	 NEED_HV | NEED_IPI | NEED_EX},
	{"ipi_if_0", IPI_HEADING, if_0, NULL, 1, NEED_HV | NEED_IPI},
	{"ipi_halted", IPI_HEADING, halted, NULL, 2,
	 NEED_HV | NEED_IPI | NEED_EX},
	{"ipi_wait_for_sipi", IPI_HEADING, wait_for_sipi, NULL, 2,
	 NEED_HV | NEED_IPI | NEED_EX},
	{"ipi_disabled_apic", IPI_HEADING, disabled_apic, NULL, 1,
	 NEED_HV | NEED_IPI},

	ROW("extended_denied", NEED_NO_EXT_CALLS, QUERY, DENIED, WORDS(0)),
	{"extended_query", "TLFS: HvExtCallQueryCapabilities", query, NULL, 1,
	 NEED_HV | NEED_EXT_CALLS},
	EXT("extended_alignment", QUERY, ALIGN, .offset = 4),
	EXT("extended_count", QUERY | COUNT(1), INPUT, WORDS(0)),
	EXT("extended_var", QUERY | VAR(1), INPUT, WORDS(0)),
	ROW("extended_next", 0, QUERY + 1, CODE, WORDS(0)),
};
/* clang-format on */

SUITE("neighbours", 230, checks);
