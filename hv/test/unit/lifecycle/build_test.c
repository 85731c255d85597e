/* SPDX-License-Identifier: MIT */
/* Builds partitions from a handoff, until they are ready to start. */
#include "core/lifecycle/build.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/image/elf_symbols.h"
#include "common/image/image_plan.h"
#include "core/apic/interrupts.h"
#include "core/state/shadow.h"
#include "support/built.h"
#include "support/call.h"
#include "support/check.h"
#include "support/ept_walker.h"

/* The most that a partition needs beside its VPs: docs/memory.md */
#define PARTITION_PAGES 30

static void t_partition_is_complete(void)
{
	struct partition *p;

	memset(&built_handoff, 0, sizeof(built_handoff));
	fake_cpus(4);
	built_describe(0, 3, 65);
	fake.tsc = 777;
	p = built_make(0);
	CHECK(machine.partitions[0] == p);
	CHECK_EQ(machine.partition_count, 1);
	CHECK_EQ(machine.partitions_running, 1);
	CHECK_EQ(p->vp_count, 3);
	CHECK_EQ(p->memory.v, built_handoff.partition[0].memory.base);
	CHECK_EQ(p->memory_len, BUILT_RAM);
	CHECK_EQ(p->start_tsc, 777);
	CHECK(p->config == &built_handoff.config.partition[0]);
	CHECK_EQ(p->plan->entry, ELF_IMAGE_ENTRY);
	CHECK_EQ(ept_walk(&p->ept, 0x123456).hpa, p->memory.v + 0x123456);
	CHECK(!ept_walk(&p->ept, BUILT_RAM).mapped);
	for (u32 i = 0; i < 3; i++) {
		const struct vp *vp = p->vps[i];

		CHECK(vp->cpu == machine.cpus[i]);
		CHECK_EQ(vp->index, 65 * i);
		CHECK_EQ(vp->own.state, i == 0 ? VP_RUNNABLE : VP_WAIT_SIPI);
		CHECK_EQ(vp->own.asleep, i != 0);
		CHECK(vp->vmcs.v != 0 && vp->vmcs.v % PAGE_SIZE == 0);
		CHECK_EQ(vp->own.vapic.id, i);
		CHECK_EQ(vapic_is_bsp(&vp->own.vapic), i == 0);
	}
}

/* Key flush-exact: whether the hypercall page changes how lists are flushed */
static void t_split_widens_as_configured(void)
{
	for (u32 exact = 0; exact < 2; exact++) {
		memset(&built_handoff, 0, sizeof(built_handoff));
		fake_cpus(1);
		built_describe(0, 1, 1);
		built_handoff.config.partition[0].flush_exact = exact != 0;
		CHECK_EQ(built_make(0)->split_widens, exact == 0);
	}
}

/* No two VPs have the same VPID or VMCS page. */
static void t_vpids_are_unique(void)
{
	struct partition *p[2];

	memset(&built_handoff, 0, sizeof(built_handoff));
	fake_cpus(4);
	built_describe(0, 4, 1);
	p[0] = built_make(0);
	built_describe(1, 4, 1);
	p[1] = built_make(1);
	for (u32 i = 0; i < 8; i++) {
		const struct vp *vp = p[i / 4]->vps[i % 4];

		CHECK(vp->vpid != 0);
		for (u32 j = 0; j < i; j++) {
			const struct vp *before = p[j / 4]->vps[j % 4];

			CHECK(vp->vpid != before->vpid);
			CHECK(vp->vmcs.v != before->vmcs.v);
		}
	}
}

