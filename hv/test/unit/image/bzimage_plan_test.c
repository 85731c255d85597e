/* SPDX-License-Identifier: MIT */
/*
 * bzImages: which headers are refused and why, where the parts go, and what the
 * kernel finds.
 */
#include "common/image/bzimage_plan.h"

#include <stdlib.h>
#include <string.h>

#include "common/image/bzimage_header.h"
#include "common/image/image_write.h"
#include "support/check.h"
#include "support/fake_partition.h"

#define SETUP_LEN  (2 * BZIMAGE_SECTOR) /* setup_sects = 1 */
#define KERNEL_LEN 0x400u
#define FILE_LEN   (SETUP_LEN + KERNEL_LEN)
#define ROOM       0x3000u /* init_size */
#define PREFERRED  0x200000u

static u8 file[FILE_LEN + 0x1000];
static size_t file_len;
static struct image_input input;
static struct image_plan plan;
static const char *why;

static void set(u32 offset, u32 width, u64 value)
{
	for (u32 i = 0; i < width; i++) {
		file[offset + i] = (u8)(value >> (8 * i));
	}
}

/* A good file, and a partition that it fits. */
static void make(void)
{
	memset(file, 0, sizeof(file));
	memset(file + SETUP_LEN, 0xc5, KERNEL_LEN);
	file_len = FILE_LEN;
	set(BZIMAGE_SETUP_SECTS, 1, 1);
	set(BZIMAGE_SYSSIZE, 4, KERNEL_LEN / 16);
	set(BZIMAGE_BOOT_FLAG, 2, 0xaa55);
	set(BZIMAGE_HEADER_LEN, 1, 0x6a);
	memcpy(file + BZIMAGE_HEADER, "HdrS", 4);
	set(BZIMAGE_VERSION, 2, 0x20f);
	set(BZIMAGE_LOADFLAGS, 1, 1);
	set(BZIMAGE_INITRD_ADDR_MAX, 4, 0x7fffffff);
	set(BZIMAGE_ALIGNMENT, 4, 0x200000);
	set(BZIMAGE_RELOCATABLE, 1, 1);
	set(BZIMAGE_XLOADFLAGS, 2, 0x7f);
	set(BZIMAGE_CMDLINE_SIZE, 4, 2047);
	set(BZIMAGE_PREF_ADDRESS, 8, PREFERRED);
	set(BZIMAGE_INIT_SIZE, 4, ROOM);
	input = (struct image_input){.memory = FAKE_RAM, .vp_count = 2};
}

/* From a copy of exactly that length: the sanitizer sees a read beyond it. */
static enum err plan_it(void)
{
	void *copy = malloc(file_len);
	enum err err;

	memcpy(copy, file, file_len);
	input.image = copy;
	input.image_len = file_len;
	memset(&plan, 0xa5, sizeof(plan));
	err = image_plan(&plan, &input, &why);
	free(copy);
	return err;
}

static void t_good_file_is_planned(void)
{
	make();
	CHECK_EQ(plan_it(), ERR_OK);
	CHECK_EQ(plan.start, IMAGE_START_LINUX);
	CHECK_EQ(plan.entry, PREFERRED + 0x200);
	CHECK_EQ(plan.segment_count, 1);
	CHECK_EQ(plan.segments[0].offset, SETUP_LEN);
	CHECK_EQ(plan.segments[0].filesz, KERNEL_LEN);
	CHECK_EQ(plan.segments[0].gpa, PREFERRED);
	CHECK_EQ(plan.segments[0].memsz, ROOM);
	CHECK_EQ(plan.info, 0x9f000);
	CHECK_EQ(plan.gdt, 0xa0800);
	CHECK_EQ(plan.cr3, 0xa1000);
	CHECK_EQ(plan.page_count, BZIMAGE_PAGES + 1);
	CHECK_EQ(plan.acpi, 0xe0000);
	CHECK_EQ(plan.map.count, 5);
}

