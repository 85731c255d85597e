/* SPDX-License-Identifier: MIT */
/*
 * Fuzz target: the hypercall engine and the flush protocol on the fake machine
 * against the model in oracle.c. Bytes are the numbers that calls are drawn
 * with. Answers must be equal; more may be flushed than the model says, less
 * must not.
 */
#include "oracle_draw.h"

#include <string.h>

#include "core/hypercall.h"
#include "core/inhibit.h"
#include "core/once.h"
#include "core/run.h"
#include "core/suspend.h"
#include "fake.h"
#include "fuzz.h"
#include "oracle_cover.h"
#include "tlfs/cpuid.h"
#include "tlfs/register.h"

#define CPUS       8
#define CALLS_MAX  12
#define AGAIN_MAX  600 /* attempts that a call may take */
#define WINDOW     0x7f0000200000ull
#define INPUT_GPA  0x10000
#define OUTPUT_GPA 0x20000

static struct partition *partitions[ORACLE_PARTITIONS];
static struct oracle_machine model;
static struct oracle_answer answer;
static struct drawn drawn;
static struct fuzz_bytes bytes;
static struct draw draw = {
	.below = fuzz_below,
	.ctx = &bytes,
	.input = INPUT_GPA,
	.output = OUTPUT_GPA,
	.window = WINDOW,
	.window_pages = 16,
};

/* ---- the machine ---- */

/* One bank; a bank a VP; more VPs than ranges are queued for; sparse banks */
static const struct {
	u32 vps;
	u32 stride;
} shapes[ORACLE_PARTITIONS] = {{3, 1}, {9, 70}, {70, 1}, {40, 105}};

static void build_once(void)
{
	if (partitions[0] != NULL) {
		return;
	}
	fake_reset();
	fake_cpus(CPUS);
	for (u32 i = 0; i < ORACLE_PARTITIONS; i++) {
		partitions[i] = fake_partition(shapes[i].vps, shapes[i].stride);
		once_reset(partitions[i]);
		model.partition[i].vps = shapes[i].vps;
		model.partition[i].stride = shapes[i].stride;
		fake_config(partitions[i])->suspend_warn_ms = 1000;
		for (u32 n = 0; n < shapes[i].vps; n++) {
			/* enabled, so that interrupts are not ignored */
			partitions[i]->vps[n]->vapic.svr = 0x1ff;
		}
	}
	model.partition_count = ORACLE_PARTITIONS;
	model.memory = FAKE_RAM;
	fake.tsc_step = 10;
}

/* What a partition is offered, in the core's words and in the model's */
static void offer(struct partition *p, u64 what)
{
	struct config_partition *c = fake_config(p);

	c->privileges.hints = 0;
	c->privileges.mask = 0;
	c->privileges.features = 0;
	if (what & ORACLE_HAS_EX) {
		c->privileges.hints |= HV_HINT_EX_PROCESSOR_MASKS;
	}
	if (what & ORACLE_HAS_REGISTERS) {
		c->privileges.mask |= HV_PRIV_ACCESS_VP_REGISTERS;
	}
	c->test_calls = (what & ORACLE_HAS_TEST_CALL) != 0;
	p->guest_os_id = (what & ORACLE_HAS_OS_ID) != 0;
}

static void offer_everybody(void)
{
	u64 mostly = ~0ull;

	if (draw_one_in(&draw, 3)) {
		mostly = draw_below(&draw, 64);
	}
	model.offers = mostly & (ORACLE_HAS_EX | ORACLE_HAS_REGISTERS |
				 ORACLE_HAS_TEST_CALL | ORACLE_HAS_OS_ID);
	model.self = draw_below(&draw, ORACLE_PARTITIONS);
	model.controls = draw_below(&draw, 1u << ORACLE_PARTITIONS);
	model.controls &= ~(1u << model.self);
	for (u32 i = 0; i < ORACLE_PARTITIONS; i++) {
		offer(partitions[i], ~0ull);
	}
	offer(partitions[model.self], model.offers);
	fake_config(partitions[model.self])->controls = model.controls;
	model.ram = fake_ram(partitions[model.self], 0);
}

