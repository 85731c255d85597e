/* SPDX-License-Identifier: MIT */
/*
 * One flush, explained step by step in comment lines that need no other
 * document. Every number in them is measured; each step is also a check.
 */
#include "call/flush.h"
#include "harness/suite.h"
#include "harness/tap.h"
#include "kernel/serial.h"
#include "kernel/smp.h"
#include "suites/tour/measure.h"

static struct tour remote;
static struct tour self;

static bool is_skipped(u32 target, struct tour *t)
{
	tour_measure(target, t);
	if (!t->can_call) {
		tap_skip("VP index above 63");
	}
	return !t->can_call;
}

/*
 * Prints a part of a comment line; %d and %x print the next number. Lines must
 * be shorter than 200 characters, as Lethe's console breaks longer ones.
 */
static void tell(const char *text, const u64 *numbers)
{
	for (; *text != '\0'; text++) {
		if (text[0] == '%' && text[1] == 'd') {
			serial_put_dec(*numbers++);
			text++;
		} else if (text[0] == '%' && text[1] == 'x') {
			serial_put_hex(*numbers++);
			text++;
		} else {
			serial_put(*text);
		}
	}
}

#define TELL(_text, ...) tell(_text, (const u64[]){__VA_ARGS__})

static void tell_type(u64 type)
{
	/* SDM 3C, "INVVPID" */
	static const char *const names[] = {
		"individual-address",
		"single-context",
		"all-context",
		"single-context, retaining globals",
	};

	TELL("type %d (", type);
	serial_puts(type < ARRAY_SIZE(names) ? names[type] : "unknown");
	serial_puts(")");
}

static u64 cpu_of(u32 n)
{
	return n % smp_cpus();
}

/* Expects one INVVPID, for the VP that is flushed. */
static void expect_invvpid(u32 target, const struct tour *t)
{
	if (!tap_equal("INVVPIDs", t->invvpids, 1)) {
		return;
	}
	tap_equal("VP index", t->last.vp_index, smp_vps[target]->index);
	if (t->last.type == 0) {
		tap_equal("address", t->last.gva, TOUR_GVA);
	}
	tap_equal("INVVPIDs for other VPs", t->others, 0);
}

static void expect_stale(const struct tour *t)
{
	tap_at_least("reads before the flush", t->before.old, TOUR_READS);
	tap_equal("of them fresh", t->before.fresh, 0);
}

static void expect_fresh(const struct tour *t)
{
	tap_equal("first read after the flush", t->after.first, TOUR_NEW);
	tap_equal("old values after the flush", t->after.old, 0);
}

static void stale_before(const void *arg)
{
	const struct tour_reads *r = &remote.before;

	(void)arg;
	if (is_skipped(1, &remote)) {
		return;
	}
	serial_puts("# tour: VP 0 changes a page-table entry and flushes it "
		    "from the TLB of VP 1, which goes on reading.\n");
	TELL("# 1. VP 1 reads address %x in a loop and gets %d. Its TLB holds "
	     "the translation.\n",
	     TOUR_GVA, TOUR_OLD);
	TELL("# 2. VP 0 points the page-table entry to a page that holds %d, "
	     "and flushes nothing. Reads of VP 1 since then: %d give %d, %d "
	     "give %d.\n",
	     TOUR_NEW, r->old, TOUR_OLD, r->fresh, TOUR_NEW);
	expect_stale(&remote);
}

static void tell_status(u64 status)
{
	if (status == HV_STATUS_SUCCESS) {
		serial_puts("HV_STATUS_SUCCESS");
	} else {
		TELL("status %x", status);
	}
}

static void call_succeeds(const void *arg)
{
	const struct tour *t = &remote;

	(void)arg;
	if (is_skipped(1, &remote)) {
		return;
	}
	serial_puts("# 3. VP 0 calls ");
	serial_puts(flush_call_is_ex(t->code)
			    ? "0x0014 HvCallFlushVirtualAddressListEx"
			    : "0x0003 HvCallFlushVirtualAddressList");
	TELL(" for VP index %d, one range: %x. After %d ticks: ",
	     smp_vps[1]->index, TOUR_GVA, t->ticks);
	tell_status(FIELD_GET(HV_RESULT_STATUS, t->result));
	TELL(", ranges done: %d.\n", FIELD_GET(HV_RESULT_REPS, t->result));
	tap_equal("result", t->result, t->expected);
}

