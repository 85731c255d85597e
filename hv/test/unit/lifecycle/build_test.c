/* SPDX-License-Identifier: MIT */
/* Builds partitions from a handoff, until they are ready to start. */
#include "core/lifecycle/build.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/state/shadow.h"
#include "support/call.h"
#include "support/check.h"
#include "support/elf_image.h"
#include "support/ept_walker.h"

#define RAM_LEN (4 * MIB)

/* The most that a partition needs beside its VPs: docs/memory.md */
#define PARTITION_PAGES 21

static struct handoff handoff;
static struct elf_image image;
static struct build_entry entry;
static u8 initrd[5000];

/*
 * Guest RAM of the handoff. It is 2 MiB aligned, and the memory after its end
 * is poisoned.
 */
static u64 take_ram(void)
{
	u8 *memory = fake_take(RAM_LEN + 4 * MIB);

	return ((u64)(uintptr_t)memory + 2 * MIB - 1) & ~(2 * MIB - 1);
}

static void describe(u32 number, u32 vps, u32 stride)
{
	struct config_partition *config = &handoff.config.partition[number];
	struct handoff_partition *part = &handoff.partition[number];

	snprintf(config->name, sizeof(config->name), "p%u", number);
	snprintf(config->cmdline, sizeof(config->cmdline), "a=b %u", number);
	config->vps = vps;
	config->vp_index_stride = stride;
	config->memory = RAM_LEN;
	part->memory = (struct handoff_range){take_ram(), RAM_LEN};
	part->image.len = ELF_IMAGE_LEN;
	part->initrd.len = 0;
	memset(initrd, 0x5a, sizeof(initrd));
	elf_image_make(&image, true);
}

static struct partition *build(u32 number)
{
	const struct build_files files = {image.bytes, initrd};

	return build_partition(&handoff, number, &files, &entry);
}

static void t_partition_is_complete(void)
{
	struct partition *p;

	memset(&handoff, 0, sizeof(handoff));
	fake_cpus(4);
	describe(0, 3, 65);
	fake.tsc = 777;
	p = build(0);
	CHECK(machine.partitions[0] == p);
	CHECK_EQ(machine.partition_count, 1);
	CHECK_EQ(machine.partitions_running, 1);
	CHECK_EQ(p->vp_count, 3);
	CHECK_EQ(p->memory.v, handoff.partition[0].memory.base);
	CHECK_EQ(p->memory_len, RAM_LEN);
	CHECK_EQ(p->start_tsc, 777);
	CHECK(p->config == &handoff.config.partition[0]);
	CHECK_EQ(entry.entry, ELF_IMAGE_ENTRY);
	CHECK_EQ(ept_walk(&p->ept, 0x123456).hpa, p->memory.v + 0x123456);
	CHECK(!ept_walk(&p->ept, RAM_LEN).mapped);
	for (u32 i = 0; i < 3; i++) {
		const struct vp *vp = p->vps[i];

		CHECK(vp->cpu == machine.cpus[i]);
		CHECK_EQ(vp->index, 65 * i);
		CHECK_EQ(vp->own.state, i == 0 ? VP_RUNNABLE : VP_WAIT_SIPI);
		CHECK(vp->vmcs.v != 0 && vp->vmcs.v % PAGE_SIZE == 0);
		CHECK_EQ(vp->own.vapic.id, i);
		CHECK_EQ(vp->own.vapic.is_bsp, i == 0);
	}
}

/* No two VPs have the same VPID or VMCS page. */
static void t_vpids_are_unique(void)
{
	struct partition *p[2];

	memset(&handoff, 0, sizeof(handoff));
	fake_cpus(4);
	describe(0, 4, 1);
	p[0] = build(0);
	describe(1, 4, 1);
	p[1] = build(1);
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

	memset(&handoff, 0, sizeof(handoff));
	fake_cpus(1);
	describe(0, 1, 1);
	handoff.partition[0].initrd.len = sizeof(initrd);
	p = build(0);
	ram = (const u8 *)(uintptr_t)p->memory.v;
	CHECK_EQ(memcmp(ram + 0x100000, image.bytes + ELF_IMAGE_CODE, 0x100),
		 0);
	for (u64 at = 0; at < RAM_LEN; at++) {
		found += ram[at] == 0x5a ? 1 : 0;
	}
	CHECK(found >= sizeof(initrd));
	CHECK_EQ(ram[RAM_LEN], 0);
}

