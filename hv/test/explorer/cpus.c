/* SPDX-License-Identifier: MIT */
/*
 * The modelled CPUs (see cpus.h), and their implementation of core/port/port.h.
 */
#include "explorer/cpus.h"

#include <string.h>

#include "core/console/log.h"
#include "core/flush/drop.h"
#include "core/flush/suspend.h"
#include "core/flush/target.h"
#include "core/hypercall/targets.h"
#include "core/lifecycle/place.h"
#include "core/state/vp.h"

struct cpus_ghost ghost;
u64 pte[CPUS_PAGES];
struct vp vps[EXPLORE_THREADS_MAX];
struct cpu cpus[EXPLORE_THREADS_MAX];

static struct partition partition;
static const struct config_partition config = {.vp_index_stride = 1};

#define PAGE_GVA(page) ((u64)((page) + 1) << 20)

static void track_cpu(u32 i)
{
	static const char *const names[EXPLORE_THREADS_MAX][7] = {
		{"cpu0.kicked", "cpu0.run", "cpu0.flush_seq", "vp0.events",
		 "vp0.queue", "vp0.state", "vp0.waits_for"},
		{"cpu1.kicked", "cpu1.run", "cpu1.flush_seq", "vp1.events",
		 "vp1.queue", "vp1.state", "vp1.waits_for"},
		{"cpu2.kicked", "cpu2.run", "cpu2.flush_seq", "vp2.events",
		 "vp2.queue", "vp2.state", "vp2.waits_for"},
	};

	explore_track(names[i][0], &cpus[i].kicked, 8);
	explore_track(names[i][1], &cpus[i].run, 8);
	explore_track(names[i][2], &cpus[i].flush_seq, 8);
	explore_track(names[i][3], &vps[i].shared.events, 8);
	explore_track(names[i][4], &vps[i].shared.queue,
		      sizeof(vps[i].shared.queue));
	explore_track(names[i][5], &vps[i].own.state, sizeof(vps[i].own.state));
	explore_track(names[i][6], &vps[i].own.waits_for, 8);
	explore_kicked_word(i, &cpus[i].kicked);
}

void cpus_setup(u32 count)
{
	HV_ASSERT(count <= EXPLORE_THREADS_MAX);
	memset(&machine, 0, sizeof(machine));
	memset(&partition, 0, sizeof(partition));
	memset(&ghost, 0, sizeof(ghost));
	memset(cpus, 0, sizeof(cpus));
	memset(vps, 0, sizeof(vps));
	machine.cpu_count = count;
	machine.invvpid_address = true;
	machine.invvpid_context = INVVPID_SINGLE;
	machine.invvpid_retain_globals = true;
	partition.config = &config;
	for (u32 i = 0; i < count; i++) {
		cpus[i].number = i;
		machine.cpus[i] = &cpus[i];
		partition_add_vp(&partition, &vps[i], &cpus[i]);
		run_assign(&cpus[i], &vps[i]);
		cpus[i].vp = &vps[i];
		track_cpu(i);
	}
	for (u32 page = 0; page < CPUS_PAGES; page++) {
		pte[page] = PTE_OLD;
	}
	explore_track("flush_full", partition.flush_full, 8);
	explore_track("flush_nonglobal", partition.flush_nonglobal, 8);
	explore_track("suspended", partition.suspended.words, 8);
	explore_track("inhibit_count", &partition.inhibit_count,
		      sizeof(partition.inhibit_count));
	explore_track("vp1.inhibit", &vps[1].shared.inhibit, 8);
	explore_track("pte", pte, sizeof(pte));
	explore_track("ghost", &ghost, sizeof(ghost));
}

static enum flush_end flush(u32 page, enum flush_kind kind, u64 targets)
{
	struct vp *self = &vps[explore_self()];
	const u64 range = PAGE_GVA(page);
	struct flush_request request = {
		.kind = kind,
		.range_count = kind == FLUSH_RANGES ? 1 : 0,
		.ranges = &range,
	};

	hc_targets_of_mask(self, targets, &request.targets);
	return flush_run(self, &request);
}

void cpus_remap(u32 page, enum flush_kind kind, u64 targets)
{
	__atomic_store_n(&pte[page], PTE_NEW, __ATOMIC_RELAXED);
	(void)flush(page, kind, targets);
	ghost.flushed[page] = true;
}

bool cpus_flush(enum flush_kind kind, u64 targets)
{
	if (flush(0, kind, targets) == FLUSH_DONE) {
		return true;
	}
	suspend_begin(&vps[explore_self()]);
	return false;
}

static void event_wake(struct vp *vp)
{
	if (vp->own.state == VP_SUSPENDED) {
		suspend_forget(vp);
		vp->own.state = VP_RUNNABLE;
	}
}

void cpus_serve(void)
{
	struct vp *vp = &vps[explore_self()];
	u64 events = __atomic_load_n(&vp->shared.events, __ATOMIC_RELAXED);

	if (events != 0) {
		events = __atomic_exchange_n(&vp->shared.events, 0,
					     __ATOMIC_SEQ_CST);
		ghost.event_seen[explore_self()] |= events != 0;
	}
	if (events & VP_EVENT_WAKE) {
		event_wake(vp);
	}
	if (due_is_posted(vp)) {
		flush_drain(vp);
	}
}

/*
 * The first instruction of the window compares. An NMI that arrives in the
 * window leaves it.
 */