static void kicked_once(const void *arg)
{
	(void)arg;
	if (is_skipped(1, &remote)) {
		return;
	}
	TELL("# 4. Within the call Lethe kicks CPU %d, which has VP 1 in guest "
	     "mode. NMIs sent: %d. VM exits of VP 1 meanwhile: %d.\n",
	     cpu_of(1), remote.kicks, remote.exits);
	tap_equal("kicks", remote.kicks, 1);
	tap_at_least("VM exits of VP 1", remote.exits, 1);
}

static void tell_invvpid(const struct tour *t)
{
	TELL("INVVPIDs: %d", t->invvpids);
	if (t->invvpids != 0) {
		serial_puts(", recorded as ");
		tell_type(t->last.type);
		TELL(", VP index %d, address %x", t->last.vp_index,
		     t->last.gva);
	}
}

static void invalidated(const void *arg)
{
	(void)arg;
	if (is_skipped(1, &remote)) {
		return;
	}
	TELL("# 5. Before VP 1 enters guest mode again, CPU %d executes ",
	     cpu_of(1));
	tell_invvpid(&remote);
	TELL(". For other VPs: %d.\n", remote.others);
	expect_invvpid(1, &remote);
}

static void fresh_after(const void *arg)
{
	const struct tour_reads *r = &remote.after;

	(void)arg;
	if (is_skipped(1, &remote)) {
		return;
	}
	TELL("# 6. VP 1's first read that begins after the call has returned "
	     "gives %d. Since then %d reads give %d, %d give %d.\n",
	     r->first, r->fresh, TOUR_NEW, r->old, TOUR_OLD);
	expect_fresh(&remote);
}

static void self_fresh(const void *arg)
{
	(void)arg;
	if (is_skipped(0, &self)) {
		return;
	}
	TELL("# self: VP 0 does the same with its own TLB: %d reads give %d "
	     "after the change. It calls for VP index %d, %d ticks, ",
	     self.before.old, TOUR_OLD, smp_vps[0]->index, self.ticks);
	TELL("and then reads %d.\n", self.after.first);
	expect_stale(&self);
	tap_equal("result", self.result, self.expected);
	expect_fresh(&self);
}

static void self_needs_no_kick(const void *arg)
{
	(void)arg;
	if (is_skipped(0, &self)) {
		return;
	}
	TELL("# self: nobody else has to do anything. NMIs sent: %d. CPU %d "
	     "executes ",
	     self.kicks, cpu_of(0));
	tell_invvpid(&self);
	serial_puts(".\n");
	tap_equal("kicks", self.kicks, 0);
	expect_invvpid(0, &self);
}

#define SEEN (NEED_HV | NEED_OBSERVE)
#define TOLD (SEEN | NEED_TEST_CALL)

/* clang-format off */
static const struct check checks[] = {
	{"stale_before", "SDM 3A: Operations that Invalidate TLBs and Paging-Structure Caches",
	 stale_before, NULL, 2, SEEN},
	{"call_succeeds", "TLFS: HvCallFlushVirtualAddressList",
	 call_succeeds, NULL, 2, SEEN},
	{"kicked_once", "design: the kick", kicked_once, NULL, 2, TOLD},
	{"invalidated", "SDM 3C: INVVPID", invalidated, NULL, 2, TOLD},
	{"fresh_after", "TLFS: virtual-mmu", fresh_after, NULL, 2, SEEN},
	{"self_fresh", "TLFS: virtual-mmu", self_fresh, NULL, 1, SEEN},
	{"self_needs_no_kick", "design: the kick", self_needs_no_kick, NULL, 1,
	 TOLD},
};
/* clang-format on */

SUITE("tour", 020, checks);
