/* SPDX-License-Identifier: MIT */
/*
 * Random flush calls in a partition with software TLBs, compared with the
 * oracle: the status is that of any partition, and what is cached afterwards is
 * what was not named.
 */
#include "core/hypercall/handlers.h"

#include <string.h>

#include "core/state/flush_queue.h"
#include "oracle/draw.h"
#include "support/call.h"
#include "support/check.h"
#include "support/soft_spaces.h"

#define INPUT  0x10000
#define OUTPUT 0x20000

static struct partition *p;

static struct oracle_machine machine_of;
static struct oracle_answer answer;
static struct drawn drawn;

static u64 any_below(void *ctx, u64 limit)
{
	(void)ctx;
	return limit == 0 ? call_random() : call_random_below((u32)limit);
}

static struct draw draw = {
	.below = any_below,
	.input = INPUT,
	.output = OUTPUT,
	.window = SOFT_GVA,
	.window_pages = SOFT_PAGES,
};

static void describe(void)
{
	machine_of = (struct oracle_machine){
		.offers = ORACLE_HAS_EX | ORACLE_HAS_XMM | ORACLE_HAS_RANGES |
			  ORACLE_HAS_OS_ID,
		.memory = FAKE_RAM,
		.ram = fake_ram(p, 0),
		.partition_count = 1,
	};
	machine_of.partition[0].vps = p->vp_count;
	machine_of.partition[0].stride = p->config->vp_index_stride;
}

static bool is_flush(u64 control)
{
	u16 code = (u16)FIELD_GET(HV_CONTROL_CODE, control);

	return code == HV_CALL_FLUSH_VIRTUAL_ADDRESS_SPACE ||
	       code == HV_CALL_FLUSH_VIRTUAL_ADDRESS_LIST ||
	       code == HV_CALL_FLUSH_VIRTUAL_ADDRESS_SPACE_EX ||
	       code == HV_CALL_FLUSH_VIRTUAL_ADDRESS_LIST_EX;
}

/* The caller's registers and the block, as drawn */
static void load(struct vp *vp)
{
	const struct oracle_call *c = &drawn.call;

	vp->own.gpr[GPR_RAX] = c->rax;
	vp->own.gpr[GPR_RBX] = c->rbx;
	vp->own.gpr[GPR_RCX] = c->rcx;
	vp->own.gpr[GPR_RDX] = c->rdx;
	vp->own.gpr[GPR_RSI] = c->rsi;
	vp->own.gpr[GPR_RDI] = c->rdi;
	vp->own.gpr[GPR_R8] = c->r8;
	memcpy(fake.xmm, c->xmm, sizeof(fake.xmm));
	if (drawn.words > 0) {
		if (drawn.word[0] == INPUT && call_random_below(3) == 0) {
			drawn.block[0] =
				soft_cr3[1] | call_random_below(0x1000);
		}
		memcpy(fake_ram(p, drawn.at), drawn.block, 8ull * drawn.words);
	}
}

/* Must the page be gone of that space? A list that is too long is all. */
static bool is_named(const struct vp *vp, u32 space, u32 i)
{
	bool is_global = (SOFT_GLOBALS & BIT(i)) != 0;
	u64 flags = answer.block[1];
	bool in_space =
		(flags & HV_FLUSH_ALL_VIRTUAL_ADDRESS_SPACES) ||
		((answer.block[0] ^ soft_cr3[space]) & GENMASK(51, 13)) == 0;

	if (answer.end != ORACLE_DONE || answer.flush == ORACLE_FLUSH_NONE) {
		return false;
	}
	if (answer.flush == ORACLE_FLUSH_LIST &&
	    answer.count - answer.first > FLUSH_QUEUE_MAX) {
		return answer.targets[vp->index / 64] >> vp->index % 64 & 1;
	}
	return (is_global || in_space) &&
	       oracle_must_flush(&answer, vp->index, SOFT_GVA + i * PAGE_SIZE,
				 is_global);
}

static u64 expected(const struct vp *vp, u32 space)
{
	u64 left = SOFT_ALL;

	for (u32 i = 0; i < SOFT_PAGES; i++) {
		left &= is_named(vp, space, i) ? ~BIT(i) : ~0ull;
	}
	return left;
}

static void check_all(void)
{
	for (u32 n = 0; n < p->vp_count; n++) {
		for (u32 space = 0; space < SOFT_SPACES; space++) {
			CHECK_EQ(soft_spaces_has(p->vps[n], space),
				 expected(p->vps[n], space));
		}
	}
}

static void one_call(u32 *done)
{
	struct vp *vp = p->vps[call_random_below(p->vp_count)];
	struct hc_caller caller = {.is_64bit = true, .is_protected = true};
	u64 result;

	drawn.call = (struct oracle_call){
		.vp_index = vp->index, .is_64bit = true, .is_protected = true};
	draw_call(&draw, &machine_of, &drawn);
	if (!is_flush(drawn.control)) {
		return;
	}
	load(vp);
	oracle_predict(&machine_of, &drawn.call, &answer);
	if (answer.end == ORACLE_OPEN) {
		return;
	}
	fake.cpu_number = vp->cpu->number;
	CHECK_EQ(hypercall(vp, &caller),
		 answer.end == ORACLE_UD ? HC_UD : HC_DONE);
	result = vp->own.gpr[GPR_RAX];
	if (answer.end == ORACLE_DONE) {
		CHECK_EQ(FIELD_GET(HV_RESULT_STATUS, result), answer.status);
		CHECK_EQ(FIELD_GET(HV_RESULT_REPS, result), answer.reps);
		*done += answer.status == HV_STATUS_SUCCESS;
	}
	soft_spaces_drain(p);
	check_all();
	soft_spaces_fill(p);
}

static void rounds(u32 vps, u32 stride)
{
	u32 done = 0;

	p = soft_spaces_setup(vps, stride);
	fake_config(p)->vp_index_stride = stride;
	describe();
	for (u32 i = 0; i < 1500; i++) {
		one_call(&done);
	}
	CHECK(done > 150);
}

static void t_random_calls(void)
{
	call_seed(31);
	rounds(3, 1);
	rounds(9, 70);
	rounds(20, 1);
}

static const struct test tests[] = {
	{"random-calls", t_random_calls},
};

const struct suite suite_hc_flush_exact_random =
	SUITE("hc_flush_exact_random", tests);
