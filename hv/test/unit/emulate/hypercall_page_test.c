/* SPDX-License-Identifier: MIT */
/*
 * GUEST_OS_ID and HYPERCALL: when the hypercall page appears, moves, is locked,
 * and disappears.
 */
#include "core/emulate/msr.h"
#include "core/paging/ept.h"

#include "core/paging/overlay.h"
#include "support/check.h"
#include "support/fake_partition.h"
#include "tlfs/cpuid.h"
#include "tlfs/msr.h"

#define ENABLE HV_HYPERCALL_MSR_ENABLE
#define LOCKED HV_HYPERCALL_MSR_LOCKED
#define OS_ID  0x8100060001c00000ull

static struct partition *p;
static struct vp *vp;

static void start(void)
{
	p = fake_partition(3, 70);
	vp = p->vps[1];
	CHECK(overlay_init());
	CHECK_EQ(ept_build(&p->ept, p->memory, p->memory_len), ERR_OK);
}

static void read_is(u32 msr, u64 want)
{
	u64 value = ~want;

	CHECK_EQ(msr_read(vp, msr, &value), MSR_OK);
	CHECK_EQ(value, want);
}

static void write_is(u32 msr, u64 value, enum msr_result want)
{
	CHECK_EQ(msr_write(vp, msr, value), want);
}

/* One write to GUEST_OS_ID (o) or HYPERCALL (h), and the state after it. */
struct page_step {
	char what;
	bool shown; /* the overlay is there after it */
	enum msr_result result;
	u64 value;
	u64 hypercall; /* what HYPERCALL reads after it */
};

static void run_page(const struct page_step *steps, size_t count)
{
	start();
	for (size_t i = 0; i < count; i++) {
		const struct page_step *s = &steps[i];
		u32 msr = s->what == 'o' ? HV_X64_MSR_GUEST_OS_ID
					 : HV_X64_MSR_HYPERCALL;
		u64 value = 0;

		CHECK_EQ(i << 8 | (u64)msr_write(vp, msr, s->value),
			 i << 8 | (u64)s->result);
		CHECK_EQ(msr_read(vp, HV_X64_MSR_HYPERCALL, &value), MSR_OK);
		CHECK_EQ(value, s->hypercall);
		CHECK_EQ(i << 1 | ept_is_split(&p->ept), i << 1 | s->shown);
		CHECK_EQ(p->msr_lock.next, p->msr_lock.serving);
	}
}

#define RUN_PAGE(steps) run_page(steps, ARRAY_SIZE(steps))

static void t_page_needs_the_os_id(void)
{
	static const struct page_step steps[] = {
		/* abi.md: HYPERCALL without GUEST_OS_ID */
		{'h', false, MSR_OK, 0x5000 | ENABLE, 0x5000},
		{'h', false, MSR_OK, 0xfffff000 | ENABLE, 0xfffff000},
		{'h', false, MSR_OK, 0x5000, 0x5000},
		{'o', false, MSR_OK, OS_ID, 0x5000},
		{'h', true, MSR_OK, 0x5000 | ENABLE, 0x5000 | ENABLE},
		{'h', true, MSR_OK, 0x5000 | ENABLE, 0x5000 | ENABLE},
		{'o', true, MSR_OK, OS_ID + 1, 0x5000 | ENABLE},
		/* clearing the ID disables the page, setting it does not
		   bring it back */
		{'o', false, MSR_OK, 0, 0x5000},
		{'o', false, MSR_OK, OS_ID, 0x5000},
		{'h', true, MSR_OK, 0x5000 | ENABLE, 0x5000 | ENABLE},
		{'h', false, MSR_OK, 0, 0},
	};

	RUN_PAGE(steps);
	read_is(HV_X64_MSR_GUEST_OS_ID, OS_ID);
}

/* Linux's teardown: ID := 0, then HYPERCALL without Enable. */
static void t_page_teardown_does_not_fault(void)
{
	static const struct page_step steps[] = {
		{'o', false, MSR_OK, OS_ID, 0},
		{'h', true, MSR_OK, 0x9000 | ENABLE, 0x9000 | ENABLE},
		{'o', false, MSR_OK, 0, 0x9000},
		{'h', false, MSR_OK, 0x9000, 0x9000},
	};

	RUN_PAGE(steps);
}

