/* SPDX-License-Identifier: MIT */
/*
 * 0x000B and 0x0015: the status, which VPs get the interrupt, and which CPUs
 * are kicked for it.
 */

#include "core/cpu/run_word.h"
#include "support/call.h"
#include "support/check.h"
#include "tlfs/cpuid.h"

#define IPI    CALL_CODE(HV_CALL_SEND_SYNTHETIC_CLUSTER_IPI)
#define IPI_EX CALL_CODE(HV_CALL_SEND_SYNTHETIC_CLUSTER_IPI_EX)
#define FAST   HV_CONTROL_FAST
#define VECTOR 0x61

#define OK     HV_STATUS_SUCCESS
#define INPUT  HV_STATUS_INVALID_HYPERCALL_INPUT
#define PARAM  HV_STATUS_INVALID_PARAMETER
#define DENIED HV_STATUS_ACCESS_DENIED
#define ALL    0x3full /* the six VPs, by number */

static struct partition *p; /* VP indices 0, 70, 140, 210, 280, 350 */

static void setup(void)
{
	fake_cpus(4);
	p = call_partition(6, 70);
}

/*
 * Returns the VPs that have `vector` pending, by number, and clears what was
 * posted.
 */
static u64 got(u8 vector)
{
	u64 vps = 0;

	for (u32 n = 0; n < p->vp_count; n++) {
		struct vp *vp = p->vps[n];
		u64 bit = vp->shared.posted_irr[vector / 64] & BIT(vector % 64);

		if (bit != 0) {
			vps |= BIT(n);
			CHECK(vp->shared.events & VP_EVENT_IRQ);
		}
		vp->shared.posted_irr[vector / 64] ^= bit;
		for (u32 i = 0; i < ARRAY_SIZE(vp->shared.posted_irr); i++) {
			CHECK_EQ(vp->shared.posted_irr[i], 0);
		}
		CHECK_EQ(vp->shared.events, bit != 0 ? VP_EVENT_IRQ : 0);
		vp->shared.events = 0;
	}
	return vps;
}

static const struct {
	const char *name;
	u64 control;
	u64 words[6];
	u16 status;
	u64 vps; /* who gets it */
} rows[] = {
	/* clang-format off */
	{"self",           IPI, {VECTOR, 1}, OK, 1},
	{"mask",           IPI, {VECTOR, 1 | 1ull << 63}, OK, 1},
	{"nobody",         IPI, {VECTOR, 0}, OK, 0},
	{"not there",      IPI, {VECTOR, ~1ull}, OK, 0},
	{"vector 0",       IPI, {0, 1}, PARAM, 0},
	{"vector 15",      IPI, {15, 1}, PARAM, 0},
	{"vector 256",     IPI, {256, 1}, PARAM, 0},
	{"vector 2^31",    IPI, {BIT(31) | VECTOR, 1}, PARAM, 0},
	{"VTL 1",          IPI, {VECTOR | 0x11ull << 32, 1}, PARAM, 0},
	{"UseTargetVtl",   IPI, {VECTOR | 0x10ull << 32, 1}, PARAM, 0},
	{"VTL reserved",   IPI, {VECTOR | 0x80ull << 32, 1}, PARAM, 0},
	{"padding 1",      IPI, {VECTOR | 1ull << 40, 1}, PARAM, 0},
	{"padding 2",      IPI, {VECTOR | 1ull << 48, 1}, PARAM, 0},
	{"padding 3",      IPI, {VECTOR | 1ull << 63, 1}, PARAM, 0},
	{"count",          IPI | CALL_COUNT(1), {VECTOR, 1}, INPUT, 0},
	{"start",          IPI | CALL_START(1), {VECTOR, 1}, INPUT, 0},
	{"var",            IPI | CALL_VAR(1), {VECTOR, 1}, INPUT, 0},

	{"ex all",         IPI_EX, {VECTOR, 1, 0}, OK, ALL},
	{"ex all, banks",  IPI_EX | CALL_VAR(1), {VECTOR, 1, 1, 0}, OK, ALL},
	{"ex empty",       IPI_EX, {VECTOR, 0, 0}, OK, 0},
	{"ex bank 0",      IPI_EX | CALL_VAR(1), {VECTOR, 0, 1, 1}, OK, 1},
	{"ex empty bank",  IPI_EX | CALL_VAR(1), {VECTOR, 0, 2, 0}, OK, 0},
	{"ex two banks",   IPI_EX | CALL_VAR(2), {VECTOR, 0, 0x22, BIT(6), ~0ull}, OK, 0x22},
	{"ex hole",        IPI_EX | CALL_VAR(2), {VECTOR, 0, BIT(63) | 4, BIT(12), ~0ull}, OK, 4},
	{"ex format 2",    IPI_EX, {VECTOR, 2, 0}, PARAM, 0},
	{"ex format 2^32", IPI_EX, {VECTOR, BIT(32), 0}, PARAM, 0},
	{"ex var short",   IPI_EX | CALL_VAR(1), {VECTOR, 0, 3, 1}, INPUT, 0},
	{"ex var long",    IPI_EX | CALL_VAR(1), {VECTOR, 0, 0, 1}, INPUT, 0},
	{"ex all, var",    IPI_EX | CALL_VAR(1), {VECTOR, 1, 0, 1}, INPUT, 0},
	{"ex vector",      IPI_EX | CALL_VAR(1), {15, 2, 0, 1}, PARAM, 0},
	{"ex VTL",         IPI_EX, {VECTOR | 1ull << 32, 1, 0}, PARAM, 0},
	{"ex padding",     IPI_EX, {VECTOR | 1ull << 47, 1, 0}, PARAM, 0},
	{"ex format 1st",  IPI_EX | CALL_VAR(1), {VECTOR, 2, 0, 1}, PARAM, 0},
	{"ex count",       IPI_EX | CALL_COUNT(1), {VECTOR, 1, 0}, INPUT, 0},
	/* clang-format on */
};

