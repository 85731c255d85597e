/* SPDX-License-Identifier: MIT */
/*
 * Where a PVH guest's segments, initrd and start page go, and what its memory
 * map says. Low to high: RAM, [0x9f000, 1 MiB) reserved, RAM, the initrd last.
 */
#include "common/image/pvh_plan.h"

#include "config.h" /* include/config.h */

#include "common/image/elf_note.h"
#include "common/lib/bytes.h"
#include "common/lib/mem.h"
#include "common/lib/text.h"

static enum err refuse(struct pvh_plan *plan, const char *words)
{
	struct text t = text_start(plan->why, sizeof(plan->why));

	text_put(&t, words);
	return ERR_INVALID;
}

static enum err refuse_number(struct pvh_plan *plan, const char *words,
			      u64 number)
{
	struct text t = text_start(plan->why, sizeof(plan->why));

	text_put(&t, words);
	text_put(&t, " ");
	text_hex(&t, number);
	return ERR_INVALID;
}

/* Refuses with `words` and the range [base, base + len) */
static enum err refuse_range(struct pvh_plan *plan, const char *words, u64 base,
			     u64 len)
{
	struct text t = text_start(plan->why, sizeof(plan->why));

	text_put(&t, words);
	text_put(&t, " ");
	text_hex(&t, base);
	text_put(&t, " to ");
	text_hex(&t, base + len);
	return ERR_INVALID;
}

/* The segment that shares a byte with [base, base + len), or NULL. */
static const struct pvh_segment *find_overlap(const struct pvh_plan *plan,
					      u64 base, u64 len)
{
	for (u32 i = 0; i < plan->segment_count; i++) {
		const struct pvh_segment *s = &plan->segments[i];

		if (base < s->gpa + s->memsz && s->gpa < base + len) {
			return s;
		}
	}
	return NULL;
}

static enum err add_segment(struct pvh_plan *plan, const struct elf_segment *s,
			    u64 memory)
{
	if (plan->segment_count == PVH_SEGMENTS_MAX) {
		return refuse(plan, "PT_LOAD: expected at most 16 segments");
	}
	if (s->memsz > memory || s->paddr > memory - s->memsz) {
		return refuse_range(plan,
				    "p_paddr: expected a segment inside the "
				    "partition's memory, found",
				    s->paddr, s->memsz);
	}
	if (find_overlap(plan, s->paddr, s->memsz) != NULL) {
		return refuse_range(plan,
				    "p_paddr: expected segments that do not "
				    "overlap, found a second one at",
				    s->paddr, s->memsz);
	}
	plan->segments[plan->segment_count] = (struct pvh_segment){
		.offset = s->offset,
		.filesz = s->filesz,
		.gpa = s->paddr,
		.memsz = s->memsz,
	};
	plan->segment_count++;
	return ERR_OK;
}