static void t_page_must_lie_in_ram(void)
{
	static const struct page_step steps[] = {
		{'o', false, MSR_OK, OS_ID, 0},
		{'h', false, MSR_GP, FAKE_RAM | ENABLE, 0},
		{'h', false, MSR_GP, HV_HYPERCALL_MSR_PFN | ENABLE, 0},
		{'h', true, MSR_OK, (FAKE_RAM - 0x1000) | ENABLE,
		 (FAKE_RAM - 0x1000) | ENABLE},
		/* a refused move changes nothing */
		{'h', true, MSR_GP, FAKE_RAM | ENABLE,
		 (FAKE_RAM - 0x1000) | ENABLE},
		{'h', true, MSR_OK, 0 | ENABLE, ENABLE},
	};

	RUN_PAGE(steps);
}

static void t_page_keeps_reserved_bits(void)
{
	static const struct page_step steps[] = {
		{'o', false, MSR_OK, OS_ID, 0},
		{'h', false, MSR_OK, 0x3ffc, 0x3ffc},
		{'h', true, MSR_OK, 0x3ffd, 0x3ffd},
	};

	RUN_PAGE(steps);
}

static void t_locked_page_stays(void)
{
	static const struct page_step steps[] = {
		{'o', false, MSR_OK, OS_ID, 0},
		{'h', true, MSR_OK, 0x5000 | ENABLE | LOCKED,
		 0x5000 | ENABLE | LOCKED},
		{'h', true, MSR_GP, 0x5000 | ENABLE | LOCKED,
		 0x5000 | ENABLE | LOCKED},
		{'h', true, MSR_GP, 0x5000 | ENABLE, 0x5000 | ENABLE | LOCKED},
		{'h', true, MSR_GP, 0, 0x5000 | ENABLE | LOCKED},
		{'h', true, MSR_GP, 0x6000 | ENABLE, 0x5000 | ENABLE | LOCKED},
		/* abi.md: GUEST_OS_ID cleared while locked */
		{'o', false, MSR_OK, 0, 0x5000 | LOCKED},
		{'h', false, MSR_GP, 0x5000 | ENABLE, 0x5000 | LOCKED},
		{'o', false, MSR_OK, OS_ID, 0x5000 | LOCKED},
	};

	RUN_PAGE(steps);
}

static void t_lock_bit_is_plain_without_its_feature(void)
{
	start();
	fake_config(p)->privileges.features &= ~(u32)HV_FEATURE_HYPERCALL_LOCK;
	write_is(HV_X64_MSR_GUEST_OS_ID, 1, MSR_OK);
	write_is(HV_X64_MSR_HYPERCALL, 0x5000 | LOCKED | ENABLE, MSR_OK);
	write_is(HV_X64_MSR_HYPERCALL, 0, MSR_OK);
	read_is(HV_X64_MSR_HYPERCALL, 0);
}

static void t_page_change_tells_all_vps(void)
{
	start();
	write_is(HV_X64_MSR_GUEST_OS_ID, OS_ID, MSR_OK);
	fake_enter(p->vps[2]);
	write_is(HV_X64_MSR_HYPERCALL, 0x5000 | ENABLE, MSR_OK);
	CHECK_EQ(fake_kicks_of(2), 1);
	for (u32 i = 0; i < 3; i++) {
		CHECK(p->vps[i]->shared.events & VP_EVENT_EPT);
		p->vps[i]->shared.events = 0;
	}
	/* writing the same page again changes nothing */
	write_is(HV_X64_MSR_HYPERCALL, 0x5000 | ENABLE, MSR_OK);
	CHECK_EQ(p->vps[0]->shared.events, 0);
	write_is(HV_X64_MSR_GUEST_OS_ID, 0, MSR_OK);
	CHECK(p->vps[0]->shared.events & VP_EVENT_EPT);
}

#define T(name)                                                                \
	{                                                                      \
#name, t_##name                                                \
	}

static const struct test tests[] = {
	T(page_needs_the_os_id),      T(page_teardown_does_not_fault),
	T(page_must_lie_in_ram),      T(page_keeps_reserved_bits),
	T(locked_page_stays),         T(lock_bit_is_plain_without_its_feature),
	T(page_change_tells_all_vps),
};

const struct suite suite_hypercall_page = SUITE("hypercall_page", tests);