static void t_files_are_in_ram(void)
{
	const u8 *ram;
	u32 found = 0;
	struct partition *p;

	memset(&built_handoff, 0, sizeof(built_handoff));
	fake_cpus(1);
	built_describe(0, 1, 1);
	built_handoff.partition[0].initrd.len = sizeof(built_initrd);
	p = built_make(0);
	ram = (const u8 *)(uintptr_t)p->memory.v;
	CHECK_EQ(memcmp(ram + 0x100000, built_image.bytes + ELF_IMAGE_CODE,
			0x100),
		 0);
	for (u64 at = 0; at < BUILT_RAM; at++) {
		found += ram[at] == 0x5a ? 1 : 0;
	}
	CHECK(found >= sizeof(built_initrd));
	CHECK_EQ(ram[BUILT_RAM], 0);
}

/* A file that is no good is no reason not to start. */
static void t_symbols_are_opened(void)
{
	struct partition *p;

	memset(&built_handoff, 0, sizeof(built_handoff));
	fake_cpus(1);
	built_describe(0, 1, 1);
	p = built_make(0);
	CHECK(p->symbols == NULL);
	built_describe(1, 1, 1);
	built_handoff.partition[1].symbols.len = SYMBOL_FILE_LEN;
	p = built_make(1);
	CHECK(p->symbols != NULL && p->symbols->count == 1);
	built_describe(2, 1, 1);
	built_handoff.partition[2].symbols.len = SYMBOL_FILE_LEN - 1;
	p = built_make(2);
	CHECK(p->symbols == NULL);
	CHECK_EQ(p->vp_count, 1);
}

static void t_vps_go_round_the_cpus(void)
{
	struct partition *p;

	memset(&built_handoff, 0, sizeof(built_handoff));
	fake_cpus(2);
	built_describe(0, 3, 1);
	p = built_make(0);
	CHECK_EQ(p->vps[0]->cpu->number, 0);
	CHECK_EQ(p->vps[1]->cpu->number, 1);
	CHECK_EQ(p->vps[2]->cpu->number, 0);
	CHECK_EQ(machine.cpus[0]->vp_count, 2);
}

static void t_bad_image_is_a_panic(void)
{
	memset(&built_handoff, 0, sizeof(built_handoff));
	fake_cpus(1);
	built_describe(0, 1, 1);
	built_image.bytes[0] = 0;
	CHECK_PANIC((void)built_make(0), "partition p0: image");
}

/* Each allocation in turn is the one that fails. */
static void t_pool_used_up_is_a_panic(void)
{
	for (volatile u32 nth = 1; nth <= 8; nth++) {
		fake_reset();
		memset(&built_handoff, 0, sizeof(built_handoff));
		fake_cpus(2);
		built_describe(0, 2, 1);
		fake.fail_pool = nth;
		CHECK_PANIC((void)built_make(0), "pool is used up");
	}
}

/* ---- software TLBs ---- */

static void describe_shadow(u32 vps, u32 pages)
{
	struct config_partition *config = &built_handoff.config.partition[0];

	fake_reset();
	memset(&built_handoff, 0, sizeof(built_handoff));
	fake_cpus(2);
	built_describe(0, vps, 1);
	built_handoff.config.partition_count = 1;
	config->paging = CONFIG_PAGING_SHADOW;
	config->shadow_pages = pages;
}

/* Each VP has tables of its own, which its CPU sees and cannot write. */
static void t_software_tlbs(void)
{
	struct partition *p;

	describe_shadow(3, 100);
	built_handoff.config.partition[0].walk_cache = CONFIG_WALK_CACHE_OFF;
	p = built_make(0);
	for (u32 n = 0; n < 3; n++) {
		const struct shadow *shadow = p->vps[n]->shadow;

		CHECK_EQ(shadow->count, 100);
		CHECK(!shadow->walk_cache);
		CHECK_EQ(shadow->area.v, EPT_TABLES_BASE + n * EPT_TABLES_SIZE);
		CHECK_EQ(p->vps[n]->shared.queue.max, FLUSH_QUEUE_MAX_SHADOW);
		for (u64 at = 0; at < 100 * PAGE_SIZE; at += PAGE_SIZE) {
			struct ept_walk w =
				ept_walk(&p->ept, shadow->area.v + at);

			CHECK_EQ(w.rights, 1);
			CHECK_EQ(w.hpa, (u64)(uintptr_t)shadow->tables + at);
		}
	}
	describe_shadow(1, 80);
	CHECK(built_make(0)->vps[0]->shadow->walk_cache);
}