static const struct refusal {
	u16 offset;
	u8 width;
	u64 value;
	const char *words;
} refusals[] = {
	{BZIMAGE_BOOT_FLAG, 2, 0xaa54,
	 "boot_flag: expected 0xaa55, found 0xaa54"},
	{BZIMAGE_VERSION, 2, 0x20b,
	 "version: expected 0x20c (boot protocol 2.12) or above, found 0x20b"},
	{BZIMAGE_HEADER_LEN, 1, 0x61,
	 "jump: expected a header of 0x62 to 0x8e bytes, found 0x61"},
	{BZIMAGE_HEADER_LEN, 1, 0x8f,
	 "jump: expected a header of 0x62 to 0x8e bytes, found 0x8f"},
	{BZIMAGE_LOADFLAGS, 1, 0xfe,
	 "loadflags: expected bit 0 (a bzImage, not a zImage), found 0xfe"},
	{BZIMAGE_XLOADFLAGS, 2, 0x7e,
	 "xloadflags: expected bit 0 (a 64-bit kernel; one of 32 bits starts "
	 "as a PVH vmlinux), found 0x7e"},
	{BZIMAGE_INIT_SIZE, 4, 0x200,
	 "init_size: expected more than the entry's 0x200, found 0x200"},
	{BZIMAGE_INIT_SIZE, 4, FAKE_RAM - PREFERRED + 1,
	 "init_size: expected room inside the partition's memory, found the "
	 "need of 0x200000 to 0x400001"},
	{BZIMAGE_INIT_SIZE, 4, 0xffffffff,
	 "init_size: expected room inside the partition's memory, found the "
	 "need of 0x200000 to 0x1001fffff"},
	{BZIMAGE_SETUP_SECTS, 1, 3,
	 "setup_sects: expected the kernel's place inside the file, found 0x3"},
	{BZIMAGE_SETUP_SECTS, 1, 0xff,
	 "setup_sects: expected the kernel's place inside the file, found "
	 "0xff"},
	{BZIMAGE_SYSSIZE, 4, 0x20,
	 "syssize: expected a kernel of more than 0x200 bytes, up to the "
	 "file's end; found a length of 0x200"},
	{BZIMAGE_SYSSIZE, 4, KERNEL_LEN / 16 + 1,
	 "syssize: expected a kernel of more than 0x200 bytes, up to the "
	 "file's end; found a length of 0x410"},
	{BZIMAGE_SYSSIZE, 4, 0xffffffff,
	 "syssize: expected a kernel of more than 0x200 bytes, up to the "
	 "file's end; found a length of 0xffffffff0"},
	{BZIMAGE_ALIGNMENT, 4, 0,
	 "kernel_alignment: expected a power of two, found 0x0"},
	{BZIMAGE_ALIGNMENT, 4, 0x3000,
	 "kernel_alignment: expected a power of two, found 0x3000"},
	{BZIMAGE_ALIGNMENT, 4, 0x80000000,
	 "init_size: expected room inside the partition's memory, found the "
	 "need of 0x80000000 to 0x80003000"},
	{BZIMAGE_PREF_ADDRESS, 8, ~0ull,
	 "pref_address: expected 0 or 1 MiB to 3 GiB, found "
	 "0xffffffffffffffff"},
	{BZIMAGE_PREF_ADDRESS, 8, 3 * GIB + 1,
	 "pref_address: expected 0 or 1 MiB to 3 GiB, found 0xc0000001"},
	{BZIMAGE_PREF_ADDRESS, 8, 3 * GIB,
	 "init_size: expected room inside the partition's memory, found the "
	 "need of 0xc0000000 to 0xc0003000"},
	{BZIMAGE_INITRD_ADDR_MAX, 4, 0xffffe,
	 "initrd_addr_max: expected 0xfffff or above, found 0xffffe"},
	{BZIMAGE_CMDLINE_SIZE, 4, 4,
	 "cmdline_size: expected room for the key cmdline, found 0x4"},
};

static void t_each_field_is_refused_by_name(void)
{
	for (u32 i = 0; i < ARRAY_SIZE(refusals); i++) {
		make();
		input.cmdline_len = 5;
		CHECK_EQ(plan_it(), ERR_OK);
		set(refusals[i].offset, refusals[i].width, refusals[i].value);
		CHECK_EQ(plan_it(), ERR_INVALID);
		CHECK_STR(why, refusals[i].words);
	}
}

