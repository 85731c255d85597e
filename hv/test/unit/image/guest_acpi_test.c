/* SPDX-License-Identifier: MIT */
/*
 * The ACPI tables of guests, read back as a kernel would: from the RSDP on.
 */
#include "common/guest_acpi/guest_acpi.h"

#include <string.h>

#include "common/guest_acpi/aml.h"
#include "support/check.h"

#define GPA 0xe0000u

static u8 page[GUEST_ACPI_LEN];

static u64 number(const u8 *at, u32 width)
{
	u64 value = 0;

	for (u32 i = 0; i < width; i++) {
		value |= (u64)at[i] << (8 * i);
	}
	return value;
}

static u8 sum(const u8 *at, u64 len)
{
	u8 total = 0;

	for (u64 i = 0; i < len; i++) {
		total = (u8)(total + at[i]);
	}
	return total;
}

static void make(u32 vp_count)
{
	memset(page, 0, sizeof(page));
	CHECK(guest_acpi_write(page, GPA, vp_count) <= sizeof(page));
}

/* The table at a guest-physical address, checked as any table is. */
static const u8 *table_at(u64 gpa, const char *signature)
{
	const u8 *table = page + (gpa - GPA);

	CHECK(gpa >= GPA + 36 && gpa < GPA + sizeof(page));
	CHECK(memcmp(table, signature, 4) == 0);
	CHECK(number(table + 4, 4) <= GPA + sizeof(page) - gpa);
	CHECK_EQ(sum(table, number(table + 4, 4)), 0);
	return table;
}

/* Table `idx` of the XSDT. */
static const u8 *find(u32 idx, const char *signature)
{
	const u8 *xsdt = table_at(number(page + 24, 8), "XSDT");

	CHECK_EQ(number(xsdt + 4, 4), 36 + 2 * 8);
	return table_at(number(xsdt + 36 + (u64)8 * idx, 8), signature);
}

static void t_rsdp_is_revision_2(void)
{
	make(1);
	CHECK(memcmp(page, "RSD PTR ", 8) == 0);
	CHECK_EQ(page[15], 2);
	CHECK_EQ(number(page + 16, 4), 0); /* no RSDT */
	CHECK_EQ(number(page + 20, 4), 36);
	CHECK_EQ(sum(page, 20), 0);
	CHECK_EQ(sum(page, 36), 0);
}

static void check_port(const u8 *gas, u32 port)
{
	CHECK_EQ(number(gas, 4), 0x01000801); /* I/O, 8 bits, byte access */
	CHECK_EQ(number(gas + 4, 8), port);
}

static void t_fadt_is_hardware_reduced(void)
{
	make(1);

	const u8 *fadt = find(0, "FACP");

	CHECK_EQ(number(fadt + 4, 4), 276);
	CHECK_EQ(fadt[8], 6);
	CHECK_EQ(fadt[131], 5);
	CHECK_EQ(number(fadt + 109, 2), 0x2c);
	CHECK_EQ(number(fadt + 112, 4), 0x100431);
	check_port(fadt + 116, 0xcf9);
	CHECK_EQ(fadt[128], 6);
	check_port(fadt + 244, 0x600);
	check_port(fadt + 256, 0x601);
	CHECK_EQ(number(fadt + 140, 8), number(fadt + 40, 4));
	(void)table_at(number(fadt + 140, 8), "DSDT");
}

/* APIC IDs ascend from 0, and each fits into its entry. */
static void check_madt(u32 vp_count)
{
	const u8 *madt;
	u64 at = 44;

	make(vp_count);
	madt = find(1, "APIC");
	CHECK_EQ(number(madt + 36, 4), 0xfee00000);
	CHECK_EQ(number(madt + 40, 4), 0); /* no 8259 */
	for (u32 n = 0; n < vp_count; n++) {
		const u8 *e = madt + at;
		bool is_long = n >= 255;

		CHECK_EQ(e[0], is_long ? 9 : 0);
		CHECK_EQ(e[1], is_long ? 16 : 8);
		CHECK_EQ(is_long ? number(e + 12, 4) : e[2], n);
		CHECK_EQ(is_long ? number(e + 4, 4) : e[3], n);
		CHECK_EQ(number(e + (is_long ? 8 : 4), 4), 1);
		at += e[1];
	}
	CHECK_EQ(number(madt + 4, 4), at);
}

static void t_madt_lists_the_vps(void)
{
	static const u32 counts[] = {1, 2, 8, 254, 255, 256};

	for (u32 i = 0; i < ARRAY_SIZE(counts); i++) {
		check_madt(counts[i]);
	}
}