static enum err plan_segments(struct pvh_plan *plan, const struct elf *elf,
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
static enum err plan_entry(struct pvh_plan *plan, const struct elf *elf)
{
	const void *desc;
	size_t desc_len;
	u64 entry;

	if (elf_find_note(elf, "Xen", XEN_ELFNOTE_PHYS32_ENTRY, &desc,
			  &desc_len) != ERR_OK) {
		return refuse(plan, "XEN_ELFNOTE_PHYS32_ENTRY: expected this "
				    "note (a PVH kernel), found none");
	}
	if (desc_len != 4 && desc_len != 8) {
		return refuse(plan, "XEN_ELFNOTE_PHYS32_ENTRY: expected 4 or 8 "
				    "bytes, found another length");
	}
	entry = bytes_number(desc, desc_len);
	for (u32 i = 0; i < plan->segment_count; i++) {
		const struct pvh_segment *s = &plan->segments[i];

		if (entry >= s->gpa && entry - s->gpa < s->filesz) {
			plan->entry = (u32)entry;
			return ERR_OK;
		}
	}
	return refuse_number(plan,
			     "XEN_ELFNOTE_PHYS32_ENTRY: expected an entry that "
			     "a segment's file part holds, found",
			     entry);
}

static enum err plan_initrd(struct pvh_plan *plan, u64 memory)
{
	u64 base;

	if (plan->initrd_len > memory - PVH_RESERVED_END) {
		return refuse_number(plan,
				     "initrd: expected to fit above 1 MiB, "
				     "found a length of",
				     plan->initrd_len);
	}
	base = (memory - plan->initrd_len) & PAGE_MASK;
	if (plan->initrd_len > 0 &&
	    find_overlap(plan, base, memory - base) != NULL) {
		return refuse_range(plan,
				    "initrd: expected no segment where it "
				    "goes, at the top of memory,",
				    base, plan->initrd_len);
	}
	plan->initrd = base;
	return ERR_OK;
}

/*
 * A page that no segment uses: in the reserved area, which is not RAM to the
 * guest anyway, else the page below the initrd (or below the top).
 */
static enum err plan_start_page(struct pvh_plan *plan)
{
	u64 gpa = PVH_RESERVED_BASE;

	while (gpa < PVH_RESERVED_END &&
	       find_overlap(plan, gpa, PAGE_SIZE) != NULL) {
		gpa += PAGE_SIZE;
	}
	if (gpa == PVH_RESERVED_END) {
		gpa = plan->initrd - PAGE_SIZE;
	}
	if (find_overlap(plan, gpa, PAGE_SIZE) != NULL) {
		return refuse_number(plan,
				     "image: expected a free page in 0x9f000 "
				     "to 0x100000 or below the initrd, found "
				     "a segment at",
				     gpa);
	}
	plan->start_info = (u32)gpa;
	return ERR_OK;
}

static void add_memmap(struct pvh_plan *plan, u64 from, u64 to, u32 type)
{
	if (from < to) {
		plan->memmap[plan->memmap_count] =
			(struct hvm_memmap_table_entry){
				.addr = from,
				.size = to - from,
				.type = type,
			};
		plan->memmap_count++;
	}
}

static void plan_memmap(struct pvh_plan *plan, u64 memory)
{
	u64 page = plan->start_info;
	u64 page_end = page + PAGE_SIZE;

	add_memmap(plan, 0, PVH_RESERVED_BASE, XEN_HVM_MEMMAP_TYPE_RAM);
	add_memmap(plan, PVH_RESERVED_BASE, PVH_RESERVED_END,
		   XEN_HVM_MEMMAP_TYPE_RESERVED);
	if (page < PVH_RESERVED_END) {
		page = memory;
		page_end = memory;
	}
	add_memmap(plan, PVH_RESERVED_END, page, XEN_HVM_MEMMAP_TYPE_RAM);
	add_memmap(plan, page, page_end, XEN_HVM_MEMMAP_TYPE_RESERVED);
	add_memmap(plan, page_end, memory, XEN_HVM_MEMMAP_TYPE_RAM);
}

static enum err open_image(struct pvh_plan *plan, struct elf *elf,
			   const struct pvh_input *input)
{
	const char *why;
	enum err err = elf_open(elf, input->image, input->image_len, &why);

	if (err != ERR_OK) {
		(void)refuse(plan, why);
	}
	return err;
}

enum err pvh_plan(struct pvh_plan *plan, const struct pvh_input *input,
		  const char **why)
{
	u64 memory = input->memory;
	struct elf elf;
	enum err err;

	memset(plan, 0, sizeof(*plan));
	*why = plan->why;
	plan->initrd_len = input->initrd_len;
	plan->cmdline_len = input->cmdline_len;
	if (memory < PVH_MEMORY_MIN || memory > CONFIG_MEMORY_MAX ||
	    (memory & ~PAGE_MASK) != 0) {
		return refuse_number(plan,
				     "memory: expected whole pages, 2M to 3G, "
				     "found",
				     memory);
	}
	if (input->cmdline_len >= CONFIG_CMDLINE_MAX) {
		return refuse(plan, "cmdline: expected at most 1023 bytes");
	}
	err = open_image(plan, &elf, input);
	if (err == ERR_OK) {
		err = plan_segments(plan, &elf, memory);
	}
	if (err == ERR_OK) {
		err = plan_entry(plan, &elf);
	}
	if (err == ERR_OK) {
		err = plan_initrd(plan, memory);
	}
	if (err == ERR_OK) {
		err = plan_start_page(plan);
	}
	if (err == ERR_OK) {
		plan_memmap(plan, memory);
	}
	return err;
}
