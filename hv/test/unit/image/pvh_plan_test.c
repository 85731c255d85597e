/* SPDX-License-Identifier: MIT */
/* PVH plans: what is refused, where the parts go, and what the guest finds. */
#include "common/image/image_plan.h"

#include <stdlib.h>
#include <string.h>

#include "common/image/image_write.h"
#include "support/check.h"
#include "support/elf_image.h"
#include "support/fake_partition.h"

static struct elf_image image;
static struct image_plan plan;
static const char *why;
static u32 vp_count; /* 0: no ACPI tables */

struct request {
	u64 initrd_len;
	u64 cmdline_len;
	u64 memory;
};

static enum err plan_for(struct request r)
{
	void *copy = elf_image_copy(&image, ELF_IMAGE_LEN);
	struct image_input input = {
		.image = copy,
		.image_len = ELF_IMAGE_LEN,
		.initrd_len = r.initrd_len,
		.cmdline_len = r.cmdline_len,
		.memory = r.memory,
		.vp_count = vp_count,
	};
	enum err err;

	memset(&plan, 0xa5, sizeof(plan));
	err = image_plan(&plan, &input, &why);
	free(copy);
	return err;
}

static void check_refused(struct request r, const char *text)
{
	CHECK_EQ(plan_for(r), ERR_INVALID);
	CHECK_STR(why, text);
}

static void check_memmap(u32 idx, u64 from, u64 to, u32 type)
{
	CHECK(idx < plan.map.count);
	CHECK_EQ(plan.map.entry[idx].addr, from);
	CHECK_EQ(plan.map.entry[idx].size, to - from);
	CHECK_EQ(plan.map.entry[idx].type, type);
}

static void t_plain_image_is_planned(void)
{
	elf_image_make(&image, true);
	CHECK_EQ(plan_for((struct request){0, 5, 4 * MIB}), ERR_OK);
	CHECK_STR(why, "");
	CHECK_EQ(plan.entry, ELF_IMAGE_ENTRY);
	CHECK_EQ(plan.info, 0x9f000);
	CHECK_EQ(plan.segment_count, 2);
	CHECK_EQ(plan.initrd_len, 0);
	CHECK_EQ(plan.map.count, 3);
	check_memmap(0, 0, 0x9f000, 1);
	check_memmap(1, 0x9f000, 0x100000, 2);
	check_memmap(2, 0x100000, 4 * MIB, 1);
}

static void t_32_bit_image_is_planned(void)
{
	elf_image_make(&image, false);
	CHECK_EQ(plan_for((struct request){0, 0, 3 * GIB}), ERR_OK);
	CHECK_EQ(plan.entry, ELF_IMAGE_ENTRY);
	check_memmap(2, 0x100000, 3 * GIB, 1);
}

static void t_initrd_goes_to_the_top(void)
{
	elf_image_make(&image, true);
	CHECK_EQ(plan_for((struct request){0x1001, 0, 4 * MIB}), ERR_OK);
	CHECK_EQ(plan.initrd, 0x3fe000);
	CHECK_EQ(plan_for((struct request){0x1000, 0, 4 * MIB}), ERR_OK);
	CHECK_EQ(plan.initrd, 0x3ff000);
	/* segment 1 ends at 0x201080: the pages after that one are free */
	CHECK_EQ(plan_for((struct request){0x1fe000, 0, 4 * MIB}), ERR_OK);
	CHECK_EQ(plan.initrd, 0x202000);
	check_refused((struct request){0x1fe001, 0, 4 * MIB},
		      "initrd: expected no segment where it goes, at the top "
		      "of memory, 0x201000 to 0x3ff001");
	check_refused((struct request){3 * MIB + 1, 0, 4 * MIB},
		      "initrd: expected to fit above 1 MiB, found a length of "
		      "0x300001");
	check_refused((struct request){~0ull, 0, 4 * MIB},
		      "initrd: expected to fit above 1 MiB, found a length of "
		      "0xffffffffffffffff");
}

/* Makes segment 1 cover [paddr, paddr + memsz). */
static void move_segment(u64 paddr, u64 memsz)
{
	elf_image_make(&image, true);
	elf_image_ph(&image, 1, ELF_IMAGE_PADDR, paddr);
	elf_image_ph(&image, 1, ELF_IMAGE_MEMSZ, memsz);
}

