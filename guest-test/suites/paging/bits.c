/* SPDX-License-Identifier: MIT */
/*
 * Several accesses to one page: accessed and dirty bits, and rights, when a
 * translation is already cached by an access of another kind. SDM 3A, "Accessed
 * and Dirty Flags": a cached translation does not write A, and D once.
 */
#include "harness/suite.h"
#include "harness/tap.h"
#include "kernel/cpu.h"
#include "kernel/page.h"
#include "suites/paging/access.h"

#include "x86/cpuid.h"
#include "x86/cr.h"

#define PAGE   region_gva(0x800400) /* pages that only this file uses */
#define NEARBY region_gva(0x800401)
#define AD     (PTE_ACCESSED | PTE_DIRTY)
#define FINE   (~0ull) /* no fault */
#define VALUE  0x6c65746865

static u64 frame_of(u32 i)
{
	static u64 frames[2];

	if (frames[i] == 0) {
		frames[i] = page_gpa(page_alloc(PAGE_SIZE));
	}
	return frames[i];
}

/* Maps the page anew; nothing of it is cached. */
static void map(u64 flags)
{
	cpu_write64(frame_of(0), ACCESS_UD2);
	region_set(region_entry(PAGE, 1), frame_of(0) | flags);
	region_forget();
}

static void end(void)
{
	region_set(region_entry(PAGE, 1), 0);
	region_set(region_entry(NEARBY, 1), 0);
	region_forget();
	region_expect_no_eviction();
}

/* An access of VP 0 that must end with this error code, or FINE. */
static void expect(const char *what, enum access_kind kind, bool is_user,
		   u64 error)
{
	struct access a = {.gva = PAGE,
			   .kind = kind,
			   .is_user = is_user,
			   .value = ACCESS_UD2};

	if (access_on(0, &a)) {
		tap_equal(what, FINE, error);
		return;
	}
	if (tap_equal(what, a.fault.vector, TRAP_PF)) {
		tap_equal(what, a.fault.error, error);
		tap_equal("CR2", a.fault.cr2, PAGE);
	}
}

static void expect_bits(const char *what, u64 bits)
{
	tap_equal(what, region_get(region_entry(PAGE, 1)) & AD, bits);
}

static void clear_bits(void)
{
	u64 *entry = region_entry(PAGE, 1);

	region_set(entry, region_get(entry) & ~AD);
}

/* The first write sets D, though a read has cached the translation. */
static void clean_then_dirty(const void *arg)
{
	const u64 *flags = arg;

	map(*flags);
	expect_bits("before", 0);
	expect("read", ACCESS_READ, false, FINE);
	expect_bits("after a read", PTE_ACCESSED);
	expect("write", ACCESS_WRITE, false, FINE);
	expect_bits("after a write", AD);
	end();
}

/* A flush between two accesses: the second sets the bits again. */
static void set_again(const void *arg)
{
	(void)arg;
	map(PTE_PRESENT | PTE_WRITE);
	expect("write", ACCESS_WRITE, false, FINE);
	clear_bits();
	cpu_invlpg(PAGE);
	expect("read", ACCESS_READ, false, FINE);
	expect_bits("after a read", PTE_ACCESSED);
	clear_bits();
	cpu_invlpg(PAGE);
	expect("write", ACCESS_WRITE, false, FINE);
	expect_bits("after a write", AD);
	end();
}

/* Without a flush a cached translation sets nothing. */
static void set_once(const void *arg)
{
	(void)arg;
	map(PTE_PRESENT | PTE_WRITE);
	expect("write", ACCESS_WRITE, false, FINE);
	clear_bits();
	expect("read", ACCESS_READ, false, FINE);
	expect("write", ACCESS_WRITE, false, FINE);
	expect_bits("of a dirty translation", 0);
	end();
}

/* The same of an entry above, when the way is cached. */
static void set_once_above(const void *arg)
{
	u64 *above = region_entry(PAGE, 2);
	struct access a = {.gva = NEARBY};

	(void)arg;
	map(PTE_PRESENT | PTE_WRITE);
	region_set(region_entry(NEARBY, 1), frame_of(1) | PTE_PRESENT);
	expect("read", ACCESS_READ, false, FINE);
	region_set(above, region_get(above) & ~AD);
	tap_true("read nearby", access_on(0, &a));
	tap_equal("by the cached way", region_get(above) & AD, 0);
	cpu_invlpg(NEARBY);
	tap_true("read nearby", access_on(0, &a));
	tap_equal("by a new way", region_get(above) & AD, PTE_ACCESSED);
	end();
}

/*
 * The supervisor writes to a read-only page of a user while CR0.WP is 0. That
 * gives nobody else a right, and none to itself once WP is 1.
 */
static void written_with_wp0(const void *arg)
{
	u64 cr0 = cpu_cr0();

	(void)arg;
	map(PTE_PRESENT | PTE_USER);
	cpu_set_cr0(cr0 & ~CR0_WP);
	expect("supervisor write", ACCESS_WRITE, false, FINE);
	expect_bits("after a write", AD);
	expect("user read", ACCESS_READ, true, FINE);
	expect("user write", ACCESS_WRITE, true, PF_P | PF_W | PF_U);
	expect("user fetch", ACCESS_FETCH, true, FINE);
	expect("supervisor write", ACCESS_WRITE, false, FINE);
	expect("user write", ACCESS_WRITE, true, PF_P | PF_W | PF_U);
	expect("supervisor fetch", ACCESS_FETCH, false, FINE);
	cpu_set_cr0(cr0);
	expect("supervisor write, WP = 1", ACCESS_WRITE, false, PF_P | PF_W);
	expect("supervisor read, WP = 1", ACCESS_READ, false, FINE);
	end();
}