/* The values next to those that are refused */
static void t_limits_are_taken(void)
{
	static const struct refusal limits[] = {
		{BZIMAGE_VERSION, 2, 0x20c, NULL},
		{BZIMAGE_VERSION, 2, 0xffff, NULL},
		{BZIMAGE_HEADER_LEN, 1, 0x62, NULL},
		{BZIMAGE_HEADER_LEN, 1, 0x8e, NULL},
		{BZIMAGE_LOADFLAGS, 1, 0xff, NULL},
		{BZIMAGE_XLOADFLAGS, 2, 1, NULL},
		{BZIMAGE_INIT_SIZE, 4, 0x201, NULL},
		{BZIMAGE_INIT_SIZE, 4, FAKE_RAM - PREFERRED, NULL},
		{BZIMAGE_SYSSIZE, 4, 0x21, NULL},
		{BZIMAGE_ALIGNMENT, 4, 1, NULL},
		{BZIMAGE_INITRD_ADDR_MAX, 4, 0xfffff, NULL},
		{BZIMAGE_INITRD_ADDR_MAX, 4, 0xffffffff, NULL},
		{BZIMAGE_CMDLINE_SIZE, 4, 5, NULL},
	};

	for (u32 i = 0; i < ARRAY_SIZE(limits); i++) {
		make();
		input.cmdline_len = 5;
		set(limits[i].offset, limits[i].width, limits[i].value);
		CHECK_EQ(plan_it(), ERR_OK);
	}
}

/* A file of any length has an answer; one that is too short is refused. */
static void t_every_prefix_gets_an_answer(void)
{
	make();
	for (file_len = 1; file_len < FILE_LEN - 15; file_len++) {
		CHECK_EQ(plan_it(), ERR_INVALID);
		CHECK(strstr(why, "expected ") != NULL);
	}
	file_len = 0x206;
	CHECK_EQ(plan_it(), ERR_INVALID);
	CHECK_STR(why,
		  "file: expected a whole header, found a length of 0x206");
	file_len = 0x205;
	CHECK_EQ(plan_it(), ERR_INVALID);
	CHECK(strstr(why, "EI_MAG: ") == why);
}

/* The last paragraph need not be whole; what follows it is not copied. */
static void t_syssize_ends_the_kernel(void)
{
	make();
	file_len = FILE_LEN - 15;
	CHECK_EQ(plan_it(), ERR_OK);
	CHECK_EQ(plan.segments[0].filesz, KERNEL_LEN - 15);
	file_len = FILE_LEN + 0x800;
	CHECK_EQ(plan_it(), ERR_OK);
	CHECK_EQ(plan.segments[0].filesz, KERNEL_LEN);
	/* a kernel that is longer than it says it needs */
	set(BZIMAGE_INIT_SIZE, 4, 0x300);
	CHECK_EQ(plan_it(), ERR_OK);
	CHECK_EQ(plan.segments[0].memsz, KERNEL_LEN);
}

static void t_no_set_up_sectors_are_four(void)
{
	make();
	set(BZIMAGE_SETUP_SECTS, 1, 0);
	file_len = 5 * BZIMAGE_SECTOR + KERNEL_LEN;
	CHECK_EQ(plan_it(), ERR_OK);
	CHECK_EQ(plan.segments[0].offset, 5 * BZIMAGE_SECTOR);
	file_len = 5 * BZIMAGE_SECTOR;
	CHECK_EQ(plan_it(), ERR_INVALID);
	CHECK_STR(why,
		  "setup_sects: expected the kernel's place inside the file, "
		  "found 0x4");
}

static void check_base(u64 preferred, u32 relocatable, u64 expected)
{
	make();
	set(BZIMAGE_ALIGNMENT, 4, 0x100000);
	set(BZIMAGE_PREF_ADDRESS, 8, preferred);
	set(BZIMAGE_RELOCATABLE, 1, relocatable);
	CHECK_EQ(plan_it(), ERR_OK);
	CHECK_EQ(plan.segments[0].gpa, expected);
	CHECK_EQ(plan.entry, expected + 0x200);
}