static void t_start_page_avoids_segments(void)
{
	move_segment(0x90000, 0xf001);
	CHECK_EQ(plan_for((struct request){0, 0, 4 * MIB}), ERR_OK);
	CHECK_EQ(plan.info, 0xa0000);
	move_segment(0x1000, 0xfe000);
	CHECK_EQ(plan_for((struct request){0, 0, 4 * MIB}), ERR_OK);
	CHECK_EQ(plan.info, 0xff000);
	CHECK_EQ(plan.map.count, 3);

	/*
	 * No page is free below 1 MiB: the start page is the one below the
	 * initrd, and is not RAM in the map
	 */
	move_segment(0x9efff, 0x61001);
	CHECK_EQ(plan_for((struct request){0x1000, 0, 4 * MIB}), ERR_OK);
	CHECK_EQ(plan.info, 0x3fe000);
	CHECK_EQ(plan.map.count, 5);
	check_memmap(2, 0x100000, 0x3fe000, 1);
	check_memmap(3, 0x3fe000, 0x3ff000, 2);
	check_memmap(4, 0x3ff000, 4 * MIB, 1);

	/* Without an initrd it is the last page */
	CHECK_EQ(plan_for((struct request){0, 0, 4 * MIB}), ERR_OK);
	CHECK_EQ(plan.info, 0x3ff000);
	CHECK_EQ(plan.map.count, 4);
	check_memmap(3, 0x3ff000, 4 * MIB, 2);
}

static void t_full_memory_is_refused(void)
{
	elf_image_make(&image, true);
	elf_image_ph(&image, 1, ELF_IMAGE_PADDR, 0x3000);
	elf_image_ph(&image, 1, ELF_IMAGE_MEMSZ, 0x100000 - 0x3000);
	elf_image_ph(&image, 0, ELF_IMAGE_MEMSZ, 3 * MIB);
	check_refused((struct request){0, 0, 4 * MIB},
		      "image: expected a free page in 0x9f000 to 0x100000 or "
		      "below the initrd, found a segment at 0x3ff000");
}

static void t_segments_outside_ram_are_refused(void)
{
	move_segment(4 * MIB - 0x1080, 0x1080);
	CHECK_EQ(plan_for((struct request){0, 0, 4 * MIB}), ERR_OK);
	move_segment(4 * MIB - 0x1080, 0x1081);
	check_refused((struct request){0, 0, 4 * MIB},
		      "p_paddr: expected a segment inside the partition's "
		      "memory, found 0x3fef80 to 0x400001");
	move_segment(0xffffffff80000000, 0x1000);
	check_refused((struct request){0, 0, 4 * MIB},
		      "p_paddr: expected a segment inside the partition's "
		      "memory, found 0xffffffff80000000 to "
		      "0xffffffff80001000");
}

static void t_overlapping_segments_are_refused(void)
{
	move_segment(0x100180, 0x80);
	CHECK_EQ(plan_for((struct request){0, 0, 4 * MIB}), ERR_OK);
	move_segment(0xfff80, 0x80);
	CHECK_EQ(plan_for((struct request){0, 0, 4 * MIB}), ERR_OK);
	move_segment(0x10017f, 0x80);
	check_refused((struct request){0, 0, 4 * MIB},
		      "p_paddr: expected segments that do not overlap, found "
		      "a second one at 0x10017f to 0x1001ff");
	move_segment(0xfff80, 0x81);
	CHECK_EQ(plan_for((struct request){0, 0, 4 * MIB}), ERR_INVALID);
	move_segment(0x90000, 0x200000);
	CHECK_EQ(plan_for((struct request){0, 0, 4 * MIB}), ERR_INVALID);
}

static void t_17th_segment_is_refused(void)
{
	static u8 file[64 + 17 * 56];
	struct image_input input = {
		.image = file,
		.image_len = sizeof(file),
		.memory = 4 * MIB,
	};

	elf_image_make(&image, true);
	elf_image_set(&image, 56, 2, 17);
	memcpy(file, image.bytes, 64);
	for (u32 i = 0; i < 17; i++) {
		u64 paddr = 0x200000 + i * 0x1000;
		u8 *header = file + 64 + i * 56;

		header[0] = 1;
		memcpy(header + 24, &paddr, 8);
		header[40] = 1;
	}
	CHECK_EQ(image_plan(&plan, &input, &why), ERR_INVALID);
	CHECK_STR(why, "PT_LOAD: expected at most 16 segments");
}

