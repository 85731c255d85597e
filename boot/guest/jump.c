/* SPDX-License-Identifier: MIT */
/*
 * The kernel is linked to fixed addresses, which boot services may still use.
 * So its segments stay in memory that this loader allocates below 4 GiB until
 * boot services have ended. Then enter_pvh.S copies them with paging off,
 * because the destination may hold the firmware's page tables and stack.
 */
#include "jump.h"

#include "common/lib/mem.h"

#include "console.h"
#include "firmware.h"
#include "memory.h"
#include "memory_map.h"
#include "services.h"

#define AP_PAGE    0x8000ull /* guest-test/kernel/layout.h */
#define PIC_MASTER 0x21
#define PIC_SLAVE  0xa1
#define PIC_MASK   0xff

/* One copy for enter_pvh.S to make; an entry with `to` = 0 ends the list. */
struct copy {
	u32 to;
	u32 from;
	u32 len;
	u32 zeros; /* after it */
};

/*
 * What the kernel gets, in one page that the map shows as RAM: the kernel has
 * to read it before it uses the page
 */
struct info_page {
	struct hvm_start_info info;
	struct copy copies[IMAGE_SEGMENTS_MAX + 1];
	struct pvh_map map;
	char cmdline[CONFIG_CMDLINE_MAX];
};
_Static_assert(sizeof(struct info_page) <= PAGE_SIZE, "one page");

typedef void enter_fn(const struct copy *copies, u64 entry, u64 start_info);

extern const u8 enter_pvh_begin[];
extern const u8 enter_pvh_end[];

static struct handoff_range code;
static struct handoff_range page;
static struct handoff_range staging;

static bool is_free(UINT32 type)
{
	return type == EfiConventionalMemory || type == EfiBootServicesCode ||
	       type == EfiBootServicesData;
}

/*
 * Memory of loaders is RAM for the kernel, but no segment may be copied there.
 */
static bool is_ram(UINT32 type)
{
	return is_free(type) || type == EfiLoaderCode || type == EfiLoaderData;
}

/* Converts the memory map that was read last to the format of PVH. */
static enum err make_map(struct pvh_map *map, bool (*is_kind)(UINT32 type))
{
	EFI_MEMORY_DESCRIPTOR range;

	map->count = 0;
	for (u32 i = 0; services_range(i, &range); i++) {
		enum err err;

		if (!is_kind(range.Type)) {
			continue;
		}
		err = pvh_map_add(map, range.PhysicalStart,
				  range.NumberOfPages * PAGE_SIZE,
				  XEN_HVM_MEMMAP_TYPE_RAM);
		if (err != ERR_OK) {
			return err;
		}
	}
	return ERR_OK;
}

static bool is_place_free(const struct pvh_map *map, u64 base, u64 len)
{
	if (!pvh_map_is_ram(map, base, len)) {
		console_line("memory: expected 0x%lx to 0x%lx free for the "
			     "kernel, found it in use",
			     base, base + len);
		return false;
	}
	return true;
}

static EFI_STATUS check_places(const struct image_plan *plan)
{
	static struct pvh_map map;

	if (EFI_ERROR(services_read_map()) ||
	    make_map(&map, is_free) != ERR_OK) {
		console_line("memory: expected a memory map of at most %u "
			     "ranges of RAM",
			     PVH_MAP_MAX);
		return EFI_UNSUPPORTED;
	}
	for (u32 i = 0; i < plan->segment_count; i++) {
		if (!is_place_free(&map, plan->segments[i].gpa,
				   plan->segments[i].memsz)) {
			return EFI_OUT_OF_RESOURCES;
		}
	}
	return is_place_free(&map, AP_PAGE, PAGE_SIZE) ? EFI_SUCCESS
						       : EFI_OUT_OF_RESOURCES;
}

/* Copies the segments out of the file and writes the list of copies. */
static void stage(const struct image_plan *plan, const u8 *image)
{
	struct info_page *to = memory_pointer(page.base);
	u64 at = staging.base;

	for (u32 i = 0; i < plan->segment_count; i++) {
		const struct image_segment *s = &plan->segments[i];

		memcpy(memory_pointer(at), image + s->offset, s->filesz);
		to->copies[i] = (struct copy){
			.to = (u32)s->gpa,
			.from = (u32)at,
			.len = (u32)s->filesz,
			.zeros = (u32)(s->memsz - s->filesz),
		};
		at += s->filesz;
	}
	to->copies[plan->segment_count].to = 0;
}

EFI_STATUS jump_prepare(const struct image_plan *plan,
			const struct image_input *input)
{
	u64 len = 0;
	struct info_page *to;

	for (u32 i = 0; i < plan->segment_count; i++) {
		len += plan->segments[i].filesz;
	}
	if (!memory_take(len, PAGE_SIZE, MEMORY_BELOW_4G, &staging) ||
	    !memory_take_zeroed(PAGE_SIZE, PAGE_SIZE, MEMORY_BELOW_4G, &page) ||
	    !memory_take_code(&code) || !services_take_map()) {
		console_line("memory: expected %lu KiB below 4 GiB, found %lu "
			     "KiB in one piece",
			     ((len + 1023) >> 10) + 32,
			     services_largest(PAGE_SIZE, MEMORY_BELOW_4G) >>
				     10);
		return EFI_OUT_OF_RESOURCES;
	}
	to = memory_pointer(page.base);
	memcpy(to->cmdline, input->cmdline, input->cmdline_len);
	memcpy(memory_pointer(code.base), enter_pvh_begin,
	       (size_t)(enter_pvh_end - enter_pvh_begin));
	stage(plan, input->image);
	return check_places(plan);
}

static void out8(u16 port, u8 value)
{
	__asm__ volatile("outb %0, %1" : : "a"(value), "Nd"(port));
}

EFI_STATUS jump(const struct image_plan *plan)
{
	struct info_page *to = memory_pointer(page.base);
	enter_fn *enter = (enter_fn *)(uintptr_t)code.base;
	EFI_STATUS status;

	console_line("leaving boot services");
	status = services_end();
	if (EFI_ERROR(status)) {
		return status;
	}
	/* the firmware's timer must not interrupt the kernel */
	out8(PIC_MASTER, PIC_MASK);
	out8(PIC_SLAVE, PIC_MASK);
	/* Cannot fail unless the map has grown since jump_prepare(): memory
	   that was allocated since then is RAM too. If it has grown, the kernel
	   gets the first entries */
	(void)make_map(&to->map, is_ram);
	to->info = (struct hvm_start_info){
		.magic = XEN_HVM_START_MAGIC,
		.version = 1,
		.cmdline_paddr =
			page.base + offsetof(struct info_page, cmdline),
		.memmap_paddr = page.base + offsetof(struct info_page, map) +
				offsetof(struct pvh_map, entries),
		.memmap_entries = to->map.count,
	};
	enter(to->copies, (u32)plan->entry, page.base);
	return EFI_LOAD_ERROR; /* enter_pvh.S does not return */
}
