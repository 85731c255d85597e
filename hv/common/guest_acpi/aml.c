/* SPDX-License-Identifier: MIT */
/* Opcodes, lengths and numbers of AML. */
#include "common/guest_acpi/aml.h"

#include "common/lib/digit.h"
#include "common/lib/mem.h"

/* ACPI 6.5, "AML Grammar Definition" */
#define OP_ZERO    0x00
#define OP_ONE     0x01
#define OP_NAME    0x08
#define OP_BYTE    0x0a
#define OP_WORD    0x0b
#define OP_DWORD   0x0c
#define OP_SCOPE   0x10
#define OP_BUFFER  0x11
#define OP_PACKAGE 0x12
#define OP_EXT     0x5b
#define OP_DEVICE  0x82 /* after OP_EXT */

#define SEGMENT_LEN 4
#define ROOT        '\\'

/* PkgLength: up to 63 in one byte; else 4 bits there and 8 in the next */
#define LENGTH_SHORT_MAX 0x3fu
#define LENGTH_TWO_BYTES 0x40u
#define LENGTH_MAX       0xfffu

struct aml aml_start(u8 *to, u32 room)
{
	return (struct aml){.to = to, .room = room};
}

static void put(struct aml *aml, u32 byte)
{
	if (aml->len == aml->room) {
		aml->is_cut = true;
		return;
	}
	aml->to[aml->len++] = (u8)byte;
}

static void put_number(struct aml *aml, u32 value, u32 width)
{
	for (u32 i = 0; i < width; i++) {
		put(aml, value >> (8 * i));
	}
}

static void put_path(struct aml *aml, const char *name)
{
	u32 len = SEGMENT_LEN + (name[0] == ROOT ? 1 : 0);

	for (u32 i = 0; i < len; i++) {
		put(aml, (u8)name[i]);
	}
}

u32 aml_open_scope(struct aml *aml, const char *name)
{
	put(aml, OP_SCOPE);
	u32 place = aml->len;

	put_path(aml, name);
	return place;
}

u32 aml_open_device(struct aml *aml, const char *name)
{
	put(aml, OP_EXT);
	put(aml, OP_DEVICE);
	u32 place = aml->len;

	put_path(aml, name);
	return place;
}

u32 aml_open_package(struct aml *aml, u8 count)
{
	put(aml, OP_PACKAGE);
	u32 place = aml->len;

	put(aml, count);
	return place;
}

/* The length counts its own bytes. */
void aml_close(struct aml *aml, u32 place)
{
	u32 content = aml->len - place;
	u32 own = content + 1 <= LENGTH_SHORT_MAX ? 1 : 2;
	u32 length = content + own;

	if (own > aml->room - aml->len || length > LENGTH_MAX) {
		aml->is_cut = true;
		return;
	}
	memmove(aml->to + place + own, aml->to + place, content);
	aml->len += own;
	if (own == 1) {
		aml->to[place] = (u8)length;
	} else {
		aml->to[place] = (u8)(LENGTH_TWO_BYTES | (length & 0xf));
		aml->to[place + 1] = (u8)(length >> 4);
	}
}

void aml_name(struct aml *aml, const char *name)
{
	put(aml, OP_NAME);
	put_path(aml, name);
}

void aml_integer(struct aml *aml, u32 value)
{
	if (value <= 1) {
		put(aml, value == 0 ? OP_ZERO : OP_ONE);
	} else if (value <= 0xff) {
		put(aml, OP_BYTE);
		put_number(aml, value, 1);
	} else if (value <= 0xffff) {
		put(aml, OP_WORD);
		put_number(aml, value, 2);
	} else {
		put(aml, OP_DWORD);
		put_number(aml, value, 4);
	}
}

/*
 * ACPI 6.5, "EISAID (EISA ID String To Integer Conversion Macro)": letters of 5
 * bits, then the digits, big endian.
 */
void aml_eisa_id(struct aml *aml, const char *id)
{
	u32 number = 0;

	for (u32 i = 0; i < 3; i++) {
		number = number << 5 | ((u32)id[i] - '@');
	}
	for (u32 i = 3; i < 7; i++) {
		number = number << 4 | (u32)digit_value(id[i]);
	}
	put(aml, OP_DWORD);
	put_number(aml, __builtin_bswap32(number), 4);
}

void aml_buffer(struct aml *aml, const u8 *bytes, u32 len)
{
	put(aml, OP_BUFFER);
	u32 place = aml->len;

	aml_integer(aml, len);
	for (u32 i = 0; i < len; i++) {
		put(aml, bytes[i]);
	}
	aml_close(aml, place);
}