/* Nothing of the input before may be left: a find has to repeat. */
static void begin(void)
{
	build_once();
	for (u32 i = 0; i < ORACLE_PARTITIONS; i++) {
		for (u32 n = 0; n < shapes[i].vps; n++) {
			inhibit_clear(partitions[i]->vps[n]);
			partitions[i]->vps[n]->events = 0;
		}
		memset(model.partition[i].inhibited, 0,
		       sizeof(model.partition[i].inhibited));
		partitions[i]->deadlock_reported = true;
	}
	for (u32 i = 0; i < CPUS; i++) {
		fake_leave(machine.cpus[i]);
	}
	offer_everybody();
	memset(fake_ram(partitions[model.self], INPUT_GPA), 0, 2 * PAGE_SIZE);
	memset(fake_ram(partitions[model.self], OUTPUT_GPA), 0, 2 * PAGE_SIZE);
	machine.invvpid_address = !draw_one_in(&draw, 8);
	machine.invvpid_retain_globals = !draw_one_in(&draw, 8);
	fake.kick_delay = draw_one_in(&draw, 2) ? FAKE_KICK_AT_ONCE : 3;
	fake.pauses = 0;
}

/* ---- what was flushed ---- */

static bool call_has_flush(const struct vp *vp)
{
	return (*vp->flush_full & vp->bank_bit) != 0 ||
	       (*vp->flush_nonglobal & vp->bank_bit) != 0 ||
	       vp->queue.count != 0;
}

static void check_flushes(struct partition *p)
{
	/* a call that flushes nothing has no effect on any VP */
	bool flushes =
		answer.end == ORACLE_DONE && answer.flush != ORACLE_FLUSH_NONE;

	for (u32 n = 0; n < p->vp_count; n++) {
		struct vp *vp = p->vps[n];

		FUZZ_EXPECT(flushes || !call_has_flush(vp));
		/* flush_perform() has waited until it was out */
		FUZZ_EXPECT(cover_drain(vp));
		FUZZ_EXPECT(!flushes || cover_is_complete(vp, &answer));
	}
	FUZZ_EXPECT(flushes || fake.invvpid_count == 0);
	FUZZ_EXPECT(fake.invvpid_count <= FAKE_RECORDS);
	fake.invvpid_count = 0;
	fake.kick_count = 0;
}

/* ---- interrupts ---- */

static void check_interrupts(struct partition *p)
{
	u8 vector = answer.end == ORACLE_DONE ? answer.ipi_vector : 0;
	u64 *posted;

	for (u32 n = 0; n < p->vp_count; n++) {
		u32 index = p->vps[n]->index;
		u64 want = vector != 0 ? answer.targets[index / 64] : 0;

		posted = p->vps[n]->posted_irr;
		FUZZ_EXPECT_EQ(posted[vector / 64] >> vector % 64 & 1,
			       want >> index % 64 & 1);
		posted[vector / 64] &= ~(1ull << vector % 64);
		FUZZ_EXPECT((posted[0] | posted[1] | posted[2] | posted[3]) ==
			    0);
		p->vps[n]->events &= ~VP_EVENT_IRQ;
	}
}

/* ---- inhibits ---- */

static void note_inhibit(u32 partition, u32 index, bool set)
{
	u64 *word = &model.partition[partition].inhibited[index / 64];

	*word &= ~(1ull << index % 64);
	*word |= (u64)set << index % 64;
}

static void follow_inhibits(void)
{
	u32 code;

	if (answer.end != ORACLE_DONE) {
		return;
	}
	if (answer.clears_inhibit) {
		note_inhibit(answer.partition, answer.vp_index, false);
	}
	if (answer.wants_inhibit) {
		memcpy(&code, model.ram + drawn.word[1], sizeof(code));
		if (code == HV_TRANSLATE_SUCCESS) {
			note_inhibit(answer.partition, answer.vp_index, true);
		}
	}
}

static void check_inhibits(void)
{
	for (u32 i = 0; i < ORACLE_PARTITIONS; i++) {
		for (u32 n = 0; n < shapes[i].vps; n++) {
			u32 index = n * shapes[i].stride;
			u64 word = model.partition[i].inhibited[index / 64];

			FUZZ_EXPECT(inhibit_is_set(partitions[i]->vps[n]) ==
				    (word >> index % 64 & 1));
		}
	}
}

/* ---- one call ---- */

static void load_registers(struct vp *vp)
{
	const struct oracle_call *c = &drawn.call;

	for (u32 i = 0; i < GPR_COUNT; i++) {
		vp->gpr[i] = 0xa5c3f00d00000000ull + i;
	}
	if (!c->is_64bit) {
		vp->gpr[GPR_RAX] = c->rax;
		vp->gpr[GPR_RBX] = c->rbx;
		vp->gpr[GPR_RDI] = c->rdi;
		vp->gpr[GPR_RSI] = c->rsi;
	} else {
		vp->gpr[GPR_R8] = c->r8;
	}
	vp->gpr[GPR_RCX] = c->rcx;
	vp->gpr[GPR_RDX] = c->rdx;
}

