/* SPDX-License-Identifier: MIT */
/* Private copies of what the loader has written to memory. */
#include "kernel/start_info.h"
#include "kernel/cmdline.h"

#define FALLBACK_RAM_END (16 * MIB)
#define MAPPED_END       (4 * GIB)

static struct start_info info;
static struct start_info_range ranges[START_INFO_ENTRIES];
static u32 range_count;

void start_info_read(u64 gpa)
{
	info = *(const struct start_info *)gpa;
	if (info.magic != START_INFO_MAGIC) {
		cmdline_init("");
		return;
	}
	cmdline_init(info.cmdline != 0 ? (const char *)info.cmdline : "");
	if (info.version == 0) {
		return;
	}
	for (u32 i = 0; i < info.memmap_entries && i < ARRAY_SIZE(ranges);
	     i++) {
		ranges[i] = ((const struct start_info_range *)info.memmap)[i];
		range_count++;
	}
}

const struct start_info *start_info_get(void)
{
	return &info;
}

u32 start_info_range_count(void)
{
	return range_count;
}

const struct start_info_range *start_info_range_at(u32 i)
{
	return &ranges[i];
}

u64 start_info_ram_end(void)
{
	u64 end = 0;

	for (u32 i = 0; i < range_count; i++) {
		const struct start_info_range *r = &ranges[i];

		if (r->type == START_INFO_RAM &&
		    r->addr + r->len <= MAPPED_END && r->addr + r->len > end) {
			end = r->addr + r->len;
		}
	}
	return end != 0 ? end : FALLBACK_RAM_END;
}

bool start_info_room(u64 from, u64 *base, u64 *end)
{
	u64 best = 0;

	if (range_count == 0) {
		*base = from;
		*end = FALLBACK_RAM_END;
		return from < FALLBACK_RAM_END;
	}
	for (u32 i = 0; i < range_count; i++) {
		const struct start_info_range *r = &ranges[i];
		u64 first = r->addr < from ? from : r->addr;
		u64 last = r->addr + r->len;

		if (r->type == START_INFO_RAM && last <= MAPPED_END &&
		    last > first && last - first > best) {
			best = last - first;
			*base = first;
			*end = last;
		}
	}
	return best != 0;
}