static void t_note_is_required(void)
{
	elf_image_make(&image, true);
	elf_image_ph(&image, 2, ELF_IMAGE_TYPE, 0);
	check_refused((struct request){0, 0, 4 * MIB},
		      "XEN_ELFNOTE_PHYS32_ENTRY: expected this note (a PVH "
		      "kernel), found none");
	elf_image_make(&image, true);
	elf_image_set(&image, ELF_IMAGE_DESC - 12, 4, 3);
	check_refused((struct request){0, 0, 4 * MIB},
		      "XEN_ELFNOTE_PHYS32_ENTRY: expected 4 or 8 bytes, found "
		      "another length");
}

static void t_entry_of_8_bytes_is_taken(void)
{
	elf_image_make(&image, true);
	elf_image_set(&image, ELF_IMAGE_DESC - 12, 4, 8);
	elf_image_ph(&image, 2, ELF_IMAGE_FILESZ, 0x58);
	CHECK_EQ(plan_for((struct request){0, 0, 4 * MIB}), ERR_OK);
	CHECK_EQ(plan.entry, ELF_IMAGE_ENTRY);
	elf_image_set(&image, ELF_IMAGE_DESC + 4, 4, 1); /* 4 GiB higher */
	check_refused((struct request){0, 0, 4 * MIB},
		      "XEN_ELFNOTE_PHYS32_ENTRY: expected an entry that a "
		      "segment's file part holds, found 0x100100010");
}

static void t_entry_outside_the_code_is_refused(void)
{
	static const u32 entries[] = {0, 0xfffff, 0x100100, 0x17f000, ~0u};

	elf_image_make(&image, true);
	for (size_t i = 0; i < ARRAY_SIZE(entries); i++) {
		elf_image_set(&image, ELF_IMAGE_DESC, 4, entries[i]);
		CHECK_EQ(plan_for((struct request){0, 0, 4 * MIB}),
			 ERR_INVALID);
		CHECK(strstr(why, "PHYS32_ENTRY: expected an entry") != NULL);
	}
	elf_image_set(&image, ELF_IMAGE_DESC, 4, 0x1000ff);
	CHECK_EQ(plan_for((struct request){0, 0, 4 * MIB}), ERR_OK);
}

static void t_bad_requests_are_refused(void)
{
	elf_image_make(&image, true);
	check_refused((struct request){0, 0, 2 * MIB - 0x1000},
		      "memory: expected whole pages, 2M to 3G, found 0x1ff000");
	check_refused((struct request){0, 0, 4 * MIB + 1},
		      "memory: expected whole pages, 2M to 3G, found 0x400001");
	check_refused((struct request){0, 0, 3 * GIB + 4096},
		      "memory: expected whole pages, 2M to 3G, found "
		      "0xc0001000");
	check_refused((struct request){0, 1024, 4 * MIB},
		      "cmdline: expected at most 1023 bytes");
	CHECK_EQ(plan_for((struct request){0, 1023, 4 * MIB}), ERR_OK);
	elf_image_set(&image, 18, 2, 40);
	check_refused((struct request){0, 0, 4 * MIB},
		      "e_machine: expected 62 (x86-64) or 3 (i386), found 40");
}

/* Writes the plan, made for this command line, as the hypervisor does. */
static enum err write_plan(struct partition *p, const char *initrd,
			   const char *cmdline)
{
	static u8 pages[IMAGE_PAGES_MAX * PAGE_SIZE];
	struct image_input input = {
		.cmdline = cmdline,
		.cmdline_len = strlen(cmdline),
		.vp_count = vp_count,
	};

	memset(pages, 0, sizeof(pages));
	image_write_pages(&plan, &input, pages);
	return image_write(&plan, p, image.bytes, initrd);
}

