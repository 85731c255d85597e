/* SPDX-License-Identifier: MIT */
/*
 * Fuzz target: 4 bytes that choose memory, initrd and command line, then any
 * bytes as a guest image. An accepted plan must lie in RAM without overlaps,
 * and pvh_write() must keep to it in the fake machine.
 */
#include "common/image/pvh_write.h"

#include <string.h>

#include "common/image/elf_note.h"
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
static void check_overlap(const struct pvh_plan *plan, u32 idx)
{
	const struct pvh_segment *s = &plan->segments[idx];

	for (u32 i = 0; i < idx; i++) {
		FUZZ_EXPECT(is_disjoint(s->gpa, s->memsz, plan->segments[i].gpa,
					plan->segments[i].memsz));
	}
}

static void check_segments(const struct pvh_plan *plan)
{
	bool has_entry = false;

	for (u32 i = 0; i < plan->segment_count; i++) {
		const struct pvh_segment *s = &plan->segments[i];

		FUZZ_EXPECT(s->memsz <= memory && s->gpa <= memory - s->memsz);
		FUZZ_EXPECT(s->filesz <= s->memsz);
		FUZZ_EXPECT(is_disjoint(s->gpa, s->memsz, plan->start_info,
					PAGE_SIZE));
		FUZZ_EXPECT(is_disjoint(s->gpa, s->memsz, plan->initrd,
					plan->initrd_len));
		check_overlap(plan, i);
		has_entry |= plan->entry >= s->gpa &&
			     plan->entry < s->gpa + s->filesz;
	}
	FUZZ_EXPECT(has_entry);
}

/* The map is ascending, without holes, and the start page is not RAM in it. */
static void check_memmap(const struct pvh_plan *plan)
{
	u64 next = 0;

	for (u32 i = 0; i < plan->memmap_count; i++) {
		const struct hvm_memmap_table_entry *e = &plan->memmap[i];

		FUZZ_EXPECT(e->addr == next && e->size > 0);
		FUZZ_EXPECT(e->type == XEN_HVM_MEMMAP_TYPE_RESERVED ||
			    is_disjoint(e->addr, e->size, plan->start_info,
					PAGE_SIZE));
		next = e->addr + e->size;
	}
	FUZZ_EXPECT(next == memory);
	FUZZ_EXPECT(plan->initrd <= memory - plan->initrd_len);
	FUZZ_EXPECT(is_disjoint(plan->initrd, plan->initrd_len,
				plan->start_info, PAGE_SIZE));
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

/*
 * The fake RAM lies between inaccessible pages, so that a write beside it ends
 * the run.
 */
static void build(const struct pvh_plan *plan, const void *image)
{
	static struct partition *partition;

	if (partition == NULL) {
		fake_reset();
		partition = fake_partition(1, 1);
	}
	FUZZ_EXPECT(pvh_write(plan, partition, image, initrd, cmdline) ==
		    ERR_OK);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct pvh_plan plan;
	const uint8_t *image = data + REQUEST_LEN;
	struct pvh_input input;
	const char *why;

	if (len < REQUEST_LEN) {
		return 0;
	}
	len -= REQUEST_LEN;
	memory = (u64)data[0] << 21;
	input = (struct pvh_input){
		.image = image,
		.image_len = len,
		.initrd_len = data[1] * PAGE_SIZE + (data[2] & 1),
		.cmdline_len = (u64)data[3] << 2,
		.memory = memory,
	};
	check_elf(image, len);
	if (pvh_plan(&plan, &input, &why) != ERR_OK) {
		FUZZ_EXPECT(strstr(why, "expected ") != NULL);
		return 0;
	}
	check_segments(&plan);
	check_memmap(&plan);
	if (memory == FAKE_RAM) {
		build(&plan, image);
	}
	return 0;
}
