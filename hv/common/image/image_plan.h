/* SPDX-License-Identifier: MIT */
/*
 * Boots a guest from an image: image_plan() decides from the image where
 * everything goes and finds every reason to refuse it; image_write_pages()
 * makes what is not in a file; image_part() lists what has to be copied.
 * The kinds of image are the rows of a table in image_plan.c.
 */
#ifndef HV_COMMON_IMAGE_IMAGE_PLAN_H
#define HV_COMMON_IMAGE_IMAGE_PLAN_H

#include "base/err.h"
#include "common/image/guest_map.h"

#define IMAGE_SEGMENTS_MAX 16 /* PT_LOAD with memory */
#define IMAGE_PAGES_MAX    9

#define IMAGE_MEMORY_MIN (2 * MIB)

struct image_format;

/* In which state VP 0 starts: core/vp/vmcs_plan.h */
enum image_start {
	IMAGE_START_PVH,
	IMAGE_START_LINUX, /* 64-bit boot protocol */
};

struct image_input {
	const void *image;
	size_t image_len;
	u64 initrd_len;      /* 0: none */
	const char *cmdline; /* not read by image_plan() */
	u64 cmdline_len;     /* without the NUL */
	u64 memory;          /* bytes of RAM at 0 */
	u32 vp_count;        /* 0: the guest gets no ACPI tables */
};

/* Bytes of the image that go to one place, and zeroes after them */
struct image_segment {
	u64 offset; /* in the image */
	u64 filesz;
	u64 gpa;
	u64 memsz;
};

struct image_plan {
	const struct image_format *format;
	enum image_start start;
	u64 entry;      /* guest-physical, inside a segment's file part */
	u64 info;       /* guest-physical: what the image's protocol passes */
	u64 initrd;     /* guest-physical */
	u64 initrd_len; /* 0: none */
	u64 cr3;        /* IMAGE_START_LINUX: guest-physical */
	u64 gdt;        /* the same */
	u64 acpi;       /* guest-physical page of the tables, 0: none */
	u32 segment_count;
	struct image_segment segments[IMAGE_SEGMENTS_MAX];
	u32 page_count; /* pages that image_write_pages() makes */
	u64 page_gpa[IMAGE_PAGES_MAX];
	const u8 *pages; /* set by image_write_pages() */
	u64 top;         /* pages from here on are taken, or RAM ends here */
	struct guest_map map;
	char why[160];
};

/* Bytes that go to one place; len may be 0. */
struct image_part {
	const void *from;
	gpa_t to;
	u64 len;
};

/*
 * Plans for a guest with `input->memory` bytes of RAM (whole pages, at most
 * 3 GiB). ERR_INVALID: *why, inside *plan, says what is wrong with the image
 * or does not fit, and the rest of *plan must not be used.
 */
enum err image_plan(struct image_plan *plan, const struct image_input *input,
		    const char **why) __must_check;

/*
 * Makes the pages that are in no file. Pre: image_plan() of this input returned
 * ERR_OK; `pages` are plan->page_count pages, all 0. They must stay as they are
 * while the plan is used.
 */
void image_write_pages(struct image_plan *plan, const struct image_input *input,
		       u8 *pages);

/*
 * Part `number` of what the guest's RAM, all 0 before, has to contain, counted
 * from 0. False: there are fewer parts. Pre: image_write_pages() was called.
 */
bool image_part(const struct image_plan *plan, const void *image,
		const void *initrd, u32 number, struct image_part *part);

#endif
