/* SPDX-License-Identifier: MIT */
/*
 * Finds \_S5 in a DSDT without interpreting AML: the bytes of
 * Name (_S5_, Package {SLP_TYPa, SLP_TYPb, ...}) with constant elements.
 */
#include "common/platform/acpi_s5.h"

#include "common/lib/bytes.h"
#include "common/lib/mem.h"

#define HEADER_LEN 36

/* ACPI 6.5, section 20.3 "AML Byte Stream Byte Values" */
#define AML_ZERO         0x00
#define AML_ONE          0x01
#define AML_NAME         0x08
#define AML_BYTE_PREFIX  0x0a
#define AML_WORD_PREFIX  0x0b
#define AML_DWORD_PREFIX 0x0c
#define AML_PACKAGE      0x12
#define AML_ROOT_CHAR    '\\'

/* SLP_TYP is a field of 3 bits in PM1_CNT. */
#define SLP_TYP_MAX 7

/*
 * The longest form that is understood: NameOp, '\', "_S5_", PackageOp,
 * PkgLength (4), NumElements, two DWordConst.
 */
#define WINDOW 32

struct bytes {
	const u8 *at;
	u32 left;
};

/*
 * Takes one byte; at the end 0xff, which is invalid wherever it is read here.
 */
static u8 take(struct bytes *b)
{
	u8 byte = 0xff;

	if (b->left > 0) {
		byte = b->at[0];
		b->at++;
		b->left--;
	}
	return byte;
}

/* Reads PkgLength, which includes its own bytes, and cuts `b` to it. */
static bool enter_package(struct bytes *b, u32 table_left)
{
	u32 before = b->left;
	u8 lead = take(b);
	u32 more = lead >> 6;
	u32 len = more == 0 ? lead & 0x3fu : lead & 0x0fu;
	u32 used;

	for (u32 i = 0; i < more; i++) {
		len |= (u32)take(b) << (4 + 8 * i);
	}
	used = before - b->left;
	if (len < used || len > table_left) {
		return false;
	}
	if (b->left > len - used) {
		b->left = len - used;
	}
	return true;
}

static bool take_constant(struct bytes *b, u8 *value)
{
	u8 op = take(b);
	u64 number;
	u32 width;

	switch (op) {
	case AML_ZERO:
	case AML_ONE:
		*value = op;
		return true;
	case AML_BYTE_PREFIX:
		width = 1;
		break;
	case AML_WORD_PREFIX:
		width = 2;
		break;
	case AML_DWORD_PREFIX:
		width = 4;
		break;
	default:
		return false;
	}
	if (b->left < width) {
		return false;
	}
	number = bytes_number(b->at, width);
	b->at += width;
	b->left -= width;
	*value = (u8)number;
	return number <= SLP_TYP_MAX;
}

/*
 * `b` starts at a NameOp, and the table has `table_left` bytes from there on.
 */
static bool read_s5(struct bytes b, u32 table_left, u8 slp_typ[2])
{
	u32 all = b.left;

	(void)take(&b);
	if (b.left > 0 && b.at[0] == AML_ROOT_CHAR) {
		(void)take(&b);
	}
	if (b.left < 4 || memcmp(b.at, "_S5_", 4) != 0) {
		return false;
	}
	b.at += 4;
	b.left -= 4;
	return take(&b) == AML_PACKAGE &&
	       enter_package(&b, table_left - (all - b.left)) &&
	       take(&b) >= 2 && take_constant(&b, &slp_typ[0]) &&
	       take_constant(&b, &slp_typ[1]);
}

/* Looks at the NameOps in the first `starts` bytes of [chunk, chunk + len). */
static bool search_chunk(const u8 *chunk, u32 len, u32 starts, u32 table_left,
			 u8 slp_typ[2])
{
	for (u32 i = 0; i < starts; i++) {
		struct bytes b = {chunk + i, len - i};

		if (chunk[i] == AML_NAME &&
		    read_s5(b, table_left - i, slp_typ)) {
			return true;
		}
	}
	return false;
}

bool acpi_s5_find(const struct acpi_memory *memory, struct acpi_table dsdt,
		  u8 slp_typ[2])
{
	u8 chunk[256];
	u32 at = HEADER_LEN;

	while (at < dsdt.len) {
		u32 left = dsdt.len - at;
		u32 len = (u32)sizeof(chunk);
		u32 starts = len - WINDOW;

		if (len >= left) {
			len = left;
			starts = left;
		}
		if (!memory->read(memory->ctx, dsdt.hpa + at, chunk, len)) {
			return false;
		}
		if (search_chunk(chunk, len, starts, left, slp_typ)) {
			return true;
		}
		at += starts;
	}
	return false;
}
