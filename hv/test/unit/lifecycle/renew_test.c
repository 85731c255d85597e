/* SPDX-License-Identifier: MIT */
/* What is left of a life goes before the next one. */
#include "core/lifecycle/renew.h"

#include <string.h>

#include "core/apic/interrupts.h"
#include "core/console/first_use.h"
#include "core/emulate/guest_serial.h"
#include "core/events/hold.h"
#include "core/events/post.h"
#include "core/flush/inhibit.h"
#include "core/flush/suspend.h"
#include "core/lifecycle/stop.h"
#include "core/paging/ept.h"
#include "core/registers/request.h"
#include "core/registers/serve.h"
#include "core/state/shadow.h"
#include "core/trace/stats.h"
#include "support/built.h"
#include "support/call.h"
#include "support/check.h"
#include "support/ept_walker.h"
#include "support/fake_vmcs.h"

static struct partition *p;
static struct partition *other;

static void make(enum config_paging paging)
{
	struct config_partition *config = &built_handoff.config.partition[0];

	fake_reset();
	fake_vmcs_reset();
	memset(&built_handoff, 0, sizeof(built_handoff));
	fake_cpus(2);
	built_describe(0, 2, 1);
	config->paging = paging;
	config->shadow_pages = SHADOW_TABLES_MIN;
	built_describe(1, 2, 1);
	p = built_make(0);
	other = built_make(1);
}

static void end(void)
{
	machine.partitions_running = 2;
	partition_stop(p, 0, "test");
	for (u32 i = 0; i < p->vp_count; i++) {
		p->vps[i]->shared.events = 0;
		partition_stop_vp(p->vps[i]);
	}
	fake.invvpid_count = 0;
	fake.invept_count = 0;
}

static void renew(void)
{
	renew_partition(p);
	renew_vp(p->vps[1]);
	renew_vp(p->vps[0]);
	p->state = PARTITION_RUNNING;
}

/* Each CPU forgets what it has cached for the VPs that belong to it. */
static void t_translations_are_dropped(void)
{
	make(CONFIG_PAGING_EPT);
	end();
	renew();
	CHECK_EQ(fake.invept_count, 2);
	CHECK_EQ(fake.invvpid_count, 2);
	for (u32 i = 0; i < 2; i++) {
		CHECK(fake.invepts[i] == p);
		CHECK(fake.invvpids[i].vp == p->vps[1 - i]);
		CHECK_EQ(fake.invvpids[i].type, INVVPID_SINGLE);
		CHECK_EQ(p->vps[i]->own.life, p->life);
	}
	CHECK_EQ(p->life, 1);
	/* without the type SINGLE */
	end();
	machine.invvpid_context = INVVPID_ALL;
	renew();
	CHECK_EQ(fake.invvpids[0].type, INVVPID_ALL);
}

/* `gdb = com2-wait`: no VP of any life runs before its debugger says so. */
static void t_each_life_waits_for_gdb(void)
{
	make(CONFIG_PAGING_EPT);
	end();
	renew();
	CHECK_EQ(hold_owners(p->vps[0]), 0);
	end();
	built_handoff.config.partition[0].gdb = CONFIG_GDB_COM2_WAIT;
	renew();
	for (u32 i = 0; i < 2; i++) {
		CHECK_EQ(hold_owners(p->vps[i]), HOLD_GDB);
		CHECK(!hold_may_run(p->vps[i]));
	}
}

/* VPIDs, EPTP and VMCS pages stay. */
static void t_names_stay(void)
{
	struct vp copy[2];
	struct ept ept;

	make(CONFIG_PAGING_SHADOW);
	ept = p->ept;
	copy[0] = *p->vps[0];
	copy[1] = *p->vps[1];
	end();
	renew();
	CHECK_EQ(p->ept.eptp, ept.eptp);
	CHECK_EQ(p->ept.root, ept.root);
	for (u32 i = 0; i < 2; i++) {
		const struct vp *vp = p->vps[i];

		CHECK_EQ(vp->vpid, copy[i].vpid);
		CHECK_EQ(vp->vmcs.v, copy[i].vmcs.v);
		CHECK(vp->shadow == copy[i].shadow);
		CHECK_EQ(vp->run_id, copy[i].run_id);
		CHECK_EQ(vp->index, copy[i].index);
	}
}

