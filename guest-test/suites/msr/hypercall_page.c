/* SPDX-License-Identifier: MIT */
/*
 * The hypercall page: TLFS hypercall-interface, "Establishing the Hypercall
 * Interface". It overlays guest memory, which is unchanged afterwards.
 */
#include "call/checked.h"
#include "harness/tap.h"
#include "kernel/cmdline.h"
#include "kernel/cpu.h"
#include "kernel/host.h"
#include "kernel/mem.h"
#include "kernel/page.h"
#include "kernel/relax.h"
#include "kernel/smp.h"
#include "kernel/trap.h"
#include "kernel/watchdog.h"
#include "suites/msr/msr_suite.h"

#include "tlfs/msr.h"

#define PATTERN    0xa5a5000011112222ull
#define UNKNOWN    0x7ffe /* gives INVALID_HYPERCALL_CODE */
#define NO_OVERLAY 0x77u
#define RSVDP      GENMASK(11, 2)

static u8 *page_a;
static u8 *page_b;

/*
 * The memory under the overlay is code too: or $NO_OVERLAY, %eax; ret. Its
 * first instruction is as long as VMCALL, so that a VP that is between the two
 * instructions during a move finds RET in either page.
 */
static void fill(u8 *page)
{
	for (u32 i = 0; i < PAGE_SIZE / 8; i++) {
		((u64 *)page)[i] = PATTERN + i;
	}
	memcpy(page, "\x83\xc8\x77\xc3\x90\x90\x90\x90", 8);
}

static bool is_uncovered(const u8 *page)
{
	for (u32 i = 1; i < PAGE_SIZE / 8; i++) {
		if (((const volatile u64 *)(u64)page)[i] != PATTERN + i) {
			return false;
		}
	}
	return page[0] == 0x83 && page[3] == 0xc3;
}

static u64 call_through(const u8 *page)
{
	return hypercall_call_page(UNKNOWN, 0, 0, (u64)page);
}

static void prepare(void)
{
	if (page_a == NULL) {
		page_a = page_alloc(PAGE_SIZE);
		page_b = page_alloc(PAGE_SIZE);
	}
	cpu_wrmsr(HV_X64_MSR_HYPERCALL, 0);
	cpu_wrmsr(HV_X64_MSR_GUEST_OS_ID, HOST_OS_ID);
	fill(page_a);
	fill(page_b);
}

static void enable(const u8 *page)
{
	cpu_wrmsr(HV_X64_MSR_HYPERCALL,
		  page_gpa(page) | HV_HYPERCALL_MSR_ENABLE);
}

static u64 msr_value(void)
{
	return cpu_rdmsr(HV_X64_MSR_HYPERCALL) & ~RSVDP;
}

void msr_check_page_works(const void *arg)
{
	(void)arg;
	prepare();
	tap_equal("before", call_through(page_a), NO_OVERLAY);
	enable(page_a);
	tap_equal("reads back", msr_value(),
		  page_gpa(page_a) | HV_HYPERCALL_MSR_ENABLE);
	tap_equal("by CALL", call_through(page_a),
		  HV_STATUS_INVALID_HYPERCALL_CODE);
	cpu_wrmsr(HV_X64_MSR_HYPERCALL, 0);
	tap_equal("after", call_through(page_a), NO_OVERLAY);
	/* bits 11:2 are RsvdP: any value may be written */
	cpu_wrmsr(HV_X64_MSR_HYPERCALL,
		  page_gpa(page_a) | HV_HYPERCALL_MSR_ENABLE | RSVDP);
	tap_equal("with reserved bits", call_through(page_a),
		  HV_STATUS_INVALID_HYPERCALL_CODE);
	cpu_wrmsr(HV_X64_MSR_HYPERCALL, 0);
}

void msr_check_page_overlays(const void *arg)
{
	(void)arg;
	prepare();
	enable(page_a);
	tap_true("memory is covered", !is_uncovered(page_a));
	tap_true("neighbour is not", is_uncovered(page_b));
	cpu_wrmsr(HV_X64_MSR_HYPERCALL, page_gpa(page_a));
	tap_true("uncovered unchanged", is_uncovered(page_a));
}

void msr_check_page_write(const void *arg)
{
	u64 at;

	(void)arg;
	prepare();
	enable(page_a);
	at = cpu_read64(page_gpa(page_a));
	tap_equal("write at 0", trap_write64(page_gpa(page_a), 0), TRAP_GP);
	tap_equal("error code", vp_self()->fault.error, 0);
	tap_equal("write at the end",
		  trap_write64(page_gpa(page_a) + PAGE_SIZE - 8, 0), TRAP_GP);
	tap_equal("page unchanged", cpu_read64(page_gpa(page_a)), at);
	cpu_wrmsr(HV_X64_MSR_HYPERCALL, 0);
	tap_true("memory below unchanged", is_uncovered(page_a));
	tap_equal("then it is memory again", trap_write64(page_gpa(page_a), 0),
		  TRAP_NONE);
}

void msr_check_page_moves(const void *arg)
{
	(void)arg;
	prepare();
	enable(page_a);
	enable(page_b);
	tap_true("old place uncovered", is_uncovered(page_a));
	tap_equal("old place", call_through(page_a), NO_OVERLAY);
	tap_equal("new place", call_through(page_b),
		  HV_STATUS_INVALID_HYPERCALL_CODE);
	cpu_wrmsr(HV_X64_MSR_HYPERCALL, 0);
	tap_true("new place uncovered", is_uncovered(page_b));
}