static void t_vps_go_round_the_cpus(void)
{
	struct partition *p;

	memset(&handoff, 0, sizeof(handoff));
	fake_cpus(2);
	describe(0, 3, 1);
	p = build(0);
	CHECK_EQ(p->vps[0]->cpu->number, 0);
	CHECK_EQ(p->vps[1]->cpu->number, 1);
	CHECK_EQ(p->vps[2]->cpu->number, 0);
	CHECK_EQ(machine.cpus[0]->vp_count, 2);
}

static void t_bad_image_is_a_panic(void)
{
	memset(&handoff, 0, sizeof(handoff));
	fake_cpus(1);
	describe(0, 1, 1);
	image.bytes[0] = 0;
	CHECK_PANIC((void)build(0), "partition p0: image");
}

/* Each allocation in turn is the one that fails. */
static void t_pool_used_up_is_a_panic(void)
{
	for (volatile u32 nth = 1; nth <= 7; nth++) {
		fake_reset();
		memset(&handoff, 0, sizeof(handoff));
		fake_cpus(2);
		describe(0, 2, 1);
		fake.fail_pool = nth;
		CHECK_PANIC((void)build(0), "pool is used up");
	}
}

/* ---- software TLBs ---- */

static void describe_shadow(u32 vps, u32 pages)
{
	struct config_partition *config = &handoff.config.partition[0];

	fake_reset();
	memset(&handoff, 0, sizeof(handoff));
	fake_cpus(2);
	describe(0, vps, 1);
	handoff.config.partition_count = 1;
	config->paging = CONFIG_PAGING_SHADOW;
	config->shadow_pages = pages;
}

/* Each VP has tables of its own, which its CPU sees and cannot write. */
static void t_software_tlbs(void)
{
	struct partition *p;

	describe_shadow(3, 100);
	handoff.config.partition[0].walk_cache = CONFIG_WALK_CACHE_OFF;
	p = build(0);
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
	CHECK(build(0)->vps[0]->shadow->walk_cache);
}

static void t_no_software_tlb_with_ept(void)
{
	struct partition *p;

	describe_shadow(2, 80);
	handoff.config.partition[0].paging = CONFIG_PAGING_EPT;
	p = build(0);
	for (u32 n = 0; n < 2; n++) {
		CHECK(p->vps[n]->shadow == NULL);
		CHECK_EQ(p->vps[n]->shared.queue.max, FLUSH_QUEUE_MAX);
	}
	CHECK(!ept_walk(&p->ept, EPT_TABLES_BASE).mapped);
}

/* Eight of the allocations are for the software TLB. */
static void t_software_tlb_pool_used_up(void)
{
	for (volatile u32 nth = 1; nth <= 13; nth++) {
		describe_shadow(1, 80);
		fake.fail_pool = nth;
		CHECK_PANIC((void)build(0), "pool is used up");
	}
	describe_shadow(1, 80);
	fake.fail_pool = 14;
	(void)build(0);
}

/* What the loaders reserve is enough for each number of pages and VPs. */
static void t_pool_is_long_enough(void)
{
	static const u32 pages[] = {80, 81, 512, 513, 4096};
	static const u32 vps[] = {1, 2, 65, 127};

	for (u32 i = 0; i < ARRAY_SIZE(pages) * 3; i++) {
		u32 count = pages[i / 3];
		const struct config *config = &handoff.config;
		u64 of_partition;

		describe_shadow(count > 600 ? 1 : vps[i % 3], count);
		fake_cpus(CPUS_MAX);
		of_partition = handoff_pool_of(&config->partition[0]);
		(void)build(0);
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
	{"partition-is-complete", t_partition_is_complete},
	{"vpids-are-unique", t_vpids_are_unique},
	{"files-are-in-ram", t_files_are_in_ram},
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