/* After the first life and after the second one a VP is the same. */
static void t_own_is_as_at_first(void)
{
	static struct vp_own first;
	const u8 *want = (const u8 *)&first; /* padding is zeroed too */
	const u8 *got;
	struct vp *vp;

	make(CONFIG_PAGING_EPT);
	vp = p->vps[1];
	first = vp->own;
	end();
	memset(&vp->own, 0x5a, sizeof(vp->own));
	vp->own.published_seq = 0x10;
	vp->own.state = VP_STOPPED;
	renew();
	first.due = true;
	first.life = 1;
	first.published_seq = 0x10;
	first.cpu_ticks = 0x5a5a5a5a5a5a5a5a; /* of all lives */
	memset(&first.published, 0x5a, sizeof(first.published));
	got = (const u8 *)&vp->own;
	CHECK_EQ(memcmp(got, want, sizeof(first)), 0);
	CHECK_EQ(vp->own.exit_count, 0);
	CHECK(fake_vmcs.renewals == 2);
}

/* The counts of exits and calls begin anew, and what the console has seen. */
static void t_counts_begin_anew(void)
{
	struct vp *vp;

	make(CONFIG_PAGING_EPT);
	vp = p->vps[1];
	vp->stats->ticks[3][7] = 5;
	vp->stats->ends[2][1] = 6;
	vp->stats->looked[3][7] = 5;
	end();
	renew();
	CHECK_EQ(vp->stats->ticks[3][7], 0);
	CHECK_EQ(vp->stats->ends[2][1], 0);
	CHECK_EQ(vp->stats->looked[3][7], 0);
}

static void t_what_was_posted_is_gone(void)
{
	struct vp *vp;

	make(CONFIG_PAGING_EPT);
	vp = p->vps[1];
	end();
	vp_post_irq(vp, 0x51);
	vp_post_irq(vp, 0xf1);
	vp->shared.queue.count = 3;
	p->flush_full[0] = ~0ull;
	p->flush_nonglobal[0] = ~0ull;
	renew();
	for (u32 i = 0; i < 4; i++) {
		CHECK_EQ(vp->shared.posted_irr[i], 0);
	}
	vp->shared.events = 0;
	CHECK(!call_has_work(vp));
	CHECK(!call_has_work(p->vps[0]));
}

static void t_partition_is_as_at_first(void)
{
	make(CONFIG_PAGING_EPT);
	p->guest_os_id = 1;
	p->hypercall_msr = 0x5001;
	p->tsc_invariant_control = 1;
	p->deadlock_reported = true;
	p->long_suspensions = 40;
	ept_overlay_on(&p->ept, (gpa_t){0x5000}, (hpa_t){0x123000});
	CHECK_EQ(ept_walk(&p->ept, 0x5000).hpa, 0x123000);
	(void)first_use_report(p, FIRST_USE_CPUID, 1);
	guest_serial_write(&p->serial, 7, 0x33);
	guest_serial_write(&p->serial, 0, 'x');
	end();
	fake.tsc = 4711;
	renew();
	CHECK_EQ(p->guest_os_id, 0);
	CHECK_EQ(p->hypercall_msr, 0);
	CHECK_EQ(p->tsc_invariant_control, 0);
	CHECK(!p->deadlock_reported);
	CHECK_EQ(p->long_suspensions, 0);
	CHECK_EQ(ept_walk(&p->ept, 0x5000).hpa, p->memory.v + 0x5000);
	CHECK_EQ(first_use_count(p, FIRST_USE_CPUID), 0);
	CHECK_EQ(guest_serial_read(&p->serial, 7), 0);
	CHECK_EQ(p->serial.line.len, 0);
	CHECK_EQ(p->start_tsc, 4711);
	CHECK_EQ(p->vps_running, 2);
}

/* ---- other partitions ---- */

/* Inhibits of others on its VPs end; its own on others ended with it. */
static void t_inhibits_end(void)
{
	make(CONFIG_PAGING_EPT);
	inhibit_enter(p->vps[1]);
	inhibit_keep(p->vps[1], other);
	inhibit_enter(p->vps[0]);
	inhibit_keep(p->vps[0], p);
	inhibit_enter(other->vps[0]);
	inhibit_keep(other->vps[0], p);
	end();
	CHECK_EQ(other->inhibit_count, 0);
	CHECK_EQ(p->inhibit_count, 1);
	renew();
	CHECK_EQ(p->vps[0]->shared.inhibit, 0);
	CHECK_EQ(p->vps[1]->shared.inhibit, 0);
	CHECK_EQ(p->inhibit_count, 0);
}

/* VPs that were suspended when they stopped are not in the next life. */
static void t_suspensions_end(void)
{
	make(CONFIG_PAGING_EPT);
	inhibit_enter(p->vps[1]);
	inhibit_keep(p->vps[1], other);
	p->vps[0]->own.waits_for = p->vps[1];
	suspend_begin(p->vps[0]);
	CHECK_EQ(p->suspended.words[0], 1);
	end();
	CHECK_EQ(p->suspended.words[0], 0);
	renew();
	CHECK_EQ(p->vps[0]->own.state, VP_RUNNABLE);
	CHECK(p->vps[0]->own.waits_for == NULL);
	CHECK_EQ(p->suspended.words[0], 0);
}