static void t_preferred_address(void)
{
	check_base(0x300000, 1, 0x300000);
	check_base(0x300000, 0, 0x300000);
	check_base(0x234000, 1, 0x300000);
	check_base(0x234000, 0, 0x234000);
	check_base(0, 1, 0x100000);
	check_base(0, 0, 0x100000);
	make();
	set(BZIMAGE_PREF_ADDRESS, 8, 0xf0000);
	set(BZIMAGE_RELOCATABLE, 1, 0);
	CHECK_EQ(plan_it(), ERR_INVALID);
	CHECK_STR(why,
		  "pref_address: expected 0 or 1 MiB to 3 GiB, found 0xf0000");
}

static void t_initrd_obeys_its_limit(void)
{
	make();
	input.initrd_len = 0x1001;
	CHECK_EQ(plan_it(), ERR_OK);
	CHECK_EQ(plan.initrd, FAKE_RAM - 0x2000);
	set(BZIMAGE_INITRD_ADDR_MAX, 4, 0x380fff);
	CHECK_EQ(plan_it(), ERR_OK);
	CHECK_EQ(plan.initrd, 0x37f000);
	set(BZIMAGE_INITRD_ADDR_MAX, 4, 0x380ffe);
	CHECK_EQ(plan_it(), ERR_OK);
	CHECK_EQ(plan.initrd, 0x37e000);
	set(BZIMAGE_INITRD_ADDR_MAX, 4, PREFERRED + ROOM + 0x1fff);
	CHECK_EQ(plan_it(), ERR_OK);
	CHECK_EQ(plan.initrd, PREFERRED + ROOM);
	/* into init_size, beyond the file's part */
	set(BZIMAGE_INITRD_ADDR_MAX, 4, PREFERRED + ROOM + 0x1ffe);
	CHECK_EQ(plan_it(), ERR_INVALID);
	CHECK(strstr(why, "initrd: expected no segment") == why);
	set(BZIMAGE_INITRD_ADDR_MAX, 4, 0x1fffff);
	CHECK_EQ(plan_it(), ERR_OK);
	CHECK_EQ(plan.initrd, 0x1fe000);
}

static u64 ram_number(struct partition *p, u64 gpa, u32 width)
{
	const u8 *at = fake_ram(p, gpa);
	u64 value = 0;

	for (u32 i = 0; i < width; i++) {
		value |= (u64)at[i] << (8 * i);
	}
	return value;
}

static struct partition *written(u64 initrd_len, const char *cmdline)
{
	static u8 pages[IMAGE_PAGES_MAX * PAGE_SIZE];
	struct partition *p = fake_partition(1, 1);

	make();
	input.initrd_len = initrd_len;
	input.cmdline = cmdline;
	input.cmdline_len = strlen(cmdline);
	CHECK_EQ(plan_it(), ERR_OK);
	input.image = file;
	memset(pages, 0, sizeof(pages));
	image_write_pages(&plan, &input, pages);
	CHECK_EQ(image_write(&plan, p, file, "\x77\x78\x79"), ERR_OK);
	return p;
}

