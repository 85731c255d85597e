/* SPDX-License-Identifier: MIT */
/*
 * Fuzz target: compares the hypercall engine and the flush protocol on the fake
 * machine with the oracle. Calls are drawn with numbers from the bytes. Both
 * must give the same answer; the engine may flush more than the oracle says,
 * never less.
 */
#include "fuzz/hypercall_machine.h"

#include <string.h>

#include "core/cpu/run_word.h"
#include "core/flush/inhibit.h"
#include "core/flush/suspend.h"
#include "core/hypercall/engine.h"
#include "fuzz/fuzz.h"
#include "fuzz/hypercall_cover.h"
#include "support/fake.h"
#include "tlfs/cpuid.h"
#include "tlfs/register.h"

#define CALLS_MAX  12
#define AGAIN_MAX  600 /* a call is made at most so often */
#define WINDOW     0x7f0000200000ull
#define INPUT_GPA  0x10000
#define OUTPUT_GPA 0x20000

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

/* ---- what was flushed ---- */

static void check_flushes(struct partition *p)
{
	/* a call that flushes nothing leaves work for no VP */
	bool flushes =
		answer.end == ORACLE_DONE && answer.flush != ORACLE_FLUSH_NONE;

	for (u32 n = 0; n < p->vp_count; n++) {
		struct vp *vp = p->vps[n];

		FUZZ_EXPECT(flushes || !cover_has_work(vp));
		/* flush_run() has waited until the CPU left guest mode */
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

		posted = p->vps[n]->shared.posted_irr;
		FUZZ_EXPECT_EQ(posted[vector / 64] >> vector % 64 & 1,
			       want >> index % 64 & 1);
		posted[vector / 64] &= ~(1ull << vector % 64);
		FUZZ_EXPECT((posted[0] | posted[1] | posted[2] | posted[3]) ==
			    0);
		p->vps[n]->shared.events &= ~VP_EVENT_IRQ;
	}
}

/* ---- inhibits ---- */

static void note_inhibit(u32 partition, u32 index, bool set)
{
	u64 *word = &fuzz_machine.partition[partition].inhibited[index / 64];

	*word &= ~(1ull << index % 64);
	*word |= (u64)set << index % 64;
}

/* Where the call may have written output: memory or registers */
static const void *output_of(void)
{
#ifdef HV_FEATURE_XMM_OUTPUT
	if ((drawn.control & HV_CONTROL_FAST) != 0) {
		return (const u8 *)fake.xmm + answer.output_at - 16;
	}
#endif
	return fuzz_machine.ram + drawn.word[1];
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
		memcpy(&code, output_of(), sizeof(code));
		if (code == HV_TRANSLATE_SUCCESS) {
			note_inhibit(answer.partition, answer.vp_index, true);
		}
	}
}

static void check_inhibits(void)
{
	for (u32 i = 0; i < ORACLE_PARTITIONS; i++) {
		for (u32 n = 0; n < fuzz_machine.partition[i].vps; n++) {
			u32 index = n * fuzz_machine.partition[i].stride;
			u64 word =
				fuzz_machine.partition[i].inhibited[index / 64];

			FUZZ_EXPECT(
				inhibit_is_set(fuzz_partitions[i]->vps[n]) ==
				(word >> index % 64 & 1));
		}
	}
}

/* ---- one call ---- */

static void load_registers(struct vp *vp)
{
	const struct oracle_call *c = &drawn.call;

	for (u32 i = 0; i < GPR_COUNT; i++) {
		vp->own.gpr[i] = 0xa5c3f00d00000000ull + i;
	}
	if (!c->is_64bit) {
		vp->own.gpr[GPR_RAX] = c->rax;
		vp->own.gpr[GPR_RBX] = c->rbx;
		vp->own.gpr[GPR_RDI] = c->rdi;
		vp->own.gpr[GPR_RSI] = c->rsi;
	} else {
		vp->own.gpr[GPR_R8] = c->r8;
	}
	vp->own.gpr[GPR_RCX] = c->rcx;
	vp->own.gpr[GPR_RDX] = c->rdx;
#ifdef HV_FEATURE_XMM_OUTPUT
	memcpy(fake.xmm, c->xmm, sizeof(fake.xmm));
#endif
}

