/* SPDX-License-Identifier: MIT */
/*
 * Where a PVH guest's segments, initrd and start page go, and what the start
 * page says.
 */
#include "common/image/pvh_plan.h"

#include "config.h" /* include/config.h */

#include "common/image/elf_note.h"
#include "common/image/image_place.h"
#include "common/image/image_why.h"
#include "common/lib/bytes.h"
#include "common/lib/mem.h"

#define ELF_MAGIC 0x464c457fu

/* The start page, from its first byte on */
struct start_page {
	struct hvm_start_info info;
	struct hvm_modlist_entry module;
	struct hvm_memmap_table_entry memmap[GUEST_MAP_MAX];
	char cmdline[CONFIG_CMDLINE_MAX]; /* with a final 0 */
};

_Static_assert(sizeof(struct start_page) <= PAGE_SIZE, "all of it is one page");

static bool is_elf(const void *image, size_t len)
{
	return len >= 4 && bytes_number(image, 4) == ELF_MAGIC;
}

static enum err add_segment(struct image_plan *plan,
			    const struct elf_segment *s, u64 memory)
{
	if (plan->segment_count == IMAGE_SEGMENTS_MAX) {
		return image_why(plan, "PT_LOAD: expected at most 16 segments");
	}
	if (s->memsz > memory || s->paddr > memory - s->memsz) {
		return image_why_range(plan,
				       "p_paddr: expected a segment inside the "
				       "partition's memory, found",
				       s->paddr, s->memsz);
	}
	if (image_place_is_taken(plan, s->paddr, s->memsz)) {
		return image_why_range(plan,
				       "p_paddr: expected segments that do not "
				       "overlap, found a second one at",
				       s->paddr, s->memsz);
	}
	plan->segments[plan->segment_count] = (struct image_segment){
		.offset = s->offset,
		.filesz = s->filesz,
		.gpa = s->paddr,
		.memsz = s->memsz,
	};
	plan->segment_count++;
	return ERR_OK;
}

static enum err plan_segments(struct image_plan *plan, const struct elf *elf,
			      u64 memory)
{
	struct elf_segment s;

	for (u32 i = 0; elf_segment(elf, i, &s) == ERR_OK; i++) {
		enum err err;

		if (s.type != ELF_PT_LOAD || s.memsz == 0) {
			continue;
		}
		err = add_segment(plan, &s, memory);
		if (err != ERR_OK) {
			return err;
		}
	}
	return ERR_OK;
}

/* The note's number is 4 bytes, or 8 as 64-bit assemblers write it. */
static enum err plan_entry(struct image_plan *plan, const struct elf *elf)
{
	const void *desc;
	size_t desc_len;
	u64 entry;

	if (elf_find_note(elf, "Xen", XEN_ELFNOTE_PHYS32_ENTRY, &desc,
			  &desc_len) != ERR_OK) {
		return image_why(plan,
				 "XEN_ELFNOTE_PHYS32_ENTRY: expected this "
				 "note (a PVH kernel), found none");
	}
	if (desc_len != 4 && desc_len != 8) {
		return image_why(plan,
				 "XEN_ELFNOTE_PHYS32_ENTRY: expected 4 or 8 "
				 "bytes, found another length");
	}
	entry = bytes_number(desc, desc_len);
	for (u32 i = 0; i < plan->segment_count; i++) {
		const struct image_segment *s = &plan->segments[i];

		if (entry >= s->gpa && entry - s->gpa < s->filesz) {
			plan->entry = entry;
			return ERR_OK;
		}
	}
	return image_why_number(plan,
				"XEN_ELFNOTE_PHYS32_ENTRY: expected an entry "
				"that a segment's file part holds, found",
				entry);
}

static enum err open_image(struct image_plan *plan, struct elf *elf,
			   const struct image_input *input)
{
	const char *why;
	enum err err = elf_open(elf, input->image, input->image_len, &why);

	if (err != ERR_OK) {
		(void)image_why(plan, why);
	}
	return err;
}

static enum err make_plan(struct image_plan *plan,
			  const struct image_input *input)
{
	u64 memory = input->memory;
	struct elf elf;
	enum err err = open_image(plan, &elf, input);

	if (err == ERR_OK) {
		err = plan_segments(plan, &elf, memory);
	}
	if (err == ERR_OK) {
		err = plan_entry(plan, &elf);
	}
	if (err == ERR_OK) {
		err = image_place_initrd(plan, memory);
	}
	if (err == ERR_OK) {
		err = image_place_page(plan, GUEST_MAP_HOLE_BASE,
				       GUEST_MAP_HOLE_END,
				       "image: expected a free page in 0x9f000 "
				       "to 0x100000 or below the initrd, found "
				       "a segment at",
				       &plan->info);
	}
	plan->start = IMAGE_START_PVH;
	return err;
}

static void make_pages(const struct image_plan *plan,
		       const struct image_input *input, u8 *pages)
{
	struct start_page *page = (struct start_page *)pages;

	page->info = (struct hvm_start_info){
		.magic = XEN_HVM_START_MAGIC,
		.version = 1,
		.cmdline_paddr =
			plan->info + offsetof(struct start_page, cmdline),
		.rsdp_paddr = plan->acpi,
		.memmap_paddr =
			plan->info + offsetof(struct start_page, memmap),
		.memmap_entries = plan->map.count,
	};
	if (plan->initrd_len > 0) {
		page->info.nr_modules = 1;
		page->info.modlist_paddr =
			plan->info + offsetof(struct start_page, module);
		page->module.paddr = plan->initrd;
		page->module.size = plan->initrd_len;
	}
	memcpy(page->memmap, plan->map.entry, sizeof(page->memmap));
	memcpy(page->cmdline, input->cmdline, input->cmdline_len);
}

const struct image_format pvh_format = {is_elf, make_plan, make_pages};