static bool pass_window(struct cpu *cpu)
{
	bool aborted;

	explore_step("before the window", NULL);
	explore_place(PLACE_WINDOW);
	if (cpu->kicked != 0) {
		explore_place(PLACE_ROOT);
		return false;
	}
	explore_step("window", NULL);
	aborted = explore_aborted();
	explore_place(aborted ? PLACE_ROOT : PLACE_GUEST);
	return !aborted;
}

bool cpus_enter(void)
{
	u32 self = explore_self();

	if (!run_enter(&cpus[self], &vps[self])) {
		cpus_serve();
		return false;
	}
	if (!pass_window(&cpus[self])) {
		run_leave(&cpus[self]);
		return false;
	}
	return true;
}

/* ---- guest mode ---- */

#define STEP_EXIT_NMI 0
#define STEP_EXIT     1
#define STEP_PAGE     2

/*
 * What the guest does, as far as it makes a difference: it fills the TLB, uses
 * a page after its flush has returned, or leaves.
 */
static u32 guest_steps(u32 self)
{
	u32 mask = 0;

	if (explore_aborted_of(self)) {
		return BIT(STEP_EXIT_NMI);
	}
	if (ghost.exits_left[self] != 0) {
		mask |= ghost.must_exit ? (u32)BIT(STEP_EXIT)
					: EXPLORE_OPTIONAL(STEP_EXIT);
	}
	for (u32 page = 0; page < CPUS_PAGES; page++) {
		if (!ghost.tlb_has[self][page] ||
		    (ghost.flushed[page] && !ghost.verified[self][page])) {
			mask |= (u32)BIT(STEP_PAGE + page);
		}
	}
	return mask;
}

static void use_page(u32 self, u32 page)
{
	if (!ghost.tlb_has[self][page]) {
		u64 value = __atomic_load_n(&pte[page], __ATOMIC_RELAXED);

		ghost.tlb[self][page] = value;
		ghost.tlb_has[self][page] = true;
	}
	if (ghost.flushed[page]) {
		if (ghost.tlb[self][page] == PTE_OLD) {
			explore_fail("cpu %u uses the old translation of page "
				     "%u after the flush",
				     self, page);
		}
		ghost.verified[self][page] = true;
	}
}

static bool all_verified(u32 self, u32 pages)
{
	for (u32 page = 0; page < pages; page++) {
		if (!ghost.verified[self][page]) {
			return false;
		}
	}
	return true;
}

enum cpus_exit cpus_guest(u32 pages)
{
	u32 self = explore_self();
	enum cpus_exit why = EXIT_VERIFIED;

	while (!all_verified(self, pages)) {
		u32 step = explore_step("guest", guest_steps);

		if (step == STEP_EXIT_NMI) {
			why = EXIT_NMI;
			break;
		}
		if (step == STEP_EXIT) {
			ghost.exits_left[self]--;
			why = EXIT_OWN_WILL;
			break;
		}
		use_page(self, step - STEP_PAGE);
	}
	explore_place(PLACE_ROOT);
	run_leave(&cpus[self]);
	return why;
}

static u32 hlt_ends(u32 self)
{
	return explore_aborted_of(self) ? 1 : 0;
}

static void halt(const struct cpu *cpu)
{
	explore_step("before the halt", NULL);
	explore_place(PLACE_WINDOW);
	if (cpu->kicked == 0) {
		explore_step("hlt", hlt_ends);
	}
	explore_place(PLACE_ROOT);
}

void cpus_idle(void)
{
	struct cpu *cpu = &cpus[explore_self()];

	while (!ghost.event_seen[explore_self()]) {
		if (run_idle_begin(cpu)) {
			halt(cpu);
			run_idle_end(cpu);
		}
		cpus_serve();
	}
}

void cpus_sleep(void)
{
	struct cpu *cpu = &cpus[explore_self()];
	const struct vp *vp = &vps[explore_self()];

	while (vp->own.state == VP_SUSPENDED) {
		if (run_idle_begin(cpu)) {
			halt(cpu);
			run_idle_end(cpu);
		}
		cpus_serve();
	}
}

void cpus_check_idle(void)
{
	for (u32 i = 0; i < machine.cpu_count; i++) {
		if ((cpus[i].run & RUN_GUEST) != 0 || cpus[i].flush_seq % 2) {
			explore_fail("cpu %u: run or flush_seq is odd", i);
		}
	}
}

/* Two reports that no scenario reaches */
void log_line(const char *area, const char *fmt, ...)
{
	explore_fail("a line of %s: %s", area, fmt);
}

/* ---- core/port/port.h ---- */

u64 port_tsc(void)
{
	return 0;
}

void port_pause(void)
{
	explore_pause();
}

/* as hv/x86: MFENCE; LFENCE; ICR */
void port_kick(struct cpu *cpu)
{
	explore_step("kick", NULL);
	explore_drain();
	explore_send_nmi(cpu->number);
}

bool port_panicking(void)
{
	return false;
}

/* The protocol is the same with a software TLB; the VPs here have none. */
void drop_work(struct vp *vp, const struct drop_work *work)
{
	(void)work;
	port_panic("vp=%u has no software TLB", vp->number);
}

void port_invvpid(enum invvpid_type type, struct vp *vp, gva_t gva)
{
	for (u32 page = 0; page < CPUS_PAGES; page++) {
		if (type != INVVPID_ADDRESS || gva.v == PAGE_GVA(page)) {
			ghost.tlb_has[vp->number][page] = false;
			ghost.tlb[vp->number][page] = 0;
		}
	}
	if (vp != &vps[explore_self()]) {
		explore_fail("INVVPID on a foreign CPU");
	}
}

void port_panic(const char *fmt, ...)
{
	explore_fail("panic: %s", fmt);
}
