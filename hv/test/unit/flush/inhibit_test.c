/* SPDX-License-Identifier: MIT */
/*
 * The TLB-flush inhibit: counts, owners, waiting for flushes, finding inhibited
 * targets, waking suspended callers.
 */
#include "core/flush/inhibit.h"

#include "core/flush/caller.h"
#include "support/call.h"
#include "support/check.h"

#define STRIDE 70 /* VP n is alone in its bank */

/* VP numbers and how many they are */
#define NUMBERS(...)                                                           \
	(const u32[]){__VA_ARGS__}, sizeof((const u32[]){__VA_ARGS__}) / 4

static struct partition *p;
static struct partition *other;

static void setup(u32 vp_count)
{
	fake_cpus(4);
	p = call_partition(vp_count, STRIDE);
	other = call_partition(2, 1);
	fake.tsc_step = 1000;
}

static u64 flag_of(const struct partition *owner)
{
	return INHIBIT_FLAG | BIT(56 + owner->number);
}

static void keep(struct vp *target, const struct partition *owner)
{
	inhibit_enter(target);
	inhibit_keep(target, owner);
}

static void t_translations_and_flag_are_one_word(void)
{
	setup(2);
	struct vp *x = p->vps[0];

	CHECK(!inhibit_is_set(x));
	inhibit_enter(x);
	CHECK_EQ(x->shared.inhibit, INHIBIT_ONE);
	CHECK_EQ(p->inhibit_count, 1);
	CHECK(!inhibit_is_set(x));
	inhibit_enter(x);
	CHECK_EQ(x->shared.inhibit, 2 * INHIBIT_ONE);
	CHECK_EQ(p->inhibit_count, 1);
	inhibit_keep(x, p);
	CHECK_EQ(x->shared.inhibit, INHIBIT_ONE | flag_of(p));
	CHECK(inhibit_is_set(x));
	/* the second translation fails: the flag of the first stays */
	inhibit_leave(x);
	CHECK_EQ(x->shared.inhibit, flag_of(p));
	CHECK_EQ(p->inhibit_count, 1);
	inhibit_enter(p->vps[1]);
	CHECK_EQ(p->inhibit_count, 2);
	inhibit_clear(x);
	CHECK_EQ(x->shared.inhibit, 0);
	CHECK_EQ(p->inhibit_count, 1);
	inhibit_clear(x);
	CHECK_EQ(p->inhibit_count, 1);
	inhibit_leave(p->vps[1]);
	CHECK_EQ(p->inhibit_count, 0);
	CHECK_EQ(other->inhibit_count, 0);
}

static void t_flag_cleared_during_a_translation(void)
{
	setup(2);
	struct vp *x = p->vps[0];

	keep(x, p);
	inhibit_enter(x);
	inhibit_clear(x);
	CHECK_EQ(x->shared.inhibit, INHIBIT_ONE);
	CHECK_EQ(p->inhibit_count, 1);
	inhibit_leave(x);
	CHECK_EQ(x->shared.inhibit, 0);
	CHECK_EQ(p->inhibit_count, 0);
}

/*
 * Whoever looks while this VP waits sees both count and word. rule:
 * count-covers-inhibits
 */
static u64 pauses_until;
static struct vp *watched;

static void end_flush(u64 pauses)
{
	CHECK_EQ(watched->shared.inhibit, INHIBIT_ONE);
	CHECK_EQ(watched->partition->inhibit_count, 1);
	if (pauses == pauses_until) {
		machine.cpus[2]->flush_seq++;
	}
}

static void t_waits_for_flushes_that_run(void)
{
	setup(2);
	watched = p->vps[0];
	pauses_until = 700;
	fake.on_pause = end_flush;
	machine.cpus[1]->flush_seq = 8;
	machine.cpus[2]->flush_seq = 5;
	inhibit_enter(watched);
	CHECK_EQ(fake.pauses, 700);
	/* also if the flag is set already */
	fake.on_pause = NULL;
	inhibit_keep(watched, p);
	machine.cpus[2]->flush_seq = 7;
	CHECK_PANIC(inhibit_enter(watched), "cpu 2 does not end its flush");
}

/*
 * The VP does not wait for a flush that begins meanwhile: that one sees the
 * inhibit.
 */
static void next_flush(u64 pauses)
{
	if (pauses == 3) {
		machine.cpus[2]->flush_seq += 2;
	}
}