/* Odd during a move; each even value belongs to one place of the page. */
static volatile u64 move_seq;
static u8 *volatile move_at;
static volatile u64 move_stop;
static volatile u64 move_calls[VPS_MAX];

static void caller_job(void *arg)
{
	(void)arg;
	while (!move_stop) {
		u64 seq = move_seq;
		u8 *at = move_at;
		u64 on = call_through(at);
		u64 off = call_through(at == page_a ? page_b : page_a);

		cpu_fence();
		if ((seq & 1) == 0 && seq == move_seq) {
			tap_equal("at the page", on,
				  HV_STATUS_INVALID_HYPERCALL_CODE);
			tap_equal("beside the page", off, NO_OVERLAY);
			move_calls[vp_self()->id]++;
		}
		watchdog_poll();
	}
}

static void wait_callers(u64 calls)
{
	static u64 from[VPS_MAX];

	for (u32 n = 1; n < smp_count(); n++) {
		from[n] = move_calls[n];
	}
	for (u32 n = 1; n < smp_count(); n++) {
		spin_until(move_calls[n] >= from[n] + calls);
	}
}

void msr_check_page_moves_under_use(const void *arg)
{
	u64 moves = cmdline_rounds(100);

	(void)arg;
	prepare();
	enable(page_a);
	if (memcmp(page_a, "\x0f\x01\xc1\xc3", 4) != 0) {
		tap_skip("the page is not VMCALL; RET");
		return;
	}
	move_at = page_a;
	move_stop = 0;
	smp_run_range(1, smp_count() - 1, caller_job, NULL);
	for (u64 i = 0; i < moves; i++) {
		u8 *to = move_at == page_a ? page_b : page_a;

		move_seq++;
		enable(to);
		move_at = to;
		move_seq++;
		wait_callers(2);
	}
	move_stop = 1;
	smp_wait_range(1, smp_count() - 1);
	cpu_wrmsr(HV_X64_MSR_HYPERCALL, 0);
	tap_true("uncovered unchanged",
		 is_uncovered(page_a) && is_uncovered(page_b));
}

void msr_check_page_beyond_ram(const void *arg)
{
	u64 value;

	(void)arg;
	prepare();
	enable(page_a);
	value = msr_value();
	tap_equal("at the end of RAM",
		  trap_wrmsr(HV_X64_MSR_HYPERCALL,
			     page_memory_end() | HV_HYPERCALL_MSR_ENABLE),
		  TRAP_GP);
	tap_equal("at the top of all",
		  trap_wrmsr(HV_X64_MSR_HYPERCALL,
			     HV_HYPERCALL_MSR_PFN | HV_HYPERCALL_MSR_ENABLE),
		  TRAP_GP);
	tap_equal("value as before", msr_value(), value);
	tap_equal("page as before", call_through(page_a),
		  HV_STATUS_INVALID_HYPERCALL_CODE);
	cpu_wrmsr(HV_X64_MSR_HYPERCALL, 0);
}

void msr_check_page_without_os_id(const void *arg)
{
	(void)arg;
	prepare();
	cpu_wrmsr(HV_X64_MSR_GUEST_OS_ID, 0);
	tap_equal("no fault",
		  trap_wrmsr(HV_X64_MSR_HYPERCALL,
			     page_gpa(page_a) | HV_HYPERCALL_MSR_ENABLE),
		  TRAP_NONE);
	tap_equal("Enable stays 0", msr_value(), page_gpa(page_a));
	tap_true("not covered", is_uncovered(page_a));
	cpu_wrmsr(HV_X64_MSR_GUEST_OS_ID, HOST_OS_ID);
	tap_true("nor with an OS", is_uncovered(page_a));
}

void msr_check_page_os_id_cleared(const void *arg)
{
	(void)arg;
	prepare();
	enable(page_a);
	cpu_wrmsr(HV_X64_MSR_GUEST_OS_ID, 0);
	tap_equal("disabled", msr_value() & HV_HYPERCALL_MSR_ENABLE, 0);
	tap_true("uncovered", is_uncovered(page_a));
	tap_equal("HYPERCALL is still writable",
		  trap_wrmsr(HV_X64_MSR_HYPERCALL, 0), TRAP_NONE);
	cpu_wrmsr(HV_X64_MSR_GUEST_OS_ID, HOST_OS_ID);
}

/* Must be the last check: the lock stays. It leaves the page disabled. */
void msr_check_lock(const void *arg)
{
	u64 value;

	(void)arg;
	prepare();
	value = page_gpa(page_a) | HV_HYPERCALL_MSR_ENABLE |
		HV_HYPERCALL_MSR_LOCKED;
	cpu_wrmsr(HV_X64_MSR_HYPERCALL, value);
	tap_equal("locked", msr_value(), value);
	tap_equal("disable", trap_wrmsr(HV_X64_MSR_HYPERCALL, 0), TRAP_GP);
	tap_equal("move",
		  trap_wrmsr(HV_X64_MSR_HYPERCALL,
			     page_gpa(page_b) | HV_HYPERCALL_MSR_ENABLE),
		  TRAP_GP);
	tap_equal("unchanged", msr_value(), value);
	tap_equal("page works", call_through(page_a),
		  HV_STATUS_INVALID_HYPERCALL_CODE);
	cpu_wrmsr(HV_X64_MSR_GUEST_OS_ID, 0);
	tap_equal("locked without OS ID", msr_value() & HV_HYPERCALL_MSR_LOCKED,
		  HV_HYPERCALL_MSR_LOCKED);
	tap_true("uncovered without OS ID", is_uncovered(page_a));
	cpu_wrmsr(HV_X64_MSR_GUEST_OS_ID, HOST_OS_ID);
}
