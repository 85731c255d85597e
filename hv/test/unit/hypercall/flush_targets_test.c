/* SPDX-License-Identifier: MIT */
/* Random VP sets, compared with a plain array of VP indices. */

#include <string.h>

#include "support/call.h"
#include "support/check.h"

struct oracle {
	bool named[HV_VP_INDEX_LIMIT];
};

/* A set of VP indices, dense or sparse, with indices that do not exist. */
static void random_set(struct oracle *oracle, const struct partition *p)
{
	u32 count = call_random_below(300);

	memset(oracle, 0, sizeof(*oracle));
	for (u32 i = 0; i < count; i++) {
		u32 index = call_random_below(HV_VP_INDEX_LIMIT);

		if (call_random() & BIT(40)) {
			index = p->vps[call_random_below(p->vp_count)]->index;
		}
		oracle->named[index] = true;
	}
}

/* The block as a guest writes it; some banks are there and empty. */
static u32 encode(const struct oracle *oracle, u64 *words)
{
	u32 banks = 0;

	words[0] = call_random();
	words[1] = call_random() & HV_FLUSH_ALL_VIRTUAL_ADDRESS_SPACES;
	words[2] = HV_GENERIC_SET_SPARSE_4K;
	words[3] = 0;
	for (u32 bank = 0; bank < HV_VP_SET_BANKS; bank++) {
		u64 bits = 0;

		for (u32 i = 0; i < 64; i++) {
			bits |= oracle->named[bank * 64 + i] ? BIT(i) : 0;
		}
		if (bits != 0 || call_random_below(8) == 0) {
			words[3] |= BIT(bank);
			words[4 + banks++] = bits;
		}
	}
	return banks;
}

/* Checks that the VPs that were named, and no others, have work; clears it. */
static void check_targets(struct partition *p, const struct oracle *oracle)
{
	for (u32 i = 0; i < p->vp_count; i++) {
		struct vp *vp = p->vps[i];
		bool reached =
			i == 0 ? fake.invvpid_count != 0 : call_has_work(vp);

		CHECK_EQ(reached, oracle->named[vp->index]);
		vp->shared.queue.count = 0;
	}
	for (u32 bank = 0; bank < HV_VP_SET_BANKS; bank++) {
		CHECK_EQ(p->flush_full[bank] & ~p->all.words[bank], 0);
	}
	memset(p->flush_full, 0, sizeof(p->flush_full));
	fake.invvpid_count = 0;
}

static void check_kicks(const struct partition *p, const struct oracle *oracle)
{
	u32 expected = 0;

	for (u32 i = 1; i < p->vp_count; i++) {
		const struct vp *vp = p->vps[i];

		if (vp->cpu->vp == vp && oracle->named[vp->index] &&
		    vp->cpu->number % 2 == 1) {
			expected++;
			CHECK_EQ(fake_kicks_of(vp->cpu->number), 1);
		}
	}
	CHECK_EQ(fake.kick_count, expected);
	fake.kick_count = 0;
}

static void one_round(struct partition *p, bool list)
{
	static struct oracle oracle;
	u64 words[CALL_QWORDS];
	u64 control = HV_CALL_FLUSH_VIRTUAL_ADDRESS_SPACE_EX;
	u32 banks;

	random_set(&oracle, p);
	banks = encode(&oracle, words);
	if (list) {
		control = HV_CALL_FLUSH_VIRTUAL_ADDRESS_LIST_EX | CALL_COUNT(1);
	}
	words[4 + banks] = 0x7000;
	call_put(p, CALL_GPA, words, 5 + banks);
	/* a VP on every CPU with an odd number is in guest mode */
	for (u32 i = 1; i < machine.cpu_count; i += 2) {
		struct cpu *cpu = machine.cpus[i];

		fake_enter(cpu->vps[call_random_below(cpu->vp_count)]);
	}
	CHECK_EQ(call_simple(p->vps[0], control | CALL_VAR(banks)),
		 HV_STATUS_SUCCESS);
	check_kicks(p, &oracle);
	check_targets(p, &oracle);
}

static void rounds(u32 cpus, u32 vps, u32 stride)
{
	struct partition *p;

	fake_reset();
	fake_cpus(cpus);
	p = call_partition(vps, stride);
	for (u32 i = 0; i < 200; i++) {
		one_round(p, i % 2 == 1);
	}
}

static void t_random_sets(void)
{
	call_seed(4);
	rounds(64, 64, 64);
	rounds(64, 64, 65);
	rounds(64, 256, 16);
	rounds(40, 250, 1);
	rounds(2, 16, 273);
	rounds(1, 1, 1);
}

/* 0x0002 names VP indices 0 to 63 and no others. */
static void t_random_masks(void)
{
	struct partition *p = call_partition(64, 5);

	call_seed(5);
	for (u32 round = 0; round < 200; round++) {
		static struct oracle oracle;
		u64 mask = call_random() | BIT(3);
		u64 words[] = {0, 0, mask};

		memset(&oracle, 0, sizeof(oracle));
		for (u32 i = 0; i < 64; i++) {
			oracle.named[i] = (mask & BIT(i)) != 0;
		}
		call_put(p, CALL_GPA, words, 3);
		CHECK_EQ(call_simple(p->vps[0],
				     HV_CALL_FLUSH_VIRTUAL_ADDRESS_SPACE),
			 HV_STATUS_SUCCESS);
		check_targets(p, &oracle);
	}
}

/* The other partition's VPs have the same indices. */
static void t_only_the_callers_partition(void)
{
	struct partition *p = call_partition(4, 100);
	struct partition *other = call_partition(4, 100);
	u64 words[] = {0, HV_FLUSH_ALL_PROCESSORS, 0};

	call_put(other, CALL_GPA, words, 3);
	for (u32 i = 0; i < 4; i++) {
		fake_enter(p->vps[i]);
	}
	CHECK_EQ(
		call_simple(other->vps[2], HV_CALL_FLUSH_VIRTUAL_ADDRESS_SPACE),
		HV_STATUS_SUCCESS);
	CHECK_EQ(fake.kick_count, 0);
	for (u32 i = 0; i < 4; i++) {
		CHECK(!call_has_work(p->vps[i]));
		CHECK_EQ(call_has_work(other->vps[i]), i != 2);
	}
}

static const struct test tests[] = {
	{"random-sets", t_random_sets},
	{"random-masks", t_random_masks},
	{"only-the-callers-partition", t_only_the_callers_partition},
};

const struct suite suite_hc_flush_targets = SUITE("hc_flush_targets", tests);