static void t_moved_is_enough(void)
{
	setup(2);
	machine.cpus[2]->flush_seq = 5;
	fake.on_pause = next_flush;
	inhibit_enter(p->vps[0]);
	CHECK_EQ(fake.pauses, 3);
	CHECK_EQ(machine.cpus[2]->flush_seq & 1, 1);
}

static void t_waiting_ends_with_a_panic(void)
{
	static u64 start;

	setup(2);
	machine.cpus[3]->flush_seq = 1;
	start = fake.tsc;
	CHECK_PANIC(inhibit_enter(p->vps[0]), "flush_seq=0x1");
	CHECK(fake.tsc - start >= FAKE_TSC_HZ / 10);
	CHECK(fake.tsc - start < FAKE_TSC_HZ / 9);
	/* a panic of another CPU ends the wait at once */
	fake.panicking = true;
	start = fake.tsc;
	CHECK_PANIC(inhibit_enter(p->vps[0]), "does not end its flush");
	CHECK(fake.tsc - start < FAKE_TSC_HZ / 100);
}

static struct vp *find(const struct vp *self, const u32 *numbers, u32 count)
{
	struct vp_set set = {.banks = 0};

	for (u32 i = 0; i < HV_VP_SET_BANKS; i++) {
		set.words[i] = ~0ull; /* only `banks` are valid */
	}
	for (u32 i = 0; i < count; i++) {
		vp_set_add(&set, p->vps[numbers[i]]->index);
	}
	vp_set_take(&set, self->bank, self->bank_bit);
	return inhibit_find(p, &set);
}

static void t_finds_members_only(void)
{
	setup(8);
	CHECK(find(p->vps[0], NUMBERS(1, 2, 3)) == NULL);
	keep(p->vps[5], p);
	CHECK(find(p->vps[0], NUMBERS(1, 2, 3)) == NULL);
	CHECK(find(p->vps[0], NUMBERS(1, 5, 3)) == p->vps[5]);
	/* never itself (abi.md: caller inhibits itself) */
	CHECK(find(p->vps[5], NUMBERS(1, 5, 3)) == NULL);
	/* a translation in progress counts, in the order of the indices */
	inhibit_enter(p->vps[2]);
	CHECK(find(p->vps[5], NUMBERS(1, 5, 2)) == p->vps[2]);
	CHECK(find(p->vps[0], NUMBERS(7, 5, 2)) == p->vps[2]);
	inhibit_leave(p->vps[2]);
	CHECK(find(p->vps[0], NUMBERS(7, 5, 2)) == p->vps[5]);
	CHECK(find(p->vps[0], NULL, 0) == NULL);
	/*
	 * it makes no difference whether it runs. rule: inhibit-by-membership
	 */
	p->vps[5]->own.state = VP_WAIT_SIPI;
	CHECK(find(p->vps[0], NUMBERS(5)) == p->vps[5]);
}

static void t_finds_in_a_shared_bank(void)
{
	fake_cpus(4);
	p = call_partition(20, 3);
	keep(p->vps[17], p);
	struct vp_set set = p->all;

	CHECK(inhibit_find(p, &set) == p->vps[17]);
	set.words[0] &= ~p->vps[17]->bank_bit;
	CHECK(inhibit_find(p, &set) == NULL);
}

static void suspend(struct vp *vp)
{
	p->suspended.words[vp->bank] |= vp->bank_bit;
}

static u64 woken(void)
{
	u64 numbers = 0;

	for (u32 i = 0; i < p->vp_count; i++) {
		if (p->vps[i]->shared.events & VP_EVENT_WAKE) {
			numbers |= BIT(i);
		}
		CHECK_EQ(p->vps[i]->shared.events & ~VP_EVENT_WAKE, 0);
		p->vps[i]->shared.events = 0;
	}
	return numbers;
}

