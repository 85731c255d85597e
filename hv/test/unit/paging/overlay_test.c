/* SPDX-License-Identifier: MIT */
/*
 * The hypercall page: a change posts an EPT event to all VPs, kicks, and waits.
 * The page is hidden before it appears elsewhere.
 */
#include "core/paging/ept.h"
#include "core/paging/overlay.h"

#include "core/cpu/run_word.h"
#include "support/call.h"
#include "support/check.h"
#include "support/ept_walker.h"

#define AT   0x5000
#define AT_2 (2 * MIB + 0x9000)
#define BASE 0x123400000000ull /* the fake RAM is not 2 MiB aligned */

static struct partition *p;

static void setup(u32 vp_count)
{
	CHECK(overlay_init());
	p = fake_partition(vp_count, 65);
	CHECK_EQ(ept_build(&p->ept, (hpa_t){BASE}, p->memory_len), ERR_OK);
}

static bool is_ram(u64 gpa)
{
	struct ept_walk w = ept_walk(&p->ept, gpa);

	return w.mapped && w.rights == 7 && w.hpa == BASE + gpa;
}

static void t_page_is_vmcall_and_ret(void)
{
	const u8 *page;

	setup(1);
	overlay_show(p->vps[0], (gpa_t){AT});
	CHECK_EQ(ept_walk(&p->ept, AT).rights, 5);
	page = (const u8 *)(uintptr_t)ept_walk(&p->ept, AT).hpa;
	CHECK_EQ(page[0], 0x0f);
	CHECK_EQ(page[1], 0x01);
	CHECK_EQ(page[2], 0xc1);
	CHECK_EQ(page[3], 0xc3);
	for (u32 i = 4; i < PAGE_SIZE; i++) {
		CHECK_EQ(page[i], 0xcc); /* INT3 follows the RET */
	}
}

static void t_init_fails_without_memory(void)
{
	fake.fail_pool = 1;
	CHECK(!overlay_init());
}

static void check_events(u64 events)
{
	for (u32 i = 0; i < p->vp_count; i++) {
		CHECK_EQ(p->vps[i]->shared.events, events);
	}
}

/* Every VP has the event before the first CPU is kicked. */
static void on_kick_told(struct cpu *cpu)
{
	(void)cpu;
	check_events(VP_EVENT_EPT);
	CHECK(!is_ram(AT));
}

static void on_pause_all_kicked(u64 pauses)
{
	(void)pauses;
	CHECK_EQ(fake.kick_count, 3);
}

static void t_show_tells_all_vps_and_waits(void)
{
	struct partition *other;

	fake_cpus(6);
	setup(6);
	other = fake_partition(6, 65);
	fake_enter(p->vps[1]);
	fake_enter(p->vps[2]);
	fake_enter(p->vps[4]);
	fake_enter(other->vps[5]);
	fake.kick_delay = 10;
	fake.on_kick = on_kick_told;
	fake.on_pause = on_pause_all_kicked;
	overlay_show(p->vps[0], (gpa_t){AT});
	CHECK_EQ(fake.kick_count, 3);
	CHECK_EQ(fake_kicks_of(5), 0);
	CHECK(fake.pauses >= 10);
	for (u32 i = 0; i < 5; i++) {
		CHECK_EQ(machine.cpus[i]->run & RUN_GUEST, 0);
	}
	/* the caller has to execute INVEPT, too */
	check_events(VP_EVENT_EPT);
	CHECK_EQ(other->vps[0]->shared.events, 0);
	CHECK_EQ(p->vps[0]->cpu->flush_seq, 0);
	CHECK_EQ(p->ept_lock.next, p->ept_lock.serving);
}

static u32 kick_rounds;

/* First round: the old page is hidden. Second round: the new one is shown. */
static void on_kick_moving(struct cpu *cpu)
{
	kick_rounds++;
	CHECK(is_ram(AT));
	CHECK_EQ(is_ram(AT_2), kick_rounds == 1);
	fake_leave(cpu);
	fake_enter(cpu->vp);
}

static void t_hides_before_it_shows_elsewhere(void)
{
	setup(2);
	overlay_show(p->vps[0], (gpa_t){AT});
	CHECK_EQ(fake.kick_count, 0);
	fake_enter(p->vps[1]);
	kick_rounds = 0;
	fake.kick_delay = FAKE_KICK_RECORD;
	fake.on_kick = on_kick_moving;
	overlay_show(p->vps[0], (gpa_t){AT_2});
	CHECK_EQ(kick_rounds, 2);
	CHECK(!is_ram(AT_2));
}

static void t_hide(void)
{
	setup(3);
	fake_enter(p->vps[2]);
	overlay_hide(p->vps[0]);
	CHECK_EQ(fake.kick_count, 0);
	check_events(0);
	overlay_show(p->vps[0], (gpa_t){AT});
	CHECK_EQ(fake.kick_count, 1);
	fake_enter(p->vps[2]);
	for (u32 i = 0; i < 3; i++) {
		p->vps[i]->shared.events = 0;
	}
	overlay_hide(p->vps[0]);
	CHECK_EQ(fake.kick_count, 2);
	check_events(VP_EVENT_EPT);
	CHECK(is_ram(AT));
	CHECK(!ept_is_split(&p->ept));
}

static const struct test tests[] = {
	{"page-is-vmcall-and-ret", t_page_is_vmcall_and_ret},
	{"init-fails-without-memory", t_init_fails_without_memory},
	{"show-tells-all-vps-and-waits", t_show_tells_all_vps_and_waits},
	{"hides-before-it-shows-elsewhere", t_hides_before_it_shows_elsewhere},
	{"hide", t_hide},
};

const struct suite suite_overlay = SUITE("overlay", tests);
