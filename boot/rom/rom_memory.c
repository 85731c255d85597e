/* SPDX-License-Identifier: MIT */
/* A mark that rises from 16 MiB to the end of RAM below 4 GiB. */
#include "rom_memory.h"

#include "common/lib/mem.h"
#include "crash_log.h"
#include "rom_console.h"
#include "rom_io.h"

#define CMOS_INDEX 0x70
#define CMOS_DATA  0x71

/* RAM above 16 MiB and below 4 GiB in units of 64 KiB, low and high byte */
#define CMOS_ABOVE_16M_LOW  0x34
#define CMOS_ABOVE_16M_HIGH 0x35
#define CMOS_UNIT           (64ull << 10)

#define FIRST (16 * MIB)

static u64 next;
static u64 end;

/*
 * Memory is zero since power-on, which saves time; not after a reset, of which
 * the hypervisor's crash log tells.
 */
static bool is_reset;

static u8 cmos(u8 index)
{
	rom_io_out8(CMOS_INDEX, index);
	return rom_io_in8(CMOS_DATA);
}

void rom_memory_start(void)
{
	u64 units = (u64)cmos(CMOS_ABOVE_16M_HIGH) << 8;

	units |= cmos(CMOS_ABOVE_16M_LOW);
	next = FIRST;
	end = FIRST + units * CMOS_UNIT;

	const struct crash_log *log = rom_memory_pointer(ROM_MEMORY_CRASH_LOG);

	is_reset = log->magic != 0;
}

static const char *unit_name(u64 unit)
{
	return unit == MIB ? "MiB" : "KiB";
}

struct handoff_range rom_memory_take(u64 len, u64 align, const char *what)
{
	u64 base = (next + align - 1) & ~(align - 1);
	u64 rounded = (len + PAGE_SIZE - 1) & PAGE_MASK;

	if (base > end || rounded > end - base) {
		u64 unit = align >= MIB ? MIB : 1024;
		u64 room = base > end ? 0 : (end - base) & ~(align - 1);

		rom_console_refuse("%s: expected %lu %s free in one piece, "
				   "found %lu %s at most",
				   what, (rounded + unit - 1) / unit,
				   unit_name(unit), room / unit,
				   unit_name(unit));
	}
	next = base + rounded;
	if (is_reset) {
		memset(rom_memory_pointer(base), 0, rounded);
	}
	return (struct handoff_range){.base = base, .len = rounded};
}

void *rom_memory_pointer(u64 base)
{
	return (void *)(uintptr_t)base;
}