static void check_start_info(struct partition *p, const char *cmdline)
{
	struct hvm_start_info info;
	struct hvm_modlist_entry module;

	memcpy(&info, fake_ram(p, plan.info), sizeof(info));
	CHECK_EQ(info.magic, 0x336ec578);
	CHECK_EQ(info.version, 1);
	CHECK_EQ(info.flags, 0);
	CHECK_EQ(info.nr_modules, 1);
	CHECK_EQ(info.rsdp_paddr, 0);
	CHECK_EQ(info.memmap_entries, plan.map.count);
	CHECK_EQ(info.reserved, 0);
	CHECK_STR(fake_ram(p, info.cmdline_paddr), cmdline);
	CHECK(memcmp(fake_ram(p, info.memmap_paddr), plan.map.entry,
		     plan.map.count * sizeof(plan.map.entry[0])) == 0);
	memcpy(&module, fake_ram(p, info.modlist_paddr), sizeof(module));
	CHECK_EQ(module.paddr, 0x3ff000);
	CHECK_EQ(module.size, 3);
	CHECK_EQ(module.cmdline_paddr, 0);
}

static void t_build_writes_all_of_the_plan(void)
{
	struct partition *p = fake_partition(1, 1);
	const char *cmdline = "suite=all x";
	const u8 *ram = fake_ram(p, 0);
	u64 written = 0;

	elf_image_make(&image, true);
	CHECK_EQ(plan_for((struct request){3, strlen(cmdline), FAKE_RAM}),
		 ERR_OK);
	CHECK_EQ(write_plan(p, "\x11\x12\x13", cmdline), ERR_OK);
	CHECK(memcmp(ram + 0x100000, image.bytes + ELF_IMAGE_CODE, 0x100) == 0);
	CHECK(memcmp(ram + 0x200000, image.bytes + ELF_IMAGE_DATA, 0x80) == 0);
	CHECK(memcmp(ram + 0x3ff000, "\x11\x12\x13", 3) == 0);
	check_start_info(p, cmdline);
	for (u64 gpa = 0; gpa < FAKE_RAM; gpa++) {
		bool is_start = gpa >= 0x9f000 && gpa < 0xa0000;

		written += ram[gpa] != 0 && !is_start;
	}
	CHECK_EQ(written, 0x100 + 0x80 + 3);
}

/* What is a bzImage's signature means nothing in an ELF file. */
static void t_elf_is_no_bzimage(void)
{
	elf_image_make(&image, true);
	elf_image_set(&image, 0x1fe, 2, 0xaa55);
	memcpy(image.bytes + 0x202, "HdrS", 4);
	CHECK_EQ(plan_for((struct request){0, 0, FAKE_RAM}), ERR_OK);
	CHECK_EQ(plan.start, IMAGE_START_PVH);
}

static void t_build_without_modules_says_so(void)
{
	struct partition *p = fake_partition(1, 1);
	struct hvm_start_info info;

	elf_image_make(&image, false);
	CHECK_EQ(plan_for((struct request){0, 0, FAKE_RAM}), ERR_OK);
	CHECK_EQ(write_plan(p, NULL, ""), ERR_OK);
	memcpy(&info, fake_ram(p, plan.info), sizeof(info));
	CHECK_EQ(info.nr_modules, 0);
	CHECK_EQ(info.modlist_paddr, 0);
	CHECK_STR(fake_ram(p, info.cmdline_paddr), "");
}

/* Fills segment 1 over [from, to), and plans with ACPI tables. */
static void plan_beside(u64 from, u64 to, u64 initrd_len)
{
	move_segment(from, to - from);
	vp_count = 3;
	CHECK_EQ(plan_for((struct request){initrd_len, 0, 4 * MIB}), ERR_OK);
	vp_count = 0;
}

