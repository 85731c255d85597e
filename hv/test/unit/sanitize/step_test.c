/* SPDX-License-Identifier: MIT */
/*
 * Steps of a VP's sanitizer: which time is grace, when there is no step, and
 * the lines at the end of the partition.
 */
#include "core/sanitize/step.h"

#include <string.h>

#include "core/console/log.h"
#include "core/paging/shadow.h"
#include "core/sanitize/report.h"
#include "core/sanitize/watch.h"
#include "core/state/sanitize.h"
#include "core/vp/shadow_vmcs.h"
#include "support/call.h"
#include "support/check.h"
#include "support/fake_vmcs.h"
#include "support/soft_tlb.h"
#include "trace.h"
#include "x86/pte.h"

#define ROOT  0x2000
#define GVA   0x5000ull
#define RIP   0x1234
#define GRACE (5 * SANITIZE_INTERVAL)

static struct partition *p;
static struct vp *vp;

/* VP 0 of 2 has used a stale leaf: its page is mapped no more. */
static void setup(void)
{
	struct shadow_answer answer;
	struct walk_state state;

	fake_reset();
	fake_vmcs_reset();
	p = call_partition(2, 1);
	soft_tlb_add(p);
	fake_config(p)->sanitize = CONFIG_SANITIZE_ON;
	for (u32 i = 0; i < p->vp_count; i++) {
		p->vps[i]->sanitize = fake_take(sizeof(struct sanitize));
		p->vps[i]->sanitize->grace = GRACE;
		p->vps[i]->cpu->charged = p->vps[i];
	}
	vp = p->vps[0];
	soft_tlb_map(p, ROOT, GVA, 0);
	soft_tlb_use(vp, ROOT);
	soft_tlb_read(vp, GVA);
	/* the table's page: the entry goes, the way to it stays */
	soft_tlb_map(p, ROOT, GVA, 0);
	memset(fake_ram(p, SOFT_TLB_RAM + 2 * PAGE_SIZE), 0, PAGE_SIZE);
	fake.invvpid_count = 0;
	sanitize_step(vp, 1000);
	CHECK_EQ(vp->sanitize->count.armed, 1);
	CHECK_EQ(fake.invvpid_count, 1);
	port_vmcs_set(VMCS_GUEST_RIP, RIP);
	port_vmcs_set(VMCS_GUEST_SS_ACCESS, FIELD_PREP(VMX_ACCESS_DPL, 2));
	CHECK(shadow_vmcs_state(vp, &state));
	CHECK_EQ(shadow_fault(p, vp->shadow, &state, (gva_t){GVA}, 0, &answer),
		 SHADOW_TRAPPED);
	sanitize_trapped(vp, &state, (gva_t){GVA}, 0);
	CHECK_EQ(vp->sanitize->count.uses[SANITIZE_ABSENT], 1);
	CHECK_EQ(vp->sanitize->watch[0].use.rip, RIP);
	CHECK(shadow_vmcs_is_synced(vp));
}

static const struct trace_record *last_record(void)
{
	u32 next = vp->cpu->trace_low / sizeof(struct trace_record);

	return &vp->cpu->trace_ring[next - 1];
}

static void check_record(u32 event)
{
	const struct trace_record *r = last_record();

	CHECK_EQ(r->event, event);
	CHECK_EQ(r->vp, (u16)vp->run_id);
	CHECK_EQ(r->a0, SANITIZE_ABSENT | 2 << 8);
	CHECK_EQ(r->a1, RIP);
	CHECK_EQ(r->a2, GVA);
}

static void t_use_and_finding_are_traced(void)
{
	setup();
	check_record(TRACE_USE);
	for (u64 now = 0; now <= 2 * GRACE; now += SANITIZE_INTERVAL) {
		sanitize_step(vp, now + 1000);
	}
	CHECK_EQ(vp->sanitize->count.findings[SANITIZE_ABSENT], 1);
	check_record(TRACE_FINDING);
}

static u64 age(void)
{
	return vp->sanitize->watch[0].age;
}

static void t_time_with_its_cpu_is_grace(void)
{
	setup();
	sanitize_step(vp, 1000 + SANITIZE_INTERVAL);
	CHECK_EQ(age(), SANITIZE_INTERVAL);
	/* a long time without a step: others had the CPU */
	sanitize_step(vp, 1000 + 100 * SANITIZE_INTERVAL);
	CHECK_EQ(age(), 3 * SANITIZE_INTERVAL);
	CHECK_EQ(vp->sanitize->found, 0);
	sanitize_step(vp, 1000 + 102 * SANITIZE_INTERVAL);
	CHECK_EQ(vp->sanitize->found, 1);
}

/* No time is grace while this holds of VP 1. */
static void no_grace(u64 now)
{
	u64 before = age();

	sanitize_step(vp, now);
	CHECK_EQ(age(), before);
}

