/* SPDX-License-Identifier: MIT */
/*
 * What a bzImage's header must say, and where the kernel, the initrd and the
 * pages go. The kernel is the part of the file after the set-up code.
 */
#include "common/image/bzimage_plan.h"

#include "config.h" /* include/config.h */

#include "common/image/bzimage_header.h"
#include "common/image/bzimage_write.h"
#include "common/image/image_place.h"
#include "common/image/image_why.h"
#include "base/bits.h"
#include "common/lib/bytes.h"

#define SIGNATURE 0x53726448u /* HdrS */

#define SETUP_SECTS_OLD 4u /* what 0 means */

struct rule {
	u16 offset;
	u8 width;
	u32 mask;
	u32 least;
	u32 most;
	const char *words;
};

/* Fields that can be judged alone, in the order of checks */
static const struct rule rules[] = {
	{.offset = BZIMAGE_BOOT_FLAG,
	 .width = 2,
	 .mask = 0xffff,
	 .least = 0xaa55,
	 .most = 0xaa55,
	 .words = "boot_flag: expected 0xaa55, found"},
	{.offset = BZIMAGE_VERSION,
	 .width = 2,
	 .mask = 0xffff,
	 .least = 0x20c,
	 .most = 0xffff,
	 .words = "version: expected 0x20c (boot protocol 2.12) or above, "
		  "found"},
	{.offset = BZIMAGE_HEADER_LEN,
	 .width = 1,
	 .mask = 0xff,
	 .least = BZIMAGE_READ_LEN - BZIMAGE_HEADER,
	 .most = BZIMAGE_HEADER_END - BZIMAGE_HEADER,
	 .words = "jump: expected a header of 0x62 to 0x8e bytes, found"},
	{.offset = BZIMAGE_LOADFLAGS,
	 .width = 1,
	 .mask = BIT(0),
	 .least = BIT(0),
	 .most = BIT(0),
	 .words = "loadflags: expected bit 0 (a bzImage, not a zImage), "
		  "found"},
	{.offset = BZIMAGE_XLOADFLAGS,
	 .width = 2,
	 .mask = BIT(0),
	 .least = BIT(0),
	 .most = BIT(0),
	 .words = "xloadflags: expected bit 0 (a 64-bit kernel; one of 32 bits "
		  "starts as a PVH vmlinux), found"},
	{.offset = BZIMAGE_INIT_SIZE,
	 .width = 4,
	 .mask = ~0u,
	 .least = BZIMAGE_ENTRY_64 + 1,
	 .most = ~0u,
	 .words = "init_size: expected more than the entry's 0x200, found"},
};

static u64 field(const struct image_input *input, u32 offset, u32 width)
{
	return bytes_number((const u8 *)input->image + offset, width);
}

/* The kernel of the file, and where it goes */
struct kernel {
	u64 offset; /* in the file */
	u64 len;
	u64 base;
	u64 room; /* at least len */
};

static bool is_bzimage(const void *image, size_t len)
{
	return len >= BZIMAGE_HEADER + 4 &&
	       bytes_number((const u8 *)image + BZIMAGE_HEADER, 4) == SIGNATURE;
}

static enum err check_rules(struct image_plan *plan,
			    const struct image_input *input)
{
	if (input->image_len < BZIMAGE_READ_LEN) {
		return image_why_number(plan,
					"file: expected a whole header, "
					"found a length of",
					input->image_len);
	}
	for (u32 i = 0; i < ARRAY_SIZE(rules); i++) {
		const struct rule *rule = &rules[i];
		u64 value = field(input, rule->offset, rule->width);
		u64 part = value & rule->mask;

		if (part < rule->least || part > rule->most) {
			return image_why_number(plan, rule->words, value);
		}
	}
	return ERR_OK;
}

/*
 * What follows the last whole paragraph, such as a signature, is not the
 * kernel's. Its last paragraph need not be whole.
 */
static enum err find_kernel(struct image_plan *plan,
			    const struct image_input *input, struct kernel *k)
{
	u64 sects = field(input, BZIMAGE_SETUP_SECTS, 1);
	u64 wanted = field(input, BZIMAGE_SYSSIZE, 4) * BZIMAGE_PARAGRAPH;
	u64 rest;

	sects = sects == 0 ? SETUP_SECTS_OLD : sects;
	k->offset = (sects + 1) * BZIMAGE_SECTOR;
	if (k->offset >= input->image_len) {
		return image_why_number(plan,
					"setup_sects: expected the kernel's "
					"place inside the file, found",
					sects);
	}
	rest = input->image_len - k->offset;
	if (wanted <= BZIMAGE_ENTRY_64 || wanted >= rest + BZIMAGE_PARAGRAPH) {
		return image_why_number(plan,
					"syssize: expected a kernel of more "
					"than 0x200 bytes, up to the file's "
					"end; found a length of",
					wanted);
	}
	k->len = wanted < rest ? wanted : rest;
	return ERR_OK;
}