static void t_acpi_page_avoids_the_others(void)
{
	plan_beside(0x200000, 0x201000, 0);
	CHECK_EQ(plan.acpi, 0xe0000);
	CHECK_EQ(plan.map.count, 5);
	check_memmap(1, 0x9f000, 0xe0000, 2);
	check_memmap(2, 0xe0000, 0xe1000, 3);
	check_memmap(3, 0xe1000, 0x100000, 2);
	check_memmap(4, 0x100000, 4 * MIB, 1);
	plan_beside(0xe0fff, 0xe2001, 0);
	CHECK_EQ(plan.acpi, 0xe3000);

	/* the start page is before it */
	plan_beside(0x9f000, 0xe1000, 0);
	CHECK_EQ(plan.info, 0xe1000);
	CHECK_EQ(plan.acpi, 0xe2000);

	/* its place is taken, or all of the area: below the initrd */
	plan_beside(0xe0000, 0xf0000, 0x1000);
	CHECK_EQ(plan.info, 0x9f000);
	CHECK_EQ(plan.acpi, 0x3fe000);
	CHECK_EQ(plan.map.count, 5);
	check_memmap(2, 0x100000, 0x3fe000, 1);
	check_memmap(3, 0x3fe000, 0x3ff000, 3);
	check_memmap(4, 0x3ff000, 4 * MIB, 1);
	plan_beside(0x9f000, 0x100000, 0x1000);
	CHECK_EQ(plan.info, 0x3fe000);
	CHECK_EQ(plan.acpi, 0x3fd000);
	CHECK_EQ(plan.map.count, 6);
	check_memmap(3, 0x3fd000, 0x3fe000, 3);
	check_memmap(4, 0x3fe000, 0x3ff000, 2);
}

static void t_no_room_for_acpi_is_refused(void)
{
	move_segment(0xe0000, 0x10000);
	elf_image_ph(&image, 0, ELF_IMAGE_MEMSZ, 3 * MIB);
	vp_count = 1;
	check_refused((struct request){0, 0, 4 * MIB},
		      "image: expected a free page in 0xe0000 to 0xf0000 or "
		      "below the initrd, for the ACPI tables, found a segment "
		      "at 0x3ff000");
	vp_count = 0;
}

static void t_start_info_names_the_tables(void)
{
	struct partition *p = fake_partition(1, 1);
	struct hvm_start_info info;

	elf_image_make(&image, true);
	vp_count = 5;
	CHECK_EQ(plan_for((struct request){0, 0, FAKE_RAM}), ERR_OK);
	CHECK_EQ(write_plan(p, NULL, ""), ERR_OK);
	memcpy(&info, fake_ram(p, plan.info), sizeof(info));
	CHECK_EQ(info.rsdp_paddr, plan.acpi);
	CHECK(memcmp(fake_ram(p, plan.acpi), "RSD PTR ", 8) == 0);
	vp_count = 0;
}

static void t_build_reports_a_failed_write(void)
{
	struct partition *p = fake_partition(1, 1);

	elf_image_make(&image, true);
	CHECK_EQ(plan_for((struct request){1, 1, FAKE_RAM}), ERR_OK);
	for (u32 n = 1; n <= 4; n++) {
		fake.fail_write_guest = n;
		CHECK_EQ(write_plan(p, "i", "c"), ERR_RANGE);
	}
}

static const struct test tests[] = {
	{"plain_image_is_planned", t_plain_image_is_planned},
	{"32_bit_image_is_planned", t_32_bit_image_is_planned},
	{"initrd_goes_to_the_top", t_initrd_goes_to_the_top},
	{"start_page_avoids_segments", t_start_page_avoids_segments},
	{"full_memory_is_refused", t_full_memory_is_refused},
	{"segments_outside_ram_are_refused",
	 t_segments_outside_ram_are_refused},
	{"overlapping_segments_are_refused",
	 t_overlapping_segments_are_refused},
	{"17th_segment_is_refused", t_17th_segment_is_refused},
	{"note_is_required", t_note_is_required},
	{"entry_of_8_bytes_is_taken", t_entry_of_8_bytes_is_taken},
	{"entry_outside_the_code_is_refused",
	 t_entry_outside_the_code_is_refused},
	{"bad_requests_are_refused", t_bad_requests_are_refused},
	{"build_writes_all_of_the_plan", t_build_writes_all_of_the_plan},
	{"elf_is_no_bzimage", t_elf_is_no_bzimage},
	{"build_without_modules_says_so", t_build_without_modules_says_so},
	{"acpi_page_avoids_the_others", t_acpi_page_avoids_the_others},
	{"no_room_for_acpi_is_refused", t_no_room_for_acpi_is_refused},
	{"start_info_names_the_tables", t_start_info_names_the_tables},
	{"build_reports_a_failed_write", t_build_reports_a_failed_write},
};

const struct suite suite_pvh = SUITE("pvh", tests);
