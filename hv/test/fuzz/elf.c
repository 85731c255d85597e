/* SPDX-License-Identifier: MIT */
/*
 * Fuzz target: 4 bytes that choose memory, initrd and command line, then any
 * bytes as a guest image and as a file of symbols. An accepted plan must lie in
 * RAM without overlaps, and image_write() must keep to it in the fake machine.
 */
#include "common/image/image_write.h"

#include <string.h>

#include "common/image/elf_note.h"
#include "common/image/elf_symbols.h"
#include "fuzz/fuzz.h"
#include "support/fake_partition.h"

#define REQUEST_LEN 4
#define INITRD_MAX  (255 * PAGE_SIZE + 1)

static u64 memory;
static u8 initrd[INITRD_MAX];
static char cmdline[1024];

static bool is_disjoint(u64 a, u64 a_len, u64 b, u64 b_len)
{
	return a + a_len <= b || b + b_len <= a || a_len == 0 || b_len == 0;
}

/* Segment `idx` overlaps none before it. */
static void check_overlap(const struct image_plan *plan, u32 idx)
{
	const struct image_segment *s = &plan->segments[idx];

	for (u32 i = 0; i < idx; i++) {
		FUZZ_EXPECT(is_disjoint(s->gpa, s->memsz, plan->segments[i].gpa,
					plan->segments[i].memsz));
	}
}

static void check_segments(const struct image_plan *plan)
{
	bool has_entry = false;

	for (u32 i = 0; i < plan->segment_count; i++) {
		const struct image_segment *s = &plan->segments[i];

		FUZZ_EXPECT(s->memsz <= memory && s->gpa <= memory - s->memsz);
		FUZZ_EXPECT(s->filesz <= s->memsz);
		for (u32 p = 0; p < plan->page_count; p++) {
			FUZZ_EXPECT(is_disjoint(s->gpa, s->memsz,
						plan->page_gpa[p], PAGE_SIZE));
		}
		FUZZ_EXPECT(is_disjoint(s->gpa, s->memsz, plan->initrd,
					plan->initrd_len));
		check_overlap(plan, i);
		has_entry |= plan->entry >= s->gpa &&
			     plan->entry < s->gpa + s->filesz;
	}
	FUZZ_EXPECT(has_entry);
}

/* A page is in the map as what it is, and beside the initrd. */
static void check_page(const struct image_plan *plan, u64 gpa)
{
	u32 type = gpa == plan->acpi ? XEN_HVM_MEMMAP_TYPE_ACPI
				     : XEN_HVM_MEMMAP_TYPE_RESERVED;

	FUZZ_EXPECT(gpa < memory && gpa % PAGE_SIZE == 0);
	FUZZ_EXPECT(
		is_disjoint(plan->initrd, plan->initrd_len, gpa, PAGE_SIZE));
	for (u32 i = 0; i < plan->map.count; i++) {
		const struct hvm_memmap_table_entry *e = &plan->map.entry[i];

		FUZZ_EXPECT(is_disjoint(e->addr, e->size, gpa, PAGE_SIZE) ||
			    e->type == type);
	}
}

/* The map is ascending, without holes. */
static void check_memmap(const struct image_plan *plan)
{
	u64 next = 0;

	for (u32 i = 0; i < plan->map.count; i++) {
		const struct hvm_memmap_table_entry *e = &plan->map.entry[i];

		FUZZ_EXPECT(e->addr == next && e->size > 0);
		next = e->addr + e->size;
	}
	FUZZ_EXPECT(next == memory);
	FUZZ_EXPECT(plan->initrd <= memory - plan->initrd_len);
	for (u32 i = 0; i < plan->page_count; i++) {
		check_page(plan, plan->page_gpa[i]);
		for (u32 j = 0; j < i; j++) {
			FUZZ_EXPECT(plan->page_gpa[i] != plan->page_gpa[j]);
		}
	}
}

static void check_elf(const void *image, size_t len)
{
	struct elf elf;
	struct elf_segment s;
	const char *why;
	const void *desc;
	size_t desc_len;

	if (elf_open(&elf, image, len, &why) != ERR_OK) {
		FUZZ_EXPECT(strstr(why, "expected ") != NULL);
		return;
	}
	for (u32 i = 0; elf_segment(&elf, i, &s) == ERR_OK; i++) {
		FUZZ_EXPECT(s.type != ELF_PT_LOAD || s.filesz == 0 ||
			    (s.offset <= len && s.filesz <= len - s.offset));
	}
	if (elf_find_note(&elf, "GNU", 3, &desc, &desc_len) == ERR_OK) {
		u64 at = (u64)((const u8 *)desc - (const u8 *)image);

		FUZZ_EXPECT(at <= len && desc_len <= len - at);
	}
}

/* An address that comes from the file, so that some searches succeed. */
static void check_symbols(const void *image, size_t len)
{
	struct elf_symbols symbols;
	struct elf_symbols_search search = {0};
	char name[ELF_SYMBOLS_NAME_MAX];
	const char *why;
	u64 offset;

	if (elf_symbols_open(&symbols, image, len, &why) != ERR_OK) {
		FUZZ_EXPECT(strstr(why, "expected ") != NULL);
		return;
	}
	memcpy(&search.address, (const u8 *)image + len - sizeof(u64),
	       sizeof(u64));
	while (!elf_symbols_look(&symbols, &search, 3)) {
		FUZZ_EXPECT(search.next < symbols.count);
	}
	if (search.best != 0) {
		elf_symbols_name(&symbols, &search, name, &offset);
		FUZZ_EXPECT(strlen(name) > 0 && strlen(name) < sizeof(name));
		FUZZ_EXPECT(search.best_value + offset == search.address);
	}
}

/*
 * The fake RAM lies between inaccessible pages, so that a write beside it ends
 * the run.
 */
static void build(struct image_plan *plan, const struct image_input *input)
{
	static struct partition *partition;
	static u8 pages[IMAGE_PAGES_MAX * PAGE_SIZE];

	if (partition == NULL) {
		fake_reset();
		partition = fake_partition(1, 1);
	}
	memset(pages, 0, sizeof(pages));
	image_write_pages(plan, input, pages);
	FUZZ_EXPECT(image_write(plan, partition, input->image, initrd) ==
		    ERR_OK);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct image_plan plan;
	const uint8_t *image = data + REQUEST_LEN;
	struct image_input input;
	const char *why;

	if (len < REQUEST_LEN) {
		return 0;
	}
	len -= REQUEST_LEN;
	memory = (u64)data[0] << 21;
	input = (struct image_input){
		.image = image,
		.image_len = len,
		.initrd_len = data[1] * PAGE_SIZE + (data[2] & 1),
		.cmdline = cmdline,
		.cmdline_len = (u64)data[3] << 2,
		.memory = memory,
		.vp_count = data[2] >> 1,
	};
	check_elf(image, len);
	check_symbols(image, len);
	if (image_plan(&plan, &input, &why) != ERR_OK) {
		FUZZ_EXPECT(strstr(why, "expected ") != NULL);
		return 0;
	}
	check_segments(&plan);
	check_memmap(&plan);
	if (memory == FAKE_RAM) {
		build(&plan, &input);
	}
	return 0;
}
