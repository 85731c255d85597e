/* SPDX-License-Identifier: MIT */
/*
 * Where a list call puts work: into the queue or the FULL bit, by the number of
 * targets.
 */
#include "core/flush/caller.h"

#include "core/cpu/run_word.h"
#include "core/state/flush_queue.h"
#include "support/call.h"
#include "support/check.h"

static u64 many[FLUSH_QUEUE_MAX];

static void put(struct vp *self, const u64 *targets, u32 range_count)
{
	struct flush_request request = {
		.kind = FLUSH_RANGES,
		.range_count = range_count,
		.ranges = many,
	};

	(void)call_flush(self, &request, targets);
}

static u32 queued(const struct partition *p)
{
	u32 count = 0;

	for (u32 i = 0; i < p->vp_count; i++) {
		count += p->vps[i]->shared.queue.count != 0 ? 1 : 0;
	}
	return count;
}

static u32 full_bits(const struct partition *p)
{
	u32 count = 0;

	for (u32 i = 0; i < HV_VP_SET_BANKS; i++) {
		count += (u32)__builtin_popcountll(p->flush_full[i]);
	}
	return count;
}

/*
 * The targets are `others` VPs and, with `with_self`, the caller, in one bank
 * or in several.
 */
static void list_targets_limit(u32 stride)
{
	for (u32 others = FLUSH_LIST_SET_MAX - 1;
	     others <= FLUSH_LIST_SET_MAX + 2; others++) {
		for (u32 with_self = 0; with_self < 2; with_self++) {
			u64 targets[HV_VP_SET_BANKS] = {0};
			struct partition *p;

			fake_reset();
			p = fake_partition(40, stride);
			for (u32 i = 1 - with_self; i <= others; i++) {
				struct vp *vp = p->vps[i];

				targets[vp->bank] |= vp->bank_bit;
			}
			put(p->vps[0], targets, 2);
			if (others <= FLUSH_LIST_SET_MAX) {
				CHECK_EQ(queued(p), others);
				CHECK_EQ(full_bits(p), 0);
			} else {
				CHECK_EQ(full_bits(p), others);
			}
			/*
			 * the caller flushes its own ranges without the queue
			 */
			CHECK_STR(call_invvpids(), with_self ? "00" : "");
		}
	}
}

static void t_list_targets_limit(void)
{
	list_targets_limit(3);
	list_targets_limit(40);
	list_targets_limit(64);
}

/*
 * With more targets than FLUSH_LIST_SET_MAX, those in guest mode get the ranges
 * and all others the FULL bit. A VP that is no target gets nothing.
 */
static void t_large_set_gives_ranges_to_running_vps_only(void)
{
	u64 targets[HV_VP_SET_BANKS] = {0};
	struct partition *p;

	fake_reset();
	p = fake_partition(40, 3);
	for (u32 i = 2; i < 40; i++) {
		targets[p->vps[i]->bank] |= p->vps[i]->bank_bit;
	}
	fake_enter(p->vps[1]); /* no target */
	fake_enter(p->vps[2]);
	fake_enter(p->vps[39]);
	CHECK(p->vps[1]->cpu != p->vps[2]->cpu);
	CHECK(p->vps[39]->cpu != p->vps[2]->cpu);
	put(p->vps[0], targets, 2);
	CHECK_EQ(queued(p), 2);
	CHECK_EQ(p->vps[2]->shared.queue.count, 2);
	CHECK_EQ(p->vps[39]->shared.queue.count, 2);
	CHECK_EQ(full_bits(p), 36);
	CHECK_EQ(*p->vps[2]->flush_full & p->vps[2]->bank_bit, 0);
	CHECK_EQ(*p->vps[39]->flush_full & p->vps[39]->bank_bit, 0);
	/* both were kicked: after the put, the set has all targets again */
	CHECK_EQ(fake_kicks_of(p->vps[2]->cpu->number), 1);
	CHECK_EQ(fake_kicks_of(p->vps[39]->cpu->number), 1);
	CHECK_EQ(fake_kicks_of(p->vps[1]->cpu->number), 0);
}

static const struct test tests[] = {
	{"list-targets-limit", t_list_targets_limit},
	{"large-set-gives-ranges-to-running-vps-only",
	 t_large_set_gives_ranges_to_running_vps_only},
};

const struct suite suite_flush_put = SUITE("flush_put", tests);