static void check_registers(const struct vp *vp, const u64 *before)
{
	bool wide = drawn.call.is_64bit;

	for (u32 i = 0; i < GPR_COUNT; i++) {
		bool result = i == GPR_RAX || (!wide && i == GPR_RDX);

		if (answer.end != ORACLE_DONE || !result) {
			FUZZ_EXPECT(vp->gpr[i] == before[i]);
		}
	}
}

static void check_result(const struct vp *vp)
{
	u64 result = vp->gpr[GPR_RAX];

	if (!drawn.call.is_64bit) {
		result = vp->gpr[GPR_RDX] << 32 | (u32)result;
	}
	FUZZ_EXPECT_EQ(result & 0xffff, answer.status);
	FUZZ_EXPECT_EQ(result >> 32, answer.reps);
	FUZZ_EXPECT_EQ(result >> 16 & 0xffff, 0);
}

static enum hc_outcome execute(struct vp *vp)
{
	struct hc_caller caller = {
		.is_64bit = drawn.call.is_64bit,
		.is_protected = drawn.call.is_protected,
		.cpl = drawn.call.cpl,
	};
	enum hc_outcome outcome;
	u32 attempts = 0;

	do {
		outcome = hypercall(vp, &caller);
		attempts++;
		FUZZ_EXPECT(attempts < AGAIN_MAX);
	} while (outcome == HC_SUSPENDED && vp->state == VP_RUNNABLE);
	return outcome;
}

static void attempt(struct vp *vp)
{
	static const enum hc_outcome wanted[] = {
		[ORACLE_DONE] = HC_DONE,
		[ORACLE_UD] = HC_UD,
		[ORACLE_SUSPENDED] = HC_SUSPENDED,
	};
	u64 before[GPR_COUNT];

	oracle_predict(&model, &drawn.call, &answer);
	load_registers(vp);
	memcpy(before, vp->gpr, sizeof(before));
	fake_leave(vp->cpu);
	vp->cpu->vp = vp;
	fake.cpu_number = vp->cpu->number;
	FUZZ_EXPECT_EQ(execute(vp), wanted[answer.end]);
	check_registers(vp, before);
	if (answer.end == ORACLE_DONE) {
		check_result(vp);
	}
	follow_inhibits();
	check_flushes(vp->partition);
	check_interrupts(vp->partition);
	check_inhibits();
}

/* The inhibits end, by whoever set them, and the call is made again. */
static void resume(struct vp *vp)
{
	struct partition *p = vp->partition;

	FUZZ_EXPECT(vp->state == VP_SUSPENDED && vp->waits_for != NULL);
	FUZZ_EXPECT(vp->waits_for != vp);
	for (u32 n = 0; n < p->vp_count; n++) {
		if (inhibit_is_set(p->vps[n])) {
			inhibit_clear(p->vps[n]);
			note_inhibit(p->number, p->vps[n]->index, false);
		}
	}
	FUZZ_EXPECT((vp->events & VP_EVENT_WAKE) != 0);
	vp->events = 0;
	suspend_forget(vp);
	vp->state = VP_RUNNABLE;
	attempt(vp);
	FUZZ_EXPECT(answer.end == ORACLE_DONE);
}

/* Some CPUs are in guest mode, each with any of its VPs. */
static void enter_some(const struct vp *caller)
{
	u32 which = draw_below(&draw, 1u << CPUS);

	for (u32 i = 0; i < CPUS; i++) {
		struct cpu *cpu = machine.cpus[i];

		fake_leave(cpu);
		if (cpu != caller->cpu && (which >> i & 1) != 0) {
			fake_enter(cpu->vps[draw_below(&draw, cpu->vp_count)]);
		}
	}
}

static void one_call(struct partition *p)
{
	struct vp *vp = p->vps[draw_below(&draw, p->vp_count)];
	struct oracle_call *c = &drawn.call;

	c->vp_index = vp->index;
	c->is_64bit = !draw_one_in(&draw, 4);
	c->is_protected = !draw_one_in(&draw, 40);
	c->cpl = draw_one_in(&draw, 40) ? (u8)draw_below(&draw, 4) : 0;
	enter_some(vp);
	draw_call(&draw, &model, &drawn);
	if (drawn.words > 0) {
		memcpy(fake_ram(p, drawn.at), drawn.block, 8ull * drawn.words);
	}
	attempt(vp);
	if (answer.end == ORACLE_SUSPENDED) {
		resume(vp);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	bytes = (struct fuzz_bytes){data, len};
	begin();
	for (u32 i = 0; i < CALLS_MAX && bytes.len > 0; i++) {
		one_call(partitions[model.self]);
	}
	return 0;
}
