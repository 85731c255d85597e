/* SPDX-License-Identifier: MIT */
/* Each mark splits the range that contains its page. */
#include "common/image/guest_map.h"

static void add(struct guest_map *map, u64 from, u64 to, u32 type)
{
	if (from < to) {
		map->entry[map->count] = (struct hvm_memmap_table_entry){
			.addr = from,
			.size = to - from,
			.type = type,
		};
		map->count++;
	}
}

void guest_map_make(struct guest_map *map, u64 memory)
{
	map->count = 0;
	add(map, 0, GUEST_MAP_HOLE_BASE, XEN_HVM_MEMMAP_TYPE_RAM);
	add(map, GUEST_MAP_HOLE_BASE, GUEST_MAP_HOLE_END,
	    XEN_HVM_MEMMAP_TYPE_RESERVED);
	add(map, GUEST_MAP_HOLE_END, memory, XEN_HVM_MEMMAP_TYPE_RAM);
}

void guest_map_mark(struct guest_map *map, u64 gpa, u32 type)
{
	const struct guest_map old = *map;

	map->count = 0;
	for (u32 i = 0; i < old.count; i++) {
		const struct hvm_memmap_table_entry *e = &old.entry[i];
		u64 end = e->addr + e->size;

		if (gpa < e->addr || gpa >= end || e->type == type) {
			add(map, e->addr, end, e->type);
			continue;
		}
		add(map, e->addr, gpa, e->type);
		add(map, gpa, gpa + PAGE_SIZE, type);
		add(map, gpa + PAGE_SIZE, end, e->type);
	}
}