static void t_no_software_tlb_with_ept(void)
{
	struct partition *p;

	describe_shadow(2, 80);
	built_handoff.config.partition[0].paging = CONFIG_PAGING_EPT;
	p = built_make(0);
	for (u32 n = 0; n < 2; n++) {
		CHECK(p->vps[n]->shadow == NULL);
		CHECK_EQ(p->vps[n]->shared.queue.max, FLUSH_QUEUE_MAX);
	}
	CHECK(!ept_walk(&p->ept, EPT_TABLES_BASE).mapped);
}

/* Eight of the allocations are for the software TLB. */
static void t_software_tlb_pool_used_up(void)
{
	for (volatile u32 nth = 1; nth <= 15; nth++) {
		describe_shadow(1, 80);
		fake.fail_pool = nth;
		CHECK_PANIC((void)built_make(0), "pool is used up");
	}
	describe_shadow(1, 80);
	fake.fail_pool = 16;
	(void)built_make(0);
}

/* What the loaders reserve is enough for each number of pages and VPs. */
static void t_pool_is_long_enough(void)
{
	static const u32 pages[] = {80, 81, 512, 513, 4096};
	static const u32 vps[] = {1, 2, 65, 127};

	for (u32 i = 0; i < ARRAY_SIZE(pages) * 3; i++) {
		u32 count = pages[i / 3];
		const struct config *config = &built_handoff.config;
		u64 of_partition;

		describe_shadow(count > 600 ? 1 : vps[i % 3], count);
		fake_cpus(CPUS_MAX);
		of_partition = handoff_pool_of(&config->partition[0]);
		(void)built_make(0);
		CHECK(fake.pool_pages * PAGE_SIZE <
		      of_partition + PARTITION_PAGES * PAGE_SIZE);
		CHECK_EQ(handoff_pool_len(config, 3),
			 HANDOFF_POOL_BASE + 3 * HANDOFF_POOL_PER_CPU +
				 of_partition);
	}
}

/* All partitions count, those without software TLBs by their VPs. */
static void t_pool_of_several_partitions(void)
{
	struct config config = {.partition_count = 3};

	config.partition[0].vps = 2;
	config.partition[1].vps = 3;
	config.partition[1].paging = CONFIG_PAGING_SHADOW;
	config.partition[1].shadow_pages = 100;
	config.partition[2].vps = 1;
	config.partition[2].shadow_pages = 100;
	CHECK_EQ(handoff_pool_len(&config, 0),
		 HANDOFF_POOL_BASE + 6 * HANDOFF_POOL_PER_VP +
			 300 * HANDOFF_POOL_PER_SHADOW_PAGE);
}

static const struct test tests[] = {
	{"split-widens-as-configured", t_split_widens_as_configured},
	{"partition-is-complete", t_partition_is_complete},
	{"vpids-are-unique", t_vpids_are_unique},
	{"files-are-in-ram", t_files_are_in_ram},
	{"symbols-are-opened", t_symbols_are_opened},
	{"vps-go-round-the-cpus", t_vps_go_round_the_cpus},
	{"bad-image-is-a-panic", t_bad_image_is_a_panic},
	{"pool-used-up-is-a-panic", t_pool_used_up_is_a_panic},
	{"software-tlbs", t_software_tlbs},
	{"no-software-tlb-with-ept", t_no_software_tlb_with_ept},
	{"software-tlb-pool-used-up", t_software_tlb_pool_used_up},
	{"pool-is-long-enough", t_pool_is_long_enough},
	{"pool-of-several-partitions", t_pool_of_several_partitions},
};

const struct suite suite_build = SUITE("build", tests);
