/* SPDX-License-Identifier: MIT */
/*
 * Posting events: the bit comes first, then the kick, and only if the CPU has
 * to leave guest mode.
 */
#include "core/events/post.h"
#include "core/state/vp.h"

#include "core/cpu/run_word.h"
#include "support/call.h"
#include "support/check.h"

enum place { ROOT, GUEST, GUEST_OTHER_VP, GUEST_OTHER_PARTITION, IDLE };

static const struct {
	const char *name;
	enum place place;
	u32 sliced;
	u32 kicks;
} rules[] = {
	{"root", ROOT, 0, 0},
	{"guest", GUEST, 0, 1},
	{"guest-sliced", GUEST, 1, 1},
	{"guest-other-vp", GUEST_OTHER_VP, 1, 0},
	{"guest-other-vp-without-a-slice", GUEST_OTHER_VP, 0, 1},
	{"guest-other-partition", GUEST_OTHER_PARTITION, 1, 0},
	{"idle", IDLE, 0, 1},
};

static void put_cpu(struct partition *p, struct partition *other,
		    enum place place)
{
	switch (place) {
	case ROOT:
		fake_enter(p->vps[1]);
		fake_leave(p->vps[1]->cpu);
		break;
	case GUEST:
		fake_enter(p->vps[1]);
		break;
	case GUEST_OTHER_VP:
		fake_enter(p->vps[3]);
		break;
	case GUEST_OTHER_PARTITION:
		fake_enter(other->vps[1]);
		break;
	case IDLE:
		CHECK(run_idle_begin(p->vps[1]->cpu));
		break;
	}
}

static struct vp *posted_to;
static u64 posted_event;

static void on_kick_posted(struct cpu *cpu)
{
	CHECK(cpu == posted_to->cpu);
	CHECK_EQ(posted_to->shared.events & posted_event, posted_event);
}

static void t_kick_rules(void)
{
	for (u32 i = 0; i < ARRAY_SIZE(rules); i++) {
		struct partition *p;
		struct partition *other;

		fake_reset();
		fake_cpus(2);
		p = fake_partition(4, 64);
		other = fake_partition(4, 64);
		put_cpu(p, other, rules[i].place);
		machine.cpus[1]->sliced = rules[i].sliced;
		posted_to = p->vps[1];
		posted_event = VP_EVENT_INIT;
		posted_to->shared.events = VP_EVENT_NMI;
		fake.on_kick = on_kick_posted;
		vp_post(posted_to, VP_EVENT_INIT);
		check_eq(fake.kick_count, rules[i].kicks, rules[i].name,
			 __FILE__, __LINE__);
		CHECK_EQ(posted_to->shared.events,
			 VP_EVENT_NMI | VP_EVENT_INIT);
		/* a post does not wait until the event is taken */
		CHECK_EQ(fake.pauses, 0);
		CHECK_EQ(p->vps[3]->shared.events +
				 other->vps[1]->shared.events,
			 0);
	}
}

static u8 posted_vector;

static void on_kick_irq(struct cpu *cpu)
{
	on_kick_posted(cpu);
	CHECK(posted_to->shared.posted_irr[posted_vector / 64] &
	      BIT(posted_vector % 64));
}

static void t_irq_vector_is_there_before_the_kick(void)
{
	struct partition *p = fake_partition(2, 1);

	posted_to = p->vps[1];
	posted_event = VP_EVENT_IRQ;
	fake.on_kick = on_kick_irq;
	for (u32 vector = 0; vector < 256; vector++) {
		fake_enter(posted_to);
		posted_vector = (u8)vector;
		vp_post_irq(posted_to, (u8)vector);
		CHECK_EQ(fake.kick_count, vector + 1);
	}
	for (u32 i = 0; i < 4; i++) {
		CHECK_EQ(posted_to->shared.posted_irr[i], ~0ull);
		CHECK_EQ(p->vps[0]->shared.posted_irr[i], 0);
	}
	CHECK_EQ(posted_to->shared.events, VP_EVENT_IRQ);
}

static void on_kick_sipi(struct cpu *cpu)
{
	on_kick_posted(cpu);
	CHECK_EQ(posted_to->shared.sipi_vector, 0x9f);
}

static void t_sipi_vector_is_there_before_the_kick(void)
{
	struct partition *p = fake_partition(2, 1);

	posted_to = p->vps[1];
	posted_event = VP_EVENT_SIPI;
	fake.on_kick = on_kick_sipi;
	CHECK(run_idle_begin(posted_to->cpu));
	vp_post_sipi(posted_to, 0x9f);
	CHECK_EQ(fake.kick_count, 1);
}

/*
 * SDM 3A, "MP Initialization Protocol": a VP that has got a SIPI ignores
 * others.
 */
static void t_second_sipi_changes_nothing(void)
{
	struct partition *p = fake_partition(2, 1);
	struct vp *vp = p->vps[1];

	vp_post_sipi(vp, 0x9f);
	vp_post_sipi(vp, 0x12);
	CHECK_EQ(vp->shared.sipi_vector, 0x9f);
	CHECK_EQ(vp->shared.events, VP_EVENT_SIPI);
	vp->shared.events = 0;
	vp_post_sipi(vp, 0x12);
	CHECK_EQ(vp->shared.sipi_vector, 0x12);
}

static const struct test tests[] = {
	{"kick-rules", t_kick_rules},
	{"irq-vector-is-there-before-the-kick",
	 t_irq_vector_is_there_before_the_kick},
	{"sipi-vector-is-there-before-the-kick",
	 t_sipi_vector_is_there_before_the_kick},
	{"second-sipi-changes-nothing", t_second_sipi_changes_nothing},
};

const struct suite suite_vp = SUITE("vp", tests);
