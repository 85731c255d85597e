/* SPDX-License-Identifier: MIT */
/* A sorted array; a range is inserted and merged with adjacent ranges. */
#include "memory_map.h"

static u64 end_of(const struct hvm_memmap_table_entry *e)
{
	return e->addr + e->size;
}

static void remove_at(struct pvh_map *map, u32 at)
{
	map->count--;
	for (u32 i = at; i < map->count; i++) {
		map->entries[i] = map->entries[i + 1];
	}
}

static void insert_at(struct pvh_map *map, u32 at,
		      struct hvm_memmap_table_entry entry)
{
	for (u32 i = map->count; i > at; i--) {
		map->entries[i] = map->entries[i - 1];
	}
	map->entries[at] = entry;
	map->count++;
}

/* Merges entry `at` with the next one if they are adjacent and of one type. */
static bool melt(struct pvh_map *map, u32 at)
{
	struct hvm_memmap_table_entry *e = &map->entries[at];

	if (at + 1 >= map->count || e->type != e[1].type ||
	    end_of(e) != e[1].addr) {
		return false;
	}
	e->size += e[1].size;
	remove_at(map, at + 1);
	return true;
}

/*
 * Extends the adjacent entry at `at` (the first one after the range) or the one
 * before it.
 */
static bool grow(struct pvh_map *map, u32 at, u64 base, u64 len, u32 type)
{
	struct hvm_memmap_table_entry *e = &map->entries[at];

	if (at > 0 && e[-1].type == type && end_of(&e[-1]) == base) {
		e[-1].size += len;
		(void)melt(map, at - 1);
		return true;
	}
	if (at < map->count && e->type == type && e->addr == base + len) {
		e->addr = base;
		e->size += len;
		return true;
	}
	return false;
}

enum err pvh_map_add(struct pvh_map *map, u64 base, u64 len, u32 type)
{
	u32 at = 0;

	if (len == 0) {
		return ERR_OK;
	}
	if (base + len < base) {
		return ERR_RANGE;
	}
	while (at < map->count && map->entries[at].addr < base) {
		at++;
	}
	if ((at > 0 && end_of(&map->entries[at - 1]) > base) ||
	    (at < map->count && map->entries[at].addr < base + len)) {
		return ERR_RANGE;
	}
	if (grow(map, at, base, len, type)) {
		return ERR_OK;
	}
	if (map->count == PVH_MAP_MAX) {
		return ERR_NO_MEMORY;
	}
	insert_at(map, at,
		  (struct hvm_memmap_table_entry){
			  .addr = base, .size = len, .type = type});
	return ERR_OK;
}

bool pvh_map_is_ram(const struct pvh_map *map, u64 base, u64 len)
{
	for (u32 i = 0; i < map->count; i++) {
		const struct hvm_memmap_table_entry *e = &map->entries[i];

		if (e->type == XEN_HVM_MEMMAP_TYPE_RAM && base >= e->addr &&
		    base < end_of(e)) {
			return len <= end_of(e) - base;
		}
	}
	return false;
}