/*
 * A kernel that cannot be moved goes to its preferred address too: it would
 * move itself there. Without one it is 1 MiB, where all kernels once began.
 */
static enum err place_kernel(struct image_plan *plan,
			     const struct image_input *input, struct kernel *k)
{
	u64 alignment = field(input, BZIMAGE_ALIGNMENT, 4);
	u64 init_size = field(input, BZIMAGE_INIT_SIZE, 4);
	u64 wanted = field(input, BZIMAGE_PREF_ADDRESS, 8);

	k->room = init_size > k->len ? init_size : k->len;
	k->base = wanted == 0 ? GUEST_MAP_HOLE_END : wanted;
	if (field(input, BZIMAGE_RELOCATABLE, 1) != 0) {
		if (alignment == 0 || (alignment & (alignment - 1)) != 0) {
			return image_why_number(plan,
						"kernel_alignment: expected a "
						"power of two, found",
						alignment);
		}
		k->base = (k->base + alignment - 1) & ~(alignment - 1);
	}
	if (wanted > CONFIG_MEMORY_MAX || k->base < GUEST_MAP_HOLE_END) {
		return image_why_number(plan,
					"pref_address: expected 0 or 1 MiB to "
					"3 GiB, found",
					wanted);
	}
	if (k->room > input->memory || k->base > input->memory - k->room) {
		return image_why_range(plan,
				       "init_size: expected room inside the "
				       "partition's memory, found the need of",
				       k->base, k->room);
	}
	return ERR_OK;
}

static enum err place_initrd(struct image_plan *plan,
			     const struct image_input *input)
{
	u64 end = field(input, BZIMAGE_INITRD_ADDR_MAX, 4) + 1;

	if (end < GUEST_MAP_HOLE_END) {
		return image_why_number(plan,
					"initrd_addr_max: expected 0xfffff or "
					"above, found",
					end - 1);
	}
	if (end > input->memory) {
		end = input->memory;
	}
	return image_place_initrd(plan, end & PAGE_MASK);
}

static enum err check_cmdline(struct image_plan *plan,
			      const struct image_input *input)
{
	u64 most = field(input, BZIMAGE_CMDLINE_SIZE, 4);

	if (input->cmdline_len > most) {
		return image_why_number(plan,
					"cmdline_size: expected room for the "
					"key cmdline, found",
					most);
	}
	return ERR_OK;
}

static enum err place_all(struct image_plan *plan,
			  const struct image_input *input)
{
	struct kernel k = {0};
	enum err err = find_kernel(plan, input, &k);

	if (err == ERR_OK) {
		err = place_kernel(plan, input, &k);
	}
	if (err != ERR_OK) {
		return err;
	}
	plan->segments[0] = (struct image_segment){
		.offset = k.offset,
		.filesz = k.len,
		.gpa = k.base,
		.memsz = k.room,
	};
	plan->segment_count = 1;
	plan->entry = k.base + BZIMAGE_ENTRY_64;
	return place_initrd(plan, input);
}

/* All pages lie in the hole below 1 MiB, where no kernel is. */
static enum err make_plan(struct image_plan *plan,
			  const struct image_input *input)
{
	enum err err = check_rules(plan, input);

	if (err == ERR_OK) {
		err = check_cmdline(plan, input);
	}
	if (err == ERR_OK) {
		err = place_all(plan, input);
	}
	if (err != ERR_OK) {
		return err;
	}
	for (u32 i = 0; i < BZIMAGE_PAGES; i++) {
		image_place_at(plan, GUEST_MAP_HOLE_BASE + i * PAGE_SIZE);
	}
	plan->start = IMAGE_START_LINUX;
	plan->info = plan->page_gpa[BZIMAGE_PAGE_ZERO];
	plan->cr3 = plan->page_gpa[BZIMAGE_PAGE_PML4];
	plan->gdt = plan->page_gpa[BZIMAGE_PAGE_TEXT] + BZIMAGE_GDT_OFFSET;
	return ERR_OK;
}

const struct image_format bzimage_format = {is_bzimage, make_plan,
					    bzimage_write};
