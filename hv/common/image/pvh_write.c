/* SPDX-License-Identifier: MIT */
/* Writes a PVH plan into guest memory: segments, initrd and start page. */
#include "common/image/pvh_write.h"

#include "config.h" /* include/config.h */

#include "core/port/port.h"

/* The start page, from its first byte on. What follows cmdline stays 0. */
struct start_page {
	struct hvm_start_info info;
	struct hvm_modlist_entry module;
	struct hvm_memmap_table_entry memmap[PVH_MEMMAP_MAX];
	/* the command line follows, with a final 0 */
};

_Static_assert(sizeof(struct start_page) + CONFIG_CMDLINE_MAX <= PAGE_SIZE,
	       "all of it is one page");

static enum err write_segments(const struct pvh_plan *plan, struct partition *p,
			       const u8 *image)
{
	for (u32 i = 0; i < plan->segment_count; i++) {
		const struct pvh_segment *s = &plan->segments[i];
		enum err err;

		if (s->filesz == 0) {
			continue;
		}
		err = port_write_guest(p, (gpa_t){s->gpa}, image + s->offset,
				       s->filesz);
		if (err != ERR_OK) {
			return err;
		}
	}
	return ERR_OK;
}

static struct start_page make_start_page(const struct pvh_plan *plan)
{
	u64 page = plan->start_info;
	bool has_initrd = plan->initrd_len > 0;
	struct start_page start = {
		.info =
			{
				.magic = XEN_HVM_START_MAGIC,
				.version = 1,
				.nr_modules = has_initrd ? 1 : 0,
				.cmdline_paddr =
					page + sizeof(struct start_page),
				.memmap_paddr =
					page +
					offsetof(struct start_page, memmap),
				.memmap_entries = plan->memmap_count,
			},
	};

	if (has_initrd) {
		start.info.modlist_paddr =
			page + offsetof(struct start_page, module);
		start.module.paddr = plan->initrd;
		start.module.size = plan->initrd_len;
	}
	for (u32 i = 0; i < plan->memmap_count; i++) {
		start.memmap[i] = plan->memmap[i];
	}
	return start;
}

enum err pvh_write(const struct pvh_plan *plan, struct partition *p,
		   const void *image, const void *initrd, const char *cmdline)
{
	struct start_page start = make_start_page(plan);
	gpa_t page = {plan->start_info};
	gpa_t text = {plan->start_info + sizeof(start)};
	enum err err = write_segments(plan, p, image);

	if (err == ERR_OK && plan->initrd_len > 0) {
		err = port_write_guest(p, (gpa_t){plan->initrd}, initrd,
				       plan->initrd_len);
	}
	if (err == ERR_OK && plan->cmdline_len > 0) {
		err = port_write_guest(p, text, cmdline, plan->cmdline_len);
	}
	if (err == ERR_OK) {
		err = port_write_guest(p, page, &start, sizeof(start));
	}
	return err;
}