/* These bytes are what Linux 6.1 was booted with. */
static void t_dsdt_has_uart_and_s5(void)
{
	static const u8 body[] = {
		0x10, 0x30, 0x5c, 0x5f, 0x53, 0x42, 0x5f, 0x5b, 0x82,
		0x28, 0x43, 0x4f, 0x4d, 0x30, 0x08, 0x5f, 0x48, 0x49,
		0x44, 0x0c, 0x41, 0xd0, 0x05, 0x01, 0x08, 0x5f, 0x55,
		0x49, 0x44, 0x01, 0x08, 0x5f, 0x43, 0x52, 0x53, 0x11,
		0x0d, 0x0a, 0x0a, 0x47, 0x01, 0xf8, 0x03, 0xf8, 0x03,
		0x00, 0x08, 0x79, 0x00, 0x08, 0x5f, 0x53, 0x35, 0x5f,
		0x12, 0x07, 0x04, 0x0a, 0x05, 0x00, 0x00, 0x00};
	make(1);

	const u8 *dsdt = table_at(number(find(0, "FACP") + 140, 8), "DSDT");

	CHECK_EQ(number(dsdt + 4, 4), 36 + sizeof(body));
	CHECK(memcmp(dsdt + 36, body, sizeof(body)) == 0);
}

static void t_aml_numbers_are_short(void)
{
	static const u8 expected[] = {0x00, 0x01, 0x0a, 0x02, 0x0a, 0xff,
				      0x0b, 0x00, 0x01, 0x0b, 0xff, 0xff,
				      0x0c, 0x00, 0x00, 0x01, 0x00};
	u8 bytes[32];
	struct aml aml = aml_start(bytes, sizeof(bytes));

	aml_integer(&aml, 0);
	aml_integer(&aml, 1);
	aml_integer(&aml, 2);
	aml_integer(&aml, 0xff);
	aml_integer(&aml, 0x100);
	aml_integer(&aml, 0xffff);
	aml_integer(&aml, 0x10000);
	CHECK_EQ(aml.len, sizeof(expected));
	CHECK(memcmp(bytes, expected, sizeof(expected)) == 0);
	CHECK(!aml.is_cut);
}

/* A package of `content` zeros, with its length in one byte or in two. */
static void check_package(u32 content, u32 own)
{
	u8 bytes[128];
	struct aml aml = aml_start(bytes, sizeof(bytes));
	u32 package = aml_open_package(&aml, (u8)content);

	for (u32 i = 0; i < content; i++) {
		aml_integer(&aml, 0);
	}
	aml_close(&aml, package);
	CHECK(!aml.is_cut);
	CHECK_EQ(aml.len, 1 + own + 1 + content);
	CHECK_EQ(bytes[0], 0x12);
	if (own == 1) {
		CHECK_EQ(bytes[1], own + 1 + content);
	} else {
		CHECK_EQ(bytes[1] >> 4, 4);
		CHECK_EQ((bytes[1] & 0xf) | bytes[2] << 4, own + 1 + content);
	}
	CHECK_EQ(bytes[1 + own], content);
	CHECK_EQ(bytes[1 + own + content], 0);
}

static void t_aml_lengths_count_themselves(void)
{
	check_package(0, 1);
	check_package(61, 1);
	check_package(62, 2);
	check_package(100, 2);
}

static void t_aml_keeps_to_its_room(void)
{
	u8 bytes[8] = {0, 0, 0, 0, 0, 0, 0, 0x77};
	struct aml aml = aml_start(bytes, 7);

	aml_buffer(&aml, (const u8 *)"abcd", 4); /* needs 8 */
	CHECK(aml.is_cut);
	CHECK_EQ(aml.len, 7);
	CHECK_EQ(bytes[7], 0x77);
}

static const struct test tests[] = {
	{"rsdp_is_revision_2", t_rsdp_is_revision_2},
	{"fadt_is_hardware_reduced", t_fadt_is_hardware_reduced},
	{"madt_lists_the_vps", t_madt_lists_the_vps},
	{"dsdt_has_uart_and_s5", t_dsdt_has_uart_and_s5},
	{"aml_numbers_are_short", t_aml_numbers_are_short},
	{"aml_lengths_count_themselves", t_aml_lengths_count_themselves},
	{"aml_keeps_to_its_room", t_aml_keeps_to_its_room},
};

const struct suite suite_guest_acpi = SUITE("guest_acpi", tests);
