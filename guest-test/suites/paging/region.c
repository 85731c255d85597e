/* SPDX-License-Identifier: MIT */
/* The tables of the region come from page_alloc(); they stay for all checks. */
#include "suites/paging/region.h"
#include "call/counters.h"
#include "call/flush.h"
#include "harness/tap.h"
#include "kernel/cpu.h"
#include "kernel/host.h"
#include "kernel/page.h"

#include "x86/cr.h"

u64 *region_entry(u64 gva, u32 level)
{
	u64 *table = (u64 *)(cpu_cr3() & CR3_BASE);

	for (u32 at = PTE_LEVELS; at > level; at--) {
		u64 *entry = &table[PTE_INDEX(gva, at)];

		if ((*entry & PTE_PRESENT) == 0) {
			region_set(entry, page_gpa(page_alloc(PAGE_SIZE)) |
						  REGION_TABLE);
		}
		table = (u64 *)(*entry & PTE_ADDR);
	}
	return &table[PTE_INDEX(gva, level)];
}

void region_set(u64 *entry, u64 value)
{
	__atomic_store_n(entry, value, __ATOMIC_SEQ_CST);
}

u64 region_get(const u64 *entry)
{
	return __atomic_load_n(entry, __ATOMIC_SEQ_CST);
}

void region_run_on(u32 n, vp_fn *fn, void *arg)
{
	if (n == vp_self()->id) {
		fn(arg);
		return;
	}
	smp_run(n, fn, arg);
	smp_wait(n);
}

void region_forget(void)
{
	flush_call_everything();
}

void region_expect_no_eviction(void)
{
	struct lethe_test_output *out =
		(struct lethe_test_output *)vp_self()->output;

	for (u32 n = 0; host_get()->has_shadow && n < smp_count(); n++) {
		test_call_read(n, out);
		tap_equal("trees dropped for lack of room",
			  out->shadow_evictions, 0);
	}
}