/*
 * True if qword `i` of the fast block may hold output, which is in the register
 * pairs after the input.
 */
static bool is_output(u32 i)
{
	return answer.end == ORACLE_DONE && answer.output_len != 0 &&
	       (drawn.control & HV_CONTROL_FAST) != 0 &&
	       i >= answer.output_at / 8 &&
	       i < (answer.output_at + answer.output_len + 7) / 8;
}

static void check_registers(const struct vp *vp, const u64 *before)
{
	bool wide = drawn.call.is_64bit;

	for (u32 i = 0; i < GPR_COUNT; i++) {
		bool result = i == GPR_RAX || (!wide && i == GPR_RDX);

		result |= wide && ((i == GPR_RDX && is_output(0)) ||
				   (i == GPR_R8 && is_output(1)));
		if (answer.end != ORACLE_DONE || !result) {
			FUZZ_EXPECT(vp->own.gpr[i] == before[i]);
		}
	}
#ifdef HV_FEATURE_XMM_OUTPUT
	for (u32 i = 0; i < ARRAY_SIZE(fake.xmm); i++) {
		FUZZ_EXPECT(is_output(2 + i) ||
			    fake.xmm[i] == drawn.call.xmm[i]);
	}
#endif
}

static void check_result(const struct vp *vp)
{
	u64 result = vp->own.gpr[GPR_RAX];

	if (!drawn.call.is_64bit) {
		result = vp->own.gpr[GPR_RDX] << 32 | (u32)result;
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
	} while (outcome == HC_REPEAT && vp->own.state == VP_RUNNABLE);
	return outcome;
}

static void attempt(struct vp *vp)
{
	static const enum hc_outcome wanted[] = {
		[ORACLE_DONE] = HC_DONE,
		[ORACLE_UD] = HC_UD,
		[ORACLE_SUSPENDED] = HC_REPEAT,
	};
	u64 before[GPR_COUNT];

	oracle_predict(&fuzz_machine, &drawn.call, &answer);
	if (answer.end == ORACLE_OPEN) {
		return;
	}
	load_registers(vp);
	memcpy(before, vp->own.gpr, sizeof(before));
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

/* The inhibits end, and the call is made again. */
static void resume(struct vp *vp)
{
	struct partition *p = vp->partition;

	FUZZ_EXPECT(vp->own.state == VP_SUSPENDED && vp->own.waits_for != NULL);
	FUZZ_EXPECT(vp->own.waits_for != vp);
	for (u32 n = 0; n < p->vp_count; n++) {
		if (inhibit_is_set(p->vps[n])) {
			inhibit_clear(p->vps[n]);
			note_inhibit(p->number, p->vps[n]->index, false);
		}
	}
	FUZZ_EXPECT((vp->shared.events & VP_EVENT_WAKE) != 0);
	vp->shared.events = 0;
	suspend_forget(vp);
	vp->own.state = VP_RUNNABLE;
	attempt(vp);
	FUZZ_EXPECT(answer.end == ORACLE_DONE);
}

/* Puts some CPUs into guest mode, each with any of its VPs. */
static void enter_some(const struct vp *caller)
{
	u32 which = draw_below(&draw, 1u << FUZZ_CPUS);

	for (u32 i = 0; i < FUZZ_CPUS; i++) {
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
	draw_call(&draw, &fuzz_machine, &drawn);
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
	fuzz_begin(&draw);
	for (u32 i = 0; i < CALLS_MAX && bytes.len > 0; i++) {
		one_call(fuzz_partitions[fuzz_machine.self]);
	}
	return 0;
}