static void t_zero_page(void)
{
	struct partition *p = written(3, "a=b c");
	const u64 zero = plan.info;

	/* the header is the file's but for what the loader fills in */
	CHECK_EQ(ram_number(p, zero + BZIMAGE_VERSION, 2), 0x20f);
	CHECK_EQ(ram_number(p, zero + BZIMAGE_INIT_SIZE, 4), ROOM);
	CHECK_EQ(ram_number(p, zero + BZIMAGE_SETUP_SECTS, 1), 1);
	CHECK_EQ(ram_number(p, zero + 0x210, 1), 0xff);
	CHECK_EQ(ram_number(p, zero + 0x214, 4), PREFERRED);
	CHECK_EQ(ram_number(p, zero + 0x218, 4), FAKE_RAM - 0x1000);
	CHECK_EQ(ram_number(p, zero + 0x21c, 4), 3);
	CHECK_STR(fake_ram(p, ram_number(p, zero + 0x228, 4)), "a=b c");
	CHECK_EQ(ram_number(p, zero + 0x70, 8), plan.acpi);
	CHECK(memcmp(fake_ram(p, plan.acpi), "RSD PTR ", 8) == 0);
	CHECK(memcmp(fake_ram(p, FAKE_RAM - 0x1000), "\x77\x78\x79", 3) == 0);
	CHECK(memcmp(fake_ram(p, PREFERRED), file + SETUP_LEN, KERNEL_LEN) ==
	      0);

	/* E820 */
	CHECK_EQ(ram_number(p, zero + 0x1e8, 1), plan.map.count);
	for (u32 i = 0; i < plan.map.count; i++) {
		u64 e = zero + 0x2d0 + (u64)i * 20;

		CHECK_EQ(ram_number(p, e, 8), plan.map.entry[i].addr);
		CHECK_EQ(ram_number(p, e + 8, 8), plan.map.entry[i].size);
		CHECK_EQ(ram_number(p, e + 16, 4), plan.map.entry[i].type);
	}
	/* what is neither header, nor filled in, is 0 */
	CHECK_EQ(ram_number(p, zero, 8), 0);
	CHECK_EQ(ram_number(p, zero + 0x290, 8), 0);
	CHECK_EQ(ram_number(p, zero + 0x2d0 + plan.map.count * 20, 8), 0);
}

static void t_no_initrd_is_none(void)
{
	struct partition *p = written(0, "");

	CHECK_EQ(ram_number(p, plan.info + 0x218, 8), 0);
	CHECK_STR(fake_ram(p, ram_number(p, plan.info + 0x228, 4)), "");
}

/* Walks the tables as a CPU does. */
static void check_identity(struct partition *p, u64 address)
{
	u64 e = ram_number(p, plan.cr3 + (address >> 39) * 8, 8);

	CHECK_EQ(e & 0xfff, 3);
	e = ram_number(p, (e & ~0xfffull) + (address >> 30 & 511) * 8, 8);
	CHECK_EQ(e & 0xfff, 3);
	e = ram_number(p, (e & ~0xfffull) + (address >> 21 & 511) * 8, 8);
	CHECK_EQ(e, (address & ~0x1fffffull) | 0x83);
}

static void t_page_tables_map_4_gib(void)
{
	struct partition *p = written(0, "");

	for (u64 address = 0; address < 4 * GIB; address += 2 * MIB) {
		check_identity(p, address);
	}
	CHECK_EQ(ram_number(p, plan.cr3 + 8, 8), 0);
	CHECK_EQ(ram_number(p, plan.page_gpa[BZIMAGE_PAGE_PDPT] + 32, 8), 0);
}

static void t_gdt_has_boot_segments(void)
{
	struct partition *p = written(0, "");

	CHECK_EQ(ram_number(p, plan.gdt, 8), 0);
	CHECK_EQ(ram_number(p, plan.gdt + 8, 8), 0);
	CHECK_EQ(ram_number(p, plan.gdt + 0x10, 8), 0x00af9b000000ffff);
	CHECK_EQ(ram_number(p, plan.gdt + 0x18, 8), 0x00cf93000000ffff);
}

static const struct test tests[] = {
	{"good_file_is_planned", t_good_file_is_planned},
	{"each_field_is_refused_by_name", t_each_field_is_refused_by_name},
	{"limits_are_taken", t_limits_are_taken},
	{"every_prefix_gets_an_answer", t_every_prefix_gets_an_answer},
	{"syssize_ends_the_kernel", t_syssize_ends_the_kernel},
	{"no_set_up_sectors_are_four", t_no_set_up_sectors_are_four},
	{"preferred_address", t_preferred_address},
	{"initrd_obeys_its_limit", t_initrd_obeys_its_limit},
	{"zero_page", t_zero_page},
	{"no_initrd_is_none", t_no_initrd_is_none},
	{"page_tables_map_4_gib", t_page_tables_map_4_gib},
	{"gdt_has_boot_segments", t_gdt_has_boot_segments},
};

const struct suite suite_bzimage = SUITE("bzimage", tests);
