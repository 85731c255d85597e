/* SPDX-License-Identifier: MIT */
/* The four flush calls: what a block means, and which VPs it reaches. */

#include <string.h>

#include "core/flush/caller.h"
#include "core/state/flush_queue.h"
#include "support/call.h"
#include "support/check.h"

#define SPACE    CALL_CODE(HV_CALL_FLUSH_VIRTUAL_ADDRESS_SPACE)
#define LIST     CALL_CODE(HV_CALL_FLUSH_VIRTUAL_ADDRESS_LIST)
#define SPACE_EX CALL_CODE(HV_CALL_FLUSH_VIRTUAL_ADDRESS_SPACE_EX)
#define LIST_EX  CALL_CODE(HV_CALL_FLUSH_VIRTUAL_ADDRESS_LIST_EX)

#define ALL HV_FLUSH_ALL_PROCESSORS
#define NGL HV_FLUSH_NON_GLOBAL_MAPPINGS_ONLY

/* The call with this block at CALL_GPA. */
static u16 call_with(struct vp *vp, u64 control, const u64 *words, u32 count)
{
	call_put(vp->partition, CALL_GPA, words, count);
	return call_simple(vp, control);
}

/* Returns which VPs of the partition have work (bit n: VP n), and clears it. */
static u64 take_targets(struct partition *p)
{
	u64 found = 0;

	for (u32 i = 0; i < p->vp_count; i++) {
		found |= call_has_work(p->vps[i]) ? BIT(i) : 0;
		p->vps[i]->shared.queue.count = 0;
	}
	memset(p->flush_full, 0, sizeof(p->flush_full));
	memset(p->flush_nonglobal, 0, sizeof(p->flush_nonglobal));
	found |= fake.invvpid_count != 0 ? BIT(fake.invvpids[0].vp->number) : 0;
	fake.invvpid_count = 0;
	return found;
}

/* ---- words of the block that are refused or ignored ---- */

struct block_row {
	const char *name;
	u64 control;
	u64 words[6];
	u16 status;
	u64 targets; /* of VPs 0, 1, 2 with VP indices 0, 40, 80 */
};

#define BAD  HV_STATUS_INVALID_PARAMETER
#define SIZE HV_STATUS_INVALID_HYPERCALL_INPUT
#define L    LIST | CALL_COUNT(1)
#define V(n) SPACE_EX | CALL_VAR(n)
#define E    LIST_EX | CALL_COUNT(1)