static void written_with_wp0_smep(const void *arg)
{
	u64 cr0 = cpu_cr0();
	u64 cr4 = cpu_cr4();

	(void)arg;
	if ((cpu_cpuid(7, 0).ebx & CPUID_7_EBX_SMEP) == 0) {
		tap_skip("not offered");
		return;
	}
	map(PTE_PRESENT | PTE_USER);
	cpu_set_cr4(cr4 | CR4_SMEP);
	cpu_set_cr0(cr0 & ~CR0_WP);
	expect("supervisor write", ACCESS_WRITE, false, FINE);
	expect("supervisor fetch", ACCESS_FETCH, false, PF_P | PF_I);
	expect("user fetch", ACCESS_FETCH, true, FINE);
	expect("supervisor write", ACCESS_WRITE, false, FINE);
	expect("supervisor fetch", ACCESS_FETCH, false, PF_P | PF_I);
	cpu_set_cr0(cr0);
	cpu_set_cr4(cr4);
	end();
}

/* Each kind of access after each other: rights are those of the access. */
static void rights_after_use(const void *arg)
{
	(void)arg;
	map(PTE_PRESENT | PTE_WRITE);
	expect("supervisor write", ACCESS_WRITE, false, FINE);
	expect("user read", ACCESS_READ, true, PF_P | PF_U);
	expect("user write", ACCESS_WRITE, true, PF_P | PF_U | PF_W);
	expect("supervisor read", ACCESS_READ, false, FINE);
	map(PTE_PRESENT | PTE_USER);
	expect("user read", ACCESS_READ, true, FINE);
	expect("supervisor read", ACCESS_READ, false, FINE);
	expect("supervisor write", ACCESS_WRITE, false, PF_P | PF_W);
	expect("user write", ACCESS_WRITE, true, PF_P | PF_W | PF_U);
	expect_bits("after faults", PTE_ACCESSED);
	end();
}

/*
 * More rights in memory than in the TLB: SDM 3A, "Optional Invalidation", a
 * fault may come, but then only once.
 */
static void made_writable(const void *arg)
{
	struct access a = {.gva = PAGE, .kind = ACCESS_WRITE, .value = VALUE};

	(void)arg;
	map(PTE_PRESENT);
	expect("read", ACCESS_READ, false, FINE);
	expect("write", ACCESS_WRITE, false, PF_P | PF_W);
	expect("read", ACCESS_READ, false, FINE);
	region_set(region_entry(PAGE, 1),
		   region_get(region_entry(PAGE, 1)) | PTE_WRITE);
	if (!access_on(0, &a)) {
		tap_equal("vector", a.fault.vector, TRAP_PF);
		tap_true("second write", access_on(0, &a));
	}
	tap_equal("written", cpu_read64(frame_of(0)), VALUE);
	expect_bits("after the write", AD);
	end();
}

/* What is not present is not cached: no flush is needed. */
static void made_present(const void *arg)
{
	(void)arg;
	map(0);
	expect("read", ACCESS_READ, false, 0);
	region_set(region_entry(PAGE, 1),
		   frame_of(0) | PTE_PRESENT | PTE_WRITE);
	expect("read", ACCESS_READ, false, FINE);
	expect("write", ACCESS_WRITE, false, FINE);
	expect_bits("after the write", AD);
	end();
}

static const u64 local = PTE_PRESENT | PTE_WRITE;
static const u64 global = PTE_PRESENT | PTE_WRITE | PTE_GLOBAL;

#define BITS   "SDM 3A: Accessed and Dirty Flags"
#define RIGHTS "SDM 3A: Access Rights"

/* clang-format off */
static const struct check checks[] = {
	{"clean_then_dirty", BITS, clean_then_dirty, &local, 1, NEED_HV},
	{"clean_then_dirty_global", BITS, clean_then_dirty, &global, 1,
	 NEED_HV},
	{"bits_set_again", BITS, set_again, NULL, 1, NEED_HV},
	{"bits_set_once", BITS, set_once, NULL, 1,
	 NEED_HV | NEED_SHADOW},
	{"bits_set_once_above", BITS, set_once_above, NULL, 1,
	 NEED_HV | NEED_SHADOW},
	{"written_with_wp0", RIGHTS, written_with_wp0, NULL, 1, NEED_HV},
	{"written_with_wp0_smep", RIGHTS, written_with_wp0_smep, NULL, 1, NEED_HV},
	{"rights_after_use", RIGHTS, rights_after_use, NULL, 1, NEED_HV},
	{"made_writable", "SDM 3A: Optional Invalidation", made_writable, NULL,
	 1, NEED_HV},
	{"made_present", "SDM 3A: Optional Invalidation", made_present, NULL, 1,
	 NEED_HV},
};
/* clang-format on */

SUITE("faults", 095, checks);
