/* SPDX-License-Identifier: MIT */
#include "guest/memory_map.h"

#include "base/bits.h"

#include "support/check.h"

#define RAM      XEN_HVM_MEMMAP_TYPE_RAM
#define RESERVED XEN_HVM_MEMMAP_TYPE_RESERVED

static void expect(const struct pvh_map *map, u32 at, u64 base, u64 len,
		   u32 type)
{
	CHECK(at < map->count);
	CHECK_EQ(map->entries[at].addr, base);
	CHECK_EQ(map->entries[at].size, len);
	CHECK_EQ(map->entries[at].type, type);
}

static void t_ranges_in_any_order_ascend(void)
{
	struct pvh_map map = {0};

	CHECK_EQ(pvh_map_add(&map, 0x9000, 0x1000, RAM), ERR_OK);
	CHECK_EQ(pvh_map_add(&map, 0x1000, 0x1000, RAM), ERR_OK);
	CHECK_EQ(pvh_map_add(&map, 0x5000, 0x1000, RESERVED), ERR_OK);
	CHECK_EQ(map.count, 3);
	expect(&map, 0, 0x1000, 0x1000, RAM);
	expect(&map, 1, 0x5000, 0x1000, RESERVED);
	expect(&map, 2, 0x9000, 0x1000, RAM);
}

static void t_neighbours_of_one_type_are_one(void)
{
	struct pvh_map map = {0};

	CHECK_EQ(pvh_map_add(&map, 0x3000, 0x1000, RAM), ERR_OK);
	CHECK_EQ(pvh_map_add(&map, 0x1000, 0x1000, RAM), ERR_OK);
	CHECK_EQ(pvh_map_add(&map, 0x2000, 0x1000, RAM), ERR_OK);
	CHECK_EQ(map.count, 1);
	CHECK_EQ(pvh_map_add(&map, 0x0, 0x1000, RAM), ERR_OK);
	CHECK_EQ(pvh_map_add(&map, 0x4000, 0x1000, RESERVED), ERR_OK);
	CHECK_EQ(map.count, 2);
	expect(&map, 0, 0x0, 0x4000, RAM);
	expect(&map, 1, 0x4000, 0x1000, RESERVED);
}

static void t_overlap_and_wrap_are_refused(void)
{
	struct pvh_map map = {0};

	CHECK_EQ(pvh_map_add(&map, 0x2000, 0x2000, RAM), ERR_OK);
	CHECK_EQ(pvh_map_add(&map, 0x1000, 0x1001, RAM), ERR_RANGE);
	CHECK_EQ(pvh_map_add(&map, 0x3fff, 0x1000, RESERVED), ERR_RANGE);
	CHECK_EQ(pvh_map_add(&map, 0x2000, 0x1000, RAM), ERR_RANGE);
	CHECK_EQ(pvh_map_add(&map, ~0ull, 2, RAM), ERR_RANGE);
	CHECK_EQ(pvh_map_add(&map, 0x2800, 0, RAM), ERR_OK);
	CHECK_EQ(map.count, 1);
	expect(&map, 0, 0x2000, 0x2000, RAM);
}

static void t_a_full_map_takes_what_melts(void)
{
	struct pvh_map map = {0};

	for (u64 i = 0; i < PVH_MAP_MAX; i++) {
		CHECK_EQ(pvh_map_add(&map, i * 0x2000, 0x1000, RAM), ERR_OK);
	}
	CHECK_EQ(pvh_map_add(&map, GIB, 0x1000, RAM), ERR_NO_MEMORY);
	CHECK_EQ(pvh_map_add(&map, 0x1000, 0x1000, RAM), ERR_OK);
	CHECK_EQ(map.count, PVH_MAP_MAX - 1);
	expect(&map, 0, 0, 0x3000, RAM);
	CHECK_EQ(pvh_map_add(&map, GIB, 0x1000, RAM), ERR_OK);
}

static void t_ram_is_what_one_entry_holds(void)
{
	struct pvh_map map = {0};

	CHECK_EQ(pvh_map_add(&map, 0x1000, 0x3000, RAM), ERR_OK);
	CHECK_EQ(pvh_map_add(&map, 0x4000, 0x1000, RESERVED), ERR_OK);
	CHECK(pvh_map_is_ram(&map, 0x1000, 0x3000));
	CHECK(pvh_map_is_ram(&map, 0x3fff, 1));
	CHECK(!pvh_map_is_ram(&map, 0xfff, 2));
	CHECK(!pvh_map_is_ram(&map, 0x3000, 0x1001));
	CHECK(!pvh_map_is_ram(&map, 0x4000, 1));
	CHECK(!pvh_map_is_ram(&map, 0x3000, ~0ull));
}

static const struct test tests[] = {
	{"ranges in any order ascend", t_ranges_in_any_order_ascend},
	{"neighbours of one type are one", t_neighbours_of_one_type_are_one},
	{"overlap and wrap are refused", t_overlap_and_wrap_are_refused},
	{"a full map takes what melts", t_a_full_map_takes_what_melts},
	{"RAM is what one entry holds", t_ram_is_what_one_entry_holds},
};

const struct suite suite_pvh_map = SUITE("pvh_map", tests);