static void t_time_of_a_vp_that_waits_is_no_grace(void)
{
	struct vp *other;

	setup();
	other = p->vps[1];
	other->cpu->charged = NULL;
	other->own.state = VP_RUNNABLE;
	no_grace(2 * SANITIZE_INTERVAL);
	other->own.state = VP_SUSPENDED;
	no_grace(3 * SANITIZE_INTERVAL);
	other->own.state = VP_HALTED;
	sanitize_step(vp, 4 * SANITIZE_INTERVAL);
	CHECK_EQ(age(), SANITIZE_INTERVAL);
	other->own.held = 1;
	no_grace(5 * SANITIZE_INTERVAL);
}

/* A flush that waits for this VP is executed before anything is judged. */
static void t_posted_flush_comes_first(void)
{
	setup();
	vp->sanitize->watch[0].age = GRACE;
	*vp->flush_full |= vp->bank_bit;
	sanitize_step(vp, 2 * SANITIZE_INTERVAL);
	CHECK_EQ(*vp->flush_full & vp->bank_bit, 0);
	CHECK_EQ(vp->sanitize->found, 0);
	CHECK_EQ(vp->sanitize->count.flushed, 1);
	/* without it, this is a finding */
	setup();
	vp->sanitize->watch[0].age = GRACE;
	sanitize_step(vp, 2 * SANITIZE_INTERVAL);
	CHECK_EQ(vp->sanitize->found, 1);
}

static void t_no_step_without_paging_or_when_stopped(void)
{
	u64 compared;

	setup();
	compared = vp->sanitize->count.compared;
	vp->own.state = VP_STOPPED;
	sanitize_step(vp, 2 * SANITIZE_INTERVAL);
	vp->own.state = VP_RUNNABLE;
	port_vmcs_set(VMCS_CR0_SHADOW, 0x11);
	sanitize_step(vp, 3 * SANITIZE_INTERVAL);
	CHECK_EQ(vp->sanitize->count.compared, compared);
	CHECK_EQ(age(), 0);
	/* before the first load of CR3 there is nothing */
	p->vps[1]->own.state = VP_RUNNABLE;
	sanitize_step(p->vps[1], 1000);
	CHECK_EQ(p->vps[1]->sanitize->count.compared, 0);
}

static void t_summary_names_kinds_and_counts(void)
{
	setup();
	vp->sanitize->watch[0].age = GRACE;
	sanitize_step(vp, 2 * SANITIZE_INTERVAL);
	log_flush();
	fake.uart_len = 0;
	sanitize_summary(p);
	log_flush();
	CHECK(strstr(fake.uart, "sanitize kind=absent uses=1 findings=1\n") !=
	      NULL);
	CHECK(strstr(fake.uart, " armed=1 uses=1 flushed=0 granted=0 lost=0 "
				"findings=1\n") != NULL);
	fake.uart_len = 0;
	fake.uart[0] = 0;
	fake_config(p)->sanitize = CONFIG_SANITIZE_OFF;
	sanitize_summary(p);
	log_flush();
	CHECK_EQ(fake.uart_len, 0);
}

static u32 lines(const char *text)
{
	u32 count = 0;

	for (const char *at = fake.uart; (at = strstr(at, text)) != NULL;
	     at++) {
		count++;
	}
	return count;
}

static void t_lines_are_bounded(void)
{
	struct sanitize_use use = {.kind = SANITIZE_ABSENT};

	setup();
	log_flush(); /* what tests before this one have left */
	fake.uart_len = 0;
	for (u32 i = 0; i < 3 * SANITIZE_LINES_MAX; i++) {
		use.rip = i;
		if (sanitize_found(vp->sanitize, &use)) {
			sanitize_report(p, 0, &use);
		}
		log_flush();
	}
	CHECK_EQ(vp->sanitize->count.findings[SANITIZE_ABSENT],
		 3 * SANITIZE_LINES_MAX);
	CHECK_EQ(lines("sanitize finding"), SANITIZE_LINES_MAX);
	CHECK_EQ(lines("more findings are only counted"), 1);
}

static const struct test tests[] = {
	{"use_and_finding_are_traced", t_use_and_finding_are_traced},
	{"time_with_its_cpu_is_grace", t_time_with_its_cpu_is_grace},
	{"time_of_a_vp_that_waits_is_no_grace",
	 t_time_of_a_vp_that_waits_is_no_grace},
	{"posted_flush_comes_first", t_posted_flush_comes_first},
	{"no_step_without_paging_or_when_stopped",
	 t_no_step_without_paging_or_when_stopped},
	{"summary_names_kinds_and_counts", t_summary_names_kinds_and_counts},
	{"lines_are_bounded", t_lines_are_bounded},
};

const struct suite suite_sanitize_step = SUITE("sanitize_step", tests);
