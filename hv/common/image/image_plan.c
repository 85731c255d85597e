/* SPDX-License-Identifier: MIT */
/*
 * The kinds of image, told apart by their content, and what all of them share:
 * limits, the ACPI tables, the memory map.
 */
#include "common/image/image_plan.h"

#include "config.h" /* include/config.h */

#include "common/guest_acpi/guest_acpi.h"
#include "common/image/bzimage_plan.h"
#include "common/image/image_format.h"
#include "common/image/image_place.h"
#include "common/image/image_why.h"
#include "common/image/pvh_plan.h"
#include "common/lib/mem.h"

/* Where a guest looks for an RSDP that nobody told it of */
#define ACPI_BASE 0xe0000ull
#define ACPI_END  0xf0000ull

/* The first row says what is wrong with a file of no kind. */
static const struct image_format *const formats[] = {
	&pvh_format,
	&bzimage_format,
};

static const struct image_format *find_format(const void *image, size_t len)
{
	for (u32 i = 0; i < ARRAY_SIZE(formats); i++) {
		if (formats[i]->probe(image, len)) {
			return formats[i];
		}
	}
	return formats[0];
}

static enum err check_input(struct image_plan *plan,
			    const struct image_input *input)
{
	u64 memory = input->memory;

	if (memory < IMAGE_MEMORY_MIN || memory > CONFIG_MEMORY_MAX ||
	    (memory & ~PAGE_MASK) != 0) {
		return image_why_number(plan,
					"memory: expected whole pages, 2M to "
					"3G, found",
					memory);
	}
	if (input->cmdline_len >= CONFIG_CMDLINE_MAX) {
		return image_why(plan, "cmdline: expected at most 1023 bytes");
	}
	return ERR_OK;
}

/* The last page of the plan. */
static enum err place_acpi(struct image_plan *plan, u32 vp_count)
{
	if (vp_count == 0) {
		return ERR_OK;
	}
	return image_place_page(plan, ACPI_BASE, ACPI_END,
				"image: expected a free page in 0xe0000 to "
				"0xf0000 or below the initrd, for the ACPI "
				"tables, found a segment at",
				&plan->acpi);
}

static void make_map(struct image_plan *plan, u64 memory)
{
	guest_map_make(&plan->map, memory);
	for (u32 i = 0; i < plan->page_count; i++) {
		u64 gpa = plan->page_gpa[i];

		guest_map_mark(&plan->map, gpa,
			       gpa == plan->acpi
				       ? XEN_HVM_MEMMAP_TYPE_ACPI
				       : XEN_HVM_MEMMAP_TYPE_RESERVED);
	}
}

enum err image_plan(struct image_plan *plan, const struct image_input *input,
		    const char **why)
{
	enum err err;

	memset(plan, 0, sizeof(*plan));
	*why = plan->why;
	plan->initrd_len = input->initrd_len;
	plan->format = find_format(input->image, input->image_len);
	err = check_input(plan, input);
	if (err == ERR_OK) {
		err = plan->format->plan(plan, input);
	}
	if (err == ERR_OK) {
		err = place_acpi(plan, input->vp_count);
	}
	if (err == ERR_OK) {
		make_map(plan, input->memory);
	}
	return err;
}

void image_write_pages(struct image_plan *plan, const struct image_input *input,
		       u8 *pages)
{
	plan->pages = pages;
	plan->format->write(plan, input, pages);
	if (plan->acpi != 0) {
		(void)guest_acpi_write(pages + (plan->page_count - 1) *
						       PAGE_SIZE,
				       (u32)plan->acpi, input->vp_count);
	}
}

/* The segments, the initrd, the pages */
bool image_part(const struct image_plan *plan, const void *image,
		const void *initrd, u32 number, struct image_part *part)
{
	if (number < plan->segment_count) {
		const struct image_segment *s = &plan->segments[number];

		*part = (struct image_part){
			(const u8 *)image + s->offset, {s->gpa}, s->filesz};
		return true;
	}
	number -= plan->segment_count;
	if (number == 0) {
		*part = (struct image_part){
			initrd, {plan->initrd}, plan->initrd_len};
		return true;
	}
	number--;
	if (number < plan->page_count) {
		*part = (struct image_part){plan->pages + number * PAGE_SIZE,
					    {plan->page_gpa[number]},
					    PAGE_SIZE};
		return true;
	}
	return false;
}