/* clang-format off */
static const struct block_row block_rows[] = {
	/* space, flags, mask */
	{ "mask 0",              SPACE, { 0, 0, 0 },            BAD, 0 },
	{ "list: mask 0",        L,     { 0, 2, 0, 0x1000 },    BAD, 0 },
	{ "mask 0, all",         SPACE, { 0, ALL, 0 },          0, 7 },
	{ "mask ignored by all", SPACE, { 0, ALL, 1 },          0, 7 },
	{ "list: all",           L,     { 0, ALL, 0, 0x1000 },  0, 7 },
	{ "self",                SPACE, { 0, 0, BIT(0) },       0, 1 },
	{ "other",               SPACE, { 0, 0, BIT(40) },      0, 2 },
	{ "both",                SPACE, { 0, 0, BIT(40) | 1 },  0, 3 },
	{ "nobody exists",       SPACE, { 0, 0, BIT(7) },       0, 0 },
	{ "some do not exist",   SPACE, { 0, 0, ~0ull },        0, 3 },
	{ "list: same",          L,     { 0, 0, ~0ull, 0x1000 },0, 3 },
	{ "address space",       SPACE, { ~0ull, 0, 1 },        0, 1 },
	{ "all spaces",          SPACE, { ~0ull, 2, 1 },        0, 1 },
	{ "all known flags",     SPACE, { 0, 7, 0 },            0, 7 },
	{ "list: all known",     L,     { 0, 7, 0, 0x1000 },    0, 7 },
	/* space, flags, format, banks mask, banks */
	{ "set: all",            V(0), { 0, 0, 1, 0 },          0, 7 },
	{ "set: all by flag",    V(0), { 0, ALL, 0, 0 },        0, 7 },
	{ "set: flag, fewer",    V(1), { 0, ALL, 0, 1, 1 },     0, 7 },
	{ "set: flag, ngl",      V(1), { 0, ALL | NGL, 0, 1, 1 }, 0, 7 },
	{ "mask: flag, ngl",     SPACE, { 0, ALL | NGL, 1 },    0, 7 },
	{ "set: all, banks",     V(1), { 0, 0, 1, 1, 0 },       0, 7 },
	{ "set: all, no banks",  V(0), { 0, 0, 1, 1 },          SIZE, 0 },
	{ "set: flag, no banks", V(0), { 0, ALL, 0, 3 },        SIZE, 0 },
	{ "set: flag, format",   V(0), { 0, ALL, 2, 0 },        BAD, 0 },
	{ "set: format 2",       V(0), { 0, 0, 2, 0 },          BAD, 0 },
	{ "set: format high",    V(0), { 0, 0, BIT(63) | 1, 0 },BAD, 0 },
	{ "set: format 32",      V(0), { 0, 0, BIT(32), 0 },    BAD, 0 },
	{ "set: empty mask",     V(0), { 0, 0, 0, 0 },          0, 0 },
	{ "set: empty bank",     V(1), { 0, 0, 0, 1, 0 },       0, 0 },
	{ "set: bank 0",         V(1), { 0, 0, 0, 1, ~0ull },   0, 3 },
	{ "set: bank 1",         V(1), { 0, 0, 0, 2, ~0ull },   0, 4 },
	{ "set: bank 1, bit",    V(1), { 0, 0, 0, 2, BIT(16) }, 0, 4 },
	{ "set: bank 1, other",  V(1), { 0, 0, 0, 2, BIT(17) }, 0, 0 },
	{ "set: both banks",     V(2), { 0, 0, 0, 3, 1, BIT(16) }, 0, 5 },
	{ "set: bank 63",        V(1), { 0, 0, 0, BIT(63), ~0ull }, 0, 0 },
	{ "set: 0 and 63",       V(2), { 0, 0, 0, BIT(63) | 1, 1, ~0ull }, 0, 1 },
	{ "set: too few",        V(1), { 0, 0, 0, 3, 1, 1 },    SIZE, 0 },
	{ "set: too many",       V(2), { 0, 0, 0, 1, 1, 1 },    SIZE, 0 },
	{ "set: none",           V(0), { 0, 0, 0, 1 },          SIZE, 0 },
	{ "set: superfluous",    V(1), { 0, 0, 0, 0, 1 },       SIZE, 0 },
	{ "set: flags",          V(1), { 0, 6, 0, 1, 1 },       0, 1 },
	{ "ex list: all",        E,    { 0, 0, 1, 0, 0x1000 },  0, 7 },
	{ "ex list: empty",      E,    { 0, 0, 0, 0, 0x1000 },  0, 0 },
	{ "ex list: bank",       E | CALL_VAR(1),
				       { 0, 0, 0, 1, BIT(40), 0x1000 }, 0, 2 },
	{ "ex list: size",       E | CALL_VAR(1),
				       { 0, 0, 0, 0, BIT(40), 0x1000 }, SIZE, 0 },
};
/* clang-format on */

static void t_blocks(void)
{
	struct partition *p = call_partition(3, 40);

	for (u32 i = 0; i < ARRAY_SIZE(block_rows); i++) {
		const struct block_row *row = &block_rows[i];
		u16 status = call_with(p->vps[0], row->control, row->words, 6);

		check_eq(status, row->status, row->name, __FILE__, __LINE__);
		check_eq(take_targets(p), row->targets, row->name, __FILE__,
			 __LINE__);
	}
}

/* Flags 3 and up, each alone and with ALL: extended ranges are not offered. */
static void t_each_unknown_flag(void)
{
	static const u64 controls[] = {SPACE, L, V(0), E};
	struct partition *p = call_partition(2, 1);

	fake_config(p)->privileges.features = 0;
	for (u32 i = 0; i < ARRAY_SIZE(controls); i++) {
		for (u32 bit = 3; bit < 64; bit++) {
			u64 words[] = {0, BIT(bit) | (bit & 1), 1, 0, 0x1000};

			CHECK_EQ(call_with(p->vps[0], controls[i], words, 5),
				 HV_STATUS_INVALID_PARAMETER);
		}
	}
	CHECK_EQ(take_targets(p), 0);
}

/* ---- what is flushed ---- */

