/* SPDX-License-Identifier: MIT */
/* The zero page, the command line, the GDT and the page tables of a bzImage. */
#include "common/image/bzimage_write.h"

#include "config.h" /* include/config.h */

#include "common/image/bzimage_header.h"
#include "common/lib/mem.h"
#include "x86/pte.h"
#include "x86/seg.h"

_Static_assert(CONFIG_CMDLINE_MAX <= BZIMAGE_GDT_OFFSET, "both in one page");

static void put(u8 *at, u32 width, u64 value)
{
	for (u32 i = 0; i < width; i++) {
		at[i] = (u8)(value >> (8 * i));
	}
}

/* The file's header, which ends inside the file: the plan has looked. */
static void copy_header(u8 *zero, const u8 *image)
{
	u32 len = BZIMAGE_HEADER - BZIMAGE_SETUP_SECTS +
		  image[BZIMAGE_HEADER_LEN];

	memcpy(zero + BZIMAGE_SETUP_SECTS, image + BZIMAGE_SETUP_SECTS, len);
}

static void put_map(u8 *zero, const struct guest_map *map)
{
	for (u32 i = 0; i < map->count; i++) {
		u8 *e = zero + BZIMAGE_E820_TABLE + i * BZIMAGE_E820_LEN;

		put(e, 8, map->entry[i].addr);
		put(e + 8, 8, map->entry[i].size);
		put(e + 16, 4, map->entry[i].type);
	}
	put(zero + BZIMAGE_E820_ENTRIES, 1, map->count);
}

static void write_zero_page(const struct image_plan *plan, const u8 *image,
			    u8 *zero)
{
	u64 text = plan->page_gpa[BZIMAGE_PAGE_TEXT];

	copy_header(zero, image);
	put(zero + BZIMAGE_TYPE_OF_LOADER, 1, BZIMAGE_LOADER_UNDEFINED);
	put(zero + BZIMAGE_CODE32_START, 4, plan->segments[0].gpa);
	if (plan->initrd_len > 0) {
		put(zero + BZIMAGE_RAMDISK_IMAGE, 4, plan->initrd);
		put(zero + BZIMAGE_RAMDISK_SIZE, 4, plan->initrd_len);
	}
	put(zero + BZIMAGE_CMD_LINE_PTR, 4, text);
	put(zero + BZIMAGE_ACPI_RSDP_ADDR, 8, plan->acpi);
	put_map(zero, &plan->map);
}

static void put_entry(u8 *pages, u32 page, u32 idx, u64 entry)
{
	put(pages + page * PAGE_SIZE + (u64)idx * 8, 8, entry);
}

/* [0, 4 GiB) onto itself, in pages of 2 MiB */
static void write_tables(const struct image_plan *plan, u8 *pages)
{
	const u64 *gpa = plan->page_gpa;
	u64 table = PTE_PRESENT | PTE_WRITE;

	put_entry(pages, BZIMAGE_PAGE_PML4, 0, gpa[BZIMAGE_PAGE_PDPT] | table);
	for (u32 i = 0; i < 4; i++) {
		put_entry(pages, BZIMAGE_PAGE_PDPT, i,
			  gpa[BZIMAGE_PAGE_PD + i] | table);
	}
	for (u32 i = 0; i < 4 * 512; i++) {
		put_entry(pages, BZIMAGE_PAGE_PD, i,
			  i * (2 * MIB) | table | PTE_LARGE);
	}
}

/* Selectors 0x10 and 0x18, as the protocol wants: __BOOT_CS and __BOOT_DS */
static void write_gdt(u8 *gdt)
{
	put(gdt + 0x10, 8,
	    SEG_KERNEL_CODE | SEG_LIMIT_LOW | SEG_LIMIT_HIGH | SEG_GRANULARITY);
	put(gdt + 0x18, 8,
	    SEG_KERNEL_DATA | SEG_LIMIT_LOW | SEG_LIMIT_HIGH | SEG_GRANULARITY);
}

void bzimage_write(const struct image_plan *plan,
		   const struct image_input *input, u8 *pages)
{
	u8 *text = pages + BZIMAGE_PAGE_TEXT * PAGE_SIZE;

	write_zero_page(plan, input->image,
			pages + BZIMAGE_PAGE_ZERO * PAGE_SIZE);
	memcpy(text, input->cmdline, input->cmdline_len);
	write_gdt(text + BZIMAGE_GDT_OFFSET);
	write_tables(plan, pages);
}