static const u32 name_of_rip[] = {HV_X64_REGISTER_RIP};

static void ask(struct vp *asker, struct vp *target)
{
	struct hv_register_value value;
	struct reg_job job = {
		.count = 1, .names = name_of_rip, .values = &value};

	CHECK(!reg_request_call(asker, target, &job));
}

/* Asked of the earlier life, after its VP had refused all: refused. */
static void t_late_request_is_refused(void)
{
	struct vp *asker;

	make(CONFIG_PAGING_EPT);
	asker = other->vps[0];
	p->vps[1]->own.state = VP_WAIT_SIPI; /* not seen to have stopped */
	ask(asker, p->vps[1]);
	p->vps[1]->own.state = VP_STOPPED;
	p->vps[1]->shared.events = 0;
	CHECK_EQ(asker->shared.request.state, REG_REQUEST_POSTED);
	p->vps_running = 0;
	p->state = PARTITION_STARTING;
	renew();
	CHECK_EQ(asker->shared.request.state, REG_REQUEST_DONE);
	CHECK_EQ(asker->shared.request.job.status, HV_STATUS_INVALID_VP_STATE);
	CHECK(p->vps[1]->shared.requests == NULL);
}

/* Its VP asked another partition, and the answer comes in its next life. */
static void t_answer_for_an_earlier_life(void)
{
	struct hv_register_value value;
	struct reg_job job = {
		.count = 1, .names = name_of_rip, .values = &value};
	struct vp *asker;

	make(CONFIG_PAGING_EPT);
	asker = p->vps[0];
	ask(asker, other->vps[1]);
	end();
	renew();
	CHECK_EQ(asker->shared.request.state, REG_REQUEST_POSTED);
	CHECK(!reg_request_goes_first(asker));
	reg_request_serve(other->vps[1]);
	CHECK_EQ(asker->shared.request.state, REG_REQUEST_DONE);
	/* the first call of this life asks anew */
	CHECK(!reg_request_call(asker, other->vps[1], &job));
	CHECK_EQ(asker->shared.request.state, REG_REQUEST_POSTED);
}

/* Whoever holds a VP holds it in its next life too. */
static void t_hold_stays(void)
{
	make(CONFIG_PAGING_EPT);
	hold_set(p->vps[0], HOLD_GDB);
	end();
	renew();
	CHECK(!hold_may_run(p->vps[0]));
	CHECK(hold_is_out(p->vps[0], HOLD_GDB));
	hold_clear(p->vps[0], HOLD_GDB);
	hold_note(p->vps[0]);
	CHECK(hold_may_run(p->vps[0]));
}

/* ---- software TLB ---- */

static void t_software_tlb_is_empty(void)
{
	struct shadow *shadow;

	make(CONFIG_PAGING_SHADOW);
	shadow = p->vps[0]->shadow;
	end();
	shadow->mode = SHADOW_MODE_PAE;
	shadow->root = 0x1000;
	shadow->pdpte[3] = 0x2001;
	shadow->fills = 1;
	shadow->reflected = 1;
	shadow->evictions = 1;
	shadow->invvpid_due = true;
	p->vps[0]->pdptes[2] = 0x3001;
	renew();
	CHECK_EQ(shadow->mode, SHADOW_MODE_NONE);
	CHECK(shadow->current == NULL);
	CHECK_EQ(shadow->root, 0);
	CHECK_EQ(shadow->pdpte[3], 0);
	CHECK_EQ(shadow->fills, 0);
	CHECK_EQ(shadow->reflected, 0);
	CHECK_EQ(shadow->evictions, 0);
	CHECK_EQ(shadow->removals, 0);
	CHECK(!shadow->invvpid_due);
	CHECK_EQ(p->vps[0]->pdptes[2], 0);
	CHECK_EQ(shadow->count, SHADOW_TABLES_MIN);
}

static const struct test tests[] = {
	{"translations-are-dropped", t_translations_are_dropped},
	{"each-life-waits-for-gdb", t_each_life_waits_for_gdb},
	{"names-stay", t_names_stay},
	{"own-is-as-at-first", t_own_is_as_at_first},
	{"counts-begin-anew", t_counts_begin_anew},
	{"what-was-posted-is-gone", t_what_was_posted_is_gone},
	{"partition-is-as-at-first", t_partition_is_as_at_first},
	{"inhibits-end", t_inhibits_end},
	{"suspensions-end", t_suspensions_end},
	{"late-request-is-refused", t_late_request_is_refused},
	{"answer-for-an-earlier-life", t_answer_for_an_earlier_life},
	{"hold-stays", t_hold_stays},
	{"software-tlb-is-empty", t_software_tlb_is_empty},
};

const struct suite suite_renew = SUITE("renew", tests);