/* The flags choose the kind of flush (abi.md: NON_GLOBAL on lists). */
static void t_kind_of_flush(void)
{
	static const struct {
		u64 control;
		u64 flags;
		const char *types;
	} rows[] = {
		{SPACE, 0, "1"},
		{SPACE, 2, "1"},
		{SPACE, NGL, "3"},
		{SPACE, NGL | 2, "3"},
		{L, 0, "0"},
		{L, NGL, "0"},
		{V(1), 0, "1"},
		{V(1), NGL, "3"},
		{E | CALL_VAR(1), 0, "0"},
		{E | CALL_VAR(1), NGL, "0"},
	};
	struct partition *p = call_partition(2, 1);

	for (u32 i = 0; i < ARRAY_SIZE(rows); i++) {
		bool ex = (rows[i].control & 0x10) != 0;
		u64 plain[] = {0, rows[i].flags, 3, 0x1000};
		u64 set[] = {0, rows[i].flags, 0, 1, 3, 0x1000};

		CHECK_EQ(call_with(p->vps[0], rows[i].control, ex ? set : plain,
				   ex ? 6 : 4),
			 HV_STATUS_SUCCESS);
		CHECK_STR(call_invvpids(), rows[i].types);
		flush_drain(p->vps[1]);
		CHECK_STR(call_invvpids(), rows[i].types);
	}
}

/* `count` elements of which those before `start` must not be flushed. */
static void check_elements(bool ex, u32 count, u32 start)
{
	u64 words[CALL_QWORDS] = {0, 0, 3};
	u32 at = 3;
	struct partition *p;
	struct vp *target;

	fake_reset();
	p = call_partition(2, 1);
	target = p->vps[1];
	if (ex) {
		words[2] = 0;
		words[3] = 1;
		words[4] = 3;
		at = 5;
	}
	for (u32 i = 0; i < count; i++) {
		words[at + i] = (u64)(i + 1) << 16;
	}
	CHECK_EQ(call_with(p->vps[0],
			   (ex ? LIST_EX | CALL_VAR(1) : LIST) |
				   CALL_COUNT(count) | CALL_START(start),
			   words, at + count),
		 HV_STATUS_SUCCESS);
	/*
	 * one read of all, or one of the header and one of the elements; no
	 * element is read twice
	 */
	CHECK_EQ(fake.read_guest_count,
		 start == 0 || count - start > FLUSH_QUEUE_MAX ? 1 : 2);
	if (count - start > FLUSH_QUEUE_MAX) {
		CHECK_STR(call_invvpids(), "1");
		CHECK_EQ(p->flush_full[0], target->bank_bit);
		return;
	}
	CHECK_EQ(fake.invvpid_count, count - start);
	CHECK_EQ(target->shared.queue.count, count - start);
	CHECK_EQ(p->flush_full[0], 0);
	for (u32 i = 0; i < count - start; i++) {
		CHECK_EQ(target->shared.queue.ranges[i], (u64)(start + i + 1)
								 << 16);
		CHECK_EQ(fake.invvpids[i].gva, (u64)(start + i + 1) << 16);
	}
}

static void t_elements_start_to_count(void)
{
	static const u32 counts[] = {1, 2, 15, 16, 17, 18, 40, 507};

	for (u32 i = 0; i < ARRAY_SIZE(counts); i++) {
		u32 count = counts[i];

		for (u32 start = 0; start < count; start++) {
			if (count - start > 20 && start > 2) {
				continue;
			}
			check_elements(false, count, start);
			check_elements(true, count, start);
		}
	}
}

/* ---- the input is copied once ---- */

static struct partition *scribbled;

static void on_kick_scribble(struct cpu *cpu)
{
	(void)cpu;
	memset(fake_ram(scribbled, CALL_GPA), 0xee, 64);
}

static void t_input_changed_meanwhile(void)
{
	static const u64 list[] = {0, 0, 7, 0x5000, 0x6000};
	struct partition *p = call_partition(3, 1);

	scribbled = p;
	fake_enter(p->vps[1]);
	fake_enter(p->vps[2]);
	fake.on_kick = on_kick_scribble;
	CHECK_EQ(call_with(p->vps[0], LIST | CALL_COUNT(2), list, 5),
		 HV_STATUS_SUCCESS);
	CHECK_EQ(fake.kick_count, 2);
	CHECK_EQ(fake.read_guest_count, 1);
	/* the caller's own flush comes last and uses the copy */
	CHECK_EQ(fake.invvpids[0].gva, 0x5000);
	CHECK_EQ(fake.invvpids[1].gva, 0x6000);
	for (u32 i = 1; i < 3; i++) {
		CHECK_EQ(p->vps[i]->shared.queue.count, 2);
		CHECK_EQ(p->vps[i]->shared.queue.ranges[1], 0x6000);
	}
}

static const struct test tests[] = {
	{"blocks", t_blocks},
	{"each-unknown-flag", t_each_unknown_flag},
	{"kind-of-flush", t_kind_of_flush},
	{"elements-start-to-count", t_elements_start_to_count},
	{"input-changed-meanwhile", t_input_changed_meanwhile},
};

const struct suite suite_hc_flush = SUITE("hc_flush", tests);