static void t_blocks(void)
{
	for (u32 i = 0; i < ARRAY_SIZE(rows); i++) {
		setup();
		call_put(p, CALL_GPA, rows[i].words, 6);
		check_eq(call_simple(p->vps[0], rows[i].control),
			 rows[i].status, rows[i].name, __FILE__, __LINE__);
		check_eq(got(VECTOR), rows[i].vps, rows[i].name, __FILE__,
			 __LINE__);
		fake_reset();
	}
}

static void t_fast(void)
{
	struct call call = {.control = IPI | FAST, .input = 0xff, .output = 1};

	setup();
	call_make(p->vps[2], &call);
	CHECK_EQ(call.status, OK);
	CHECK_EQ(got(0xff), 1);
	/* a 32-bit caller has only the lower halves */
	call.is_32bit = true;
	call.input = 0x10;
	call_make(p->vps[2], &call);
	CHECK_EQ(call.status, OK);
	CHECK_EQ(got(0x10), 1);
	call.input = 0x10ull << 32 | 0x10;
	call_make(p->vps[2], &call);
	CHECK_EQ(call.status, PARAM);
	CHECK_EQ(got(0x10), 0);
}

static void t_every_vector(void)
{
	setup();
	for (u32 vector = 0; vector < 0x120; vector++) {
		struct call call = {
			.control = IPI | FAST, .input = vector, .output = 1};

		call_make(p->vps[0], &call);
		CHECK_EQ(call.status,
			 vector >= 0x10 && vector <= 0xff ? OK : PARAM);
		CHECK_EQ(got((u8)vector), call.status == OK ? 1 : 0);
	}
}

static u16 denied(u32 hints, u64 control)
{
	u64 words[] = {VECTOR, 1, 0};

	fake_config(p)->privileges.hints = hints;
	call_put(p, CALL_GPA, words, 3);
	return call_simple(p->vps[0], control);
}

static void t_each_needs_its_hints(void)
{
	setup();
	CHECK_EQ(denied(HV_HINT_EX_PROCESSOR_MASKS, IPI), DENIED);
	CHECK_EQ(denied(HV_HINT_EX_PROCESSOR_MASKS, IPI_EX), DENIED);
	CHECK_EQ(denied(HV_HINT_CLUSTER_IPI, IPI_EX), DENIED);
	CHECK_EQ(got(VECTOR), 0);
	CHECK_EQ(denied(HV_HINT_CLUSTER_IPI, IPI), OK);
	CHECK_EQ(got(VECTOR), 1);
	CHECK_EQ(denied(HV_HINT_CLUSTER_IPI | HV_HINT_EX_PROCESSOR_MASKS,
			IPI_EX),
		 OK);
	CHECK_EQ(got(VECTOR), ALL);
}

/* VPs 1, 2 and 3 have a CPU each; 4 and 5 share those of VPs 0 and 1. */
static void t_who_is_kicked(void)
{
	u64 words[] = {VECTOR, 1, 0};

	setup();
	fake_enter(p->vps[1]);
	p->vps[2]->own.state = VP_HALTED;
	p->vps[2]->cpu->run |= RUN_IDLE;
	p->vps[3]->own.state = VP_SUSPENDED;
	p->vps[1]->cpu->sliced = 1;
	call_put(p, CALL_GPA, words, 3);
	CHECK_EQ(call_simple(p->vps[0], IPI_EX), OK);
	CHECK_EQ(got(VECTOR), ALL);
	CHECK_EQ(fake_kicks_of(0), 0);
	CHECK_EQ(fake_kicks_of(1), 1);
	CHECK_EQ(fake_kicks_of(2), 1);
	CHECK_EQ(fake_kicks_of(3), 0);
}

static const struct test tests[] = {
	{"blocks", t_blocks},
	{"fast", t_fast},
	{"every-vector", t_every_vector},
	{"each-needs-its-hints", t_each_needs_its_hints},
	{"who-is-kicked", t_who_is_kicked},
};

const struct suite suite_hc_ipi = SUITE("hc_ipi", tests);
