/* SPDX-License-Identifier: MIT */
/* The two tables: INT3s, and what goes to the debug registers. */
#include "core/gdb/breakpoints.h"

#include "core/gdb/link.h"
#include "core/paging/overlay.h"
#include "core/port/port.h"
#include "core/state/partition.h"

#define INT3 0xcc

/* DR7: SDM 3B, "Debug Control Register (DR7)" */
#define DR7_GLOBAL(n) BIT(2 * (n) + 1)
#define DR7_TYPE(n)   (16 + 4 * (n))
#define TYPE_EXECUTE  0ull
#define TYPE_WRITE    1ull
#define TYPE_ACCESS   3ull

static struct {
	gpa_t at;
	u64 address; /* what GDB calls it */
	u8 byte;     /* the guest's */
} software[GDB_SOFTWARE_MAX];

static u32 count; /* of them that are used: the first ones */

/* ---- software ---- */

static u32 find(gpa_t at)
{
	u32 i = 0;

	while (i < count && software[i].at.v != at.v) {
		i++;
	}
	return i;
}

bool gdb_breakpoints_any(void)
{
	return count != 0;
}

bool gdb_breakpoints_is_at(gpa_t at)
{
	return find(at) != count;
}

enum err gdb_breakpoints_put(struct partition *p, gpa_t at, u64 address)
{
	const u8 int3 = INT3;
	enum err err;
	u8 byte;

	if (gdb_breakpoints_is_at(at)) {
		return ERR_OK;
	}
	if (count == GDB_SOFTWARE_MAX) {
		return ERR_NO_MEMORY;
	}
	if (overlay_covers(p, at)) {
		return ERR_RANGE;
	}
	err = port_read_guest(p, at, &byte, 1);
	if (err == ERR_OK) {
		err = port_write_guest(p, at, &int3, 1);
	}
	if (err == ERR_OK) {
		software[count].at = at;
		software[count].address = address;
		software[count].byte = byte;
		count++;
	}
	return err;
}

/* What the guest has written there meanwhile stays. */
static void restore(struct partition *p, u32 i)
{
	u8 byte;

	if (port_read_guest(p, software[i].at, &byte, 1) == ERR_OK &&
	    byte == INT3) {
		/* what can be read can be written */
		(void)!port_write_guest(p, software[i].at, &software[i].byte,
					1);
	}
}

static enum err take(struct partition *p, u32 i)
{
	if (i == count) {
		return ERR_NOT_FOUND;
	}
	restore(p, i);
	count--;
	software[i] = software[count];
	return ERR_OK;
}

enum err gdb_breakpoints_take(struct partition *p, gpa_t at)
{
	return take(p, find(at));
}

enum err gdb_breakpoints_take_named(struct partition *p, u64 address)
{
	enum err err = ERR_NOT_FOUND;
	u32 i = 0;

	while (i < count) {
		if (software[i].address == address) {
			err = take(p, i); /* the last one is here now */
		} else {
			i++;
		}
	}
	return err;
}

void gdb_breakpoints_hide(gpa_t from, u8 *bytes, size_t len)
{
	for (u32 i = 0; i < count; i++) {
		u64 offset = software[i].at.v - from.v;

		if (offset < len && bytes[offset] == INT3) {
			bytes[offset] = software[i].byte;
		}
	}
}

void gdb_breakpoints_keep(gpa_t to, u8 *bytes, size_t len)
{
	for (u32 i = 0; i < count; i++) {
		u64 offset = software[i].at.v - to.v;

		if (offset < len) {
			software[i].byte = bytes[offset];
			bytes[offset] = INT3;
		}
	}
}

/* ---- hardware ---- */

static const struct {
	u64 kind; /* of packet Z */
	u64 type; /* in DR7 */
	enum gdb_stop why;
} kinds[] = {
	{1, TYPE_EXECUTE, GDB_STOP_EXECUTE},
	{2, TYPE_WRITE, GDB_STOP_WRITE},
	{4, TYPE_ACCESS, GDB_STOP_ACCESS},
};

/* In DR7 by length in bytes - 1 */
#define LEN_NONE 4
static const u8 lens[] = {0, 1, LEN_NONE, 3, LEN_NONE, LEN_NONE, LEN_NONE, 2};

/* The bits of DR7 without the number of the register; ERR_INVALID: none. */
static enum err encode(u64 address, u64 kind, u64 len, u64 *bits,
		       enum gdb_stop *why)
{
	/* GDB gives 1, or the instruction's length */
	u64 size = kind == 1 ? 1 : len;

	if (size == 0 || size > ARRAY_SIZE(lens) ||
	    lens[size - 1] == LEN_NONE || (address & (size - 1)) != 0) {
		return ERR_INVALID;
	}
	for (u32 i = 0; i < ARRAY_SIZE(kinds); i++) {
		if (kinds[i].kind == kind) {
			*bits = kinds[i].type | (u64)lens[size - 1] << 2;
			*why = kinds[i].why;
			return ERR_OK;
		}
	}
	return ERR_INVALID;
}

/* The register that has this one, or GDB_HARDWARE_MAX. */
static u32 find_hardware(u64 address, u64 bits)
{
	const struct gdb_hardware *hardware = &gdb_link.hardware;

	for (u32 n = 0; n < GDB_HARDWARE_MAX; n++) {
		if ((hardware->dr7 & DR7_GLOBAL(n)) &&
		    hardware->address[n] == address &&
		    (hardware->dr7 >> DR7_TYPE(n) & 0xf) == bits) {
			return n;
		}
	}
	return GDB_HARDWARE_MAX;
}

enum err gdb_breakpoints_put_hardware(u64 address, u64 kind, u64 len)
{
	struct gdb_hardware *hardware = &gdb_link.hardware;
	enum gdb_stop why;
	u32 n = 0;
	u64 bits;

	if (encode(address, kind, len, &bits, &why) != ERR_OK) {
		return ERR_INVALID;
	}
	if (find_hardware(address, bits) != GDB_HARDWARE_MAX) {
		return ERR_OK;
	}
	while (n < GDB_HARDWARE_MAX && (hardware->dr7 & DR7_GLOBAL(n))) {
		n++;
	}
	if (n == GDB_HARDWARE_MAX) {
		return ERR_NO_MEMORY;
	}
	hardware->address[n] = address;
	hardware->why[n] = why;
	hardware->dr7 |= DR7_GLOBAL(n) | bits << DR7_TYPE(n);
	hardware->generation++;
	return ERR_OK;
}

enum err gdb_breakpoints_take_hardware(u64 address, u64 kind, u64 len)
{
	struct gdb_hardware *hardware = &gdb_link.hardware;
	enum gdb_stop why;
	u64 bits;
	u32 n;

	if (encode(address, kind, len, &bits, &why) != ERR_OK) {
		return ERR_INVALID;
	}
	n = find_hardware(address, bits);
	if (n == GDB_HARDWARE_MAX) {
		return ERR_NOT_FOUND;
	}
	hardware->dr7 &= ~(DR7_GLOBAL(n) | 0xfull << DR7_TYPE(n));
	hardware->generation++;
	return ERR_OK;
}

void gdb_breakpoints_forget(void)
{
	count = 0;
	gdb_link.hardware.dr7 = 0;
	gdb_link.hardware.generation++;
}

void gdb_breakpoints_clear(struct partition *p)
{
	for (u32 i = 0; i < count; i++) {
		restore(p, i);
	}
	gdb_breakpoints_forget();
}
