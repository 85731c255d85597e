/* SPDX-License-Identifier: MIT */
/* Mistakes with what a flush covers: VPs, global pages, address spaces. */
#include "call/flush.h"
#include "harness/tap.h"
#include "kernel/cpu.h"
#include "kernel/page.h"
#include "kernel/smp.h"
#include "suites/sanitize/seed.h"
#include "suites/sanitize/use.h"

#include "x86/cr.h"

/* ---- a sparse set of VPs ---- */

/* VPs 0 and 1, as far as their indices are in the first banks. */
static void flush_banks(u32 banks)
{
	struct vpset vps = {{0}};
	u64 range = seed_range(0, 1);
	struct flush_call call;

	for (u32 n = 0; n <= 1; n++) {
		if (smp_vps[n]->index / 64 < banks) {
			vpset_add(&vps, n);
		}
	}
	call = flush_call_list(&vps, &range, 1);
	call.code = HV_CALL_FLUSH_VIRTUAL_ADDRESS_LIST_EX;
	tap_equal("result", flush_call_do(&call), flush_call_success(&call));
}

static bool is_sparse(void)
{
	if (smp_vps[1]->index < 64) {
		tap_skip("VP indices below 64");
		return false;
	}
	return true;
}

/*
 * The number of banks is that of the last one: a VP is lost on the way to the
 * call, as in Linux before ad0a6bad4475.
 */
static void bank_dropped(const void *arg)
{
	(void)arg;
	if (is_sparse()) {
		seed_begin(sanitize_read, 0);
		seed_print("seed_bank_dropped");
		seed_change();
		flush_banks(smp_vps[1]->index / 64);
		seed_end();
	}
}

static void all_banks(const void *arg)
{
	(void)arg;
	if (is_sparse()) {
		seed_begin(sanitize_read, 0);
		seed_change();
		flush_banks(smp_vps[1]->index / 64 + 1);
		seed_end();
	}
}

/* ---- global pages ---- */

static void flush_all(u64 flags)
{
	struct flush_call call = {
		.code = HV_CALL_FLUSH_VIRTUAL_ADDRESS_SPACE,
		.flags = HV_FLUSH_ALL_PROCESSORS |
			 HV_FLUSH_ALL_VIRTUAL_ADDRESS_SPACES | flags,
	};

	tap_equal("result", flush_call_do(&call), flush_call_success(&call));
}

/*
 * A page of the kernel is flushed as one of a process, so that its global
 * translation stays; the erratum of Linux ce0b15d11ad8 has this effect.
 */
static void global_kept(const void *arg)
{
	(void)arg;
	seed_begin_with(sanitize_read, 0, SEED_FLAGS | PTE_G);
	seed_print("seed_global_kept");
	seed_change();
	flush_all(HV_FLUSH_NON_GLOBAL_MAPPINGS_ONLY);
	seed_end();
}

static void global_flushed(const void *arg)
{
	(void)arg;
	seed_begin_with(sanitize_read, 0, SEED_FLAGS | PTE_G);
	seed_change();
	flush_all(0);
	seed_end();
}

/* ---- PCIDs: VP 1 uses the page in one of two address spaces ---- */

enum where {
	OTHER,  /* PCID 0: does not use the page */
	USING,  /* PCID 1 */
	LEAVES, /* as OTHER, and without PCIDs */
};

static volatile enum where wanted;
static enum where is; /* VP 1 only */
static u64 load;      /* CR3_NO_FLUSH, or 0: the load flushes */

static bool go(void)
{
	u64 root = cpu_cr3() & ~CR3_PCID;

	if (is == wanted) {
		return is == USING;
	}
	is = wanted;
	if (is == USING) {
		cpu_set_cr4(cpu_cr4() | CR4_PCIDE);
		cpu_set_cr3(root | 1 | load);
		return true;
	}
	cpu_set_cr3(root | CR3_NO_FLUSH);
	if (is == LEAVES) {
		cpu_set_cr4(cpu_cr4() & ~CR4_PCIDE);
	}
	return false;
}

static void go_to(enum where to)
{
	wanted = to;
	seed_wait_turns();
}

/*
 * VP 0 leaves the flush to VP 1, which is in another address space and has to
 * flush when it comes back; it does as `back` says.
 */
static void change_while_away(u64 back)
{
	is = OTHER;
	wanted = USING;
	load = CR3_NO_FLUSH;
	seed_before(go);
	seed_begin(sanitize_read, 0);
	if (back != 0) {
		seed_print("seed_pcid_kept");
	}
	go_to(OTHER);
	load = back;
	seed_change();
	go_to(USING);
	seed_wait_ticks(SEED_LONG);
	go_to(LEAVES);
	seed_end();
}

/*
 * The space is switched to without a look at what has changed meanwhile, like
 * the moved condition of Xen's XSA-408.
 */
static void pcid_kept(const void *arg)
{
	(void)arg;
	change_while_away(CR3_NO_FLUSH);
}

static void pcid_flushed(const void *arg)
{
	(void)arg;
	change_while_away(0);
}

static const struct check checks[] = {
	SEED_CHECK_WITH(bank_dropped, NEED_EX),
	SEED_CHECK(global_kept),
	SEED_CHECK_WITH(pcid_kept, NEED_PCID),
	SEED_CHECK_WITH(all_banks, NEED_EX),
	SEED_CHECK(global_flushed),
	SEED_CHECK_WITH(pcid_flushed, NEED_PCID),
};

SUITE("sanitize", 108, checks);