static void t_wakes_all_when_it_ends(void)
{
	setup(12);
	suspend(p->vps[1]);
	suspend(p->vps[6]);
	suspend(p->vps[11]);
	keep(p->vps[0], p);
	keep(p->vps[0], p);
	CHECK_EQ(woken(), 0);
	inhibit_clear(p->vps[0]);
	CHECK_EQ(woken(), BIT(1) | BIT(6) | BIT(11));
	/* nothing to clear */
	inhibit_clear(p->vps[0]);
	CHECK_EQ(woken(), 0);
	/* a failed translation ends an inhibit like any other */
	inhibit_enter(p->vps[3]);
	inhibit_enter(p->vps[3]);
	inhibit_leave(p->vps[3]);
	CHECK_EQ(woken(), 0);
	inhibit_leave(p->vps[3]);
	CHECK_EQ(woken(), BIT(1) | BIT(6) | BIT(11));
	/* cleared while a translation is in progress: its end wakes */
	keep(p->vps[4], p);
	inhibit_enter(p->vps[4]);
	inhibit_clear(p->vps[4]);
	CHECK_EQ(woken(), 0);
	inhibit_leave(p->vps[4]);
	CHECK_EQ(woken(), BIT(1) | BIT(6) | BIT(11));
}

/* The word is 0 and the count is lower before a caller is woken. */
static void look_at_word(struct cpu *cpu)
{
	(void)cpu;
	CHECK_EQ(watched->shared.inhibit, 0);
	CHECK_EQ(watched->partition->inhibit_count, 0);
}

static void t_wakes_behind_the_change(void)
{
	setup(2);
	watched = p->vps[0];
	keep(watched, p);
	suspend(p->vps[1]);
	machine.cpus[1]->run |= RUN_IDLE;
	fake.on_kick = look_at_word;
	inhibit_clear(watched);
	CHECK_EQ(fake_kicks_of(1), 1);
}

static void t_ends_with_its_owner(void)
{
	setup(4);
	suspend(p->vps[3]);
	keep(p->vps[0], other);
	keep(p->vps[1], p);
	keep(p->vps[2], p);
	keep(p->vps[2], other);
	keep(other->vps[0], other);
	CHECK_EQ(p->inhibit_count, 3);
	inhibit_end_of(other);
	CHECK_EQ(p->vps[0]->shared.inhibit, 0);
	CHECK_EQ(other->vps[0]->shared.inhibit, 0);
	CHECK_EQ(other->inhibit_count, 0);
	CHECK_EQ(p->inhibit_count, 2);
	CHECK_EQ(woken(), BIT(3));
	/*
	 * the inhibit of another owner stays, whether or not there was one of p
	 */
	CHECK_EQ(p->vps[1]->shared.inhibit, flag_of(p));
	CHECK_EQ(p->vps[2]->shared.inhibit, flag_of(p));
	inhibit_end_of(p);
	CHECK_EQ(p->inhibit_count, 0);
	CHECK_EQ(p->vps[2]->shared.inhibit, 0);
	/* a translation by another owner goes on */
	keep(p->vps[0], other);
	inhibit_enter(p->vps[0]);
	(void)woken();
	inhibit_end_of(other);
	CHECK_EQ(p->vps[0]->shared.inhibit, INHIBIT_ONE);
	CHECK_EQ(p->inhibit_count, 1);
	CHECK_EQ(woken(), 0);
}

/* Clearing ends the inhibit of all owners, since all set the same bit. */
static void t_clearing_forgets_owners(void)
{
	setup(1);
	keep(p->vps[0], p);
	keep(p->vps[0], other);
	inhibit_clear(p->vps[0]);
	CHECK_EQ(p->vps[0]->shared.inhibit, 0);
	keep(p->vps[0], p);
	inhibit_end_of(other);
	CHECK(inhibit_is_set(p->vps[0]));
}

static const struct test tests[] = {
	{"translations-and-flag-are-one-word",
	 t_translations_and_flag_are_one_word},
	{"flag-cleared-during-a-translation",
	 t_flag_cleared_during_a_translation},
	{"waits-for-flushes-that-run", t_waits_for_flushes_that_run},
	{"moved-is-enough", t_moved_is_enough},
	{"waiting-ends-with-a-panic", t_waiting_ends_with_a_panic},
	{"finds-members-only", t_finds_members_only},
	{"finds-in-a-shared-bank", t_finds_in_a_shared_bank},
	{"wakes-all-when-it-ends", t_wakes_all_when_it_ends},
	{"wakes-behind-the-change", t_wakes_behind_the_change},
	{"ends-with-its-owner", t_ends_with_its_owner},
	{"clearing-forgets-owners", t_clearing_forgets_owners},
};

const struct suite suite_inhibit = SUITE("inhibit", tests);
