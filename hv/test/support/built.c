/* SPDX-License-Identifier: MIT */
/* Partitions made from a handoff (see built.h). */
#include "support/built.h"

#include <stdio.h>
#include <string.h>

#include "support/fake_memory.h"

struct handoff built_handoff;
struct elf_image built_image;
u8 built_initrd[5000];
struct symbol_file built_symbols;

/*
 * Guest RAM of the handoff. It is 2 MiB aligned, and the memory after its end
 * is poisoned.
 */
static u64 take_ram(void)
{
	u8 *memory = fake_take(BUILT_RAM + 4 * MIB);

	return ((u64)(uintptr_t)memory + 2 * MIB - 1) & ~(2 * MIB - 1);
}

void built_describe(u32 number, u32 vps, u32 stride)
{
	struct config_partition *config =
		&built_handoff.config.partition[number];
	struct handoff_partition *part = &built_handoff.partition[number];

	snprintf(config->name, sizeof(config->name), "p%u", number);
	snprintf(config->cmdline, sizeof(config->cmdline), "a=b %u", number);
	config->vps = vps;
	config->vp_index_stride = stride;
	config->memory = BUILT_RAM;
	part->memory = (struct handoff_range){take_ram(), BUILT_RAM};
	part->image.len = ELF_IMAGE_LEN;
	part->initrd.len = 0;
	part->symbols.len = 0;
	symbol_file_make(&built_symbols, true);
	memset(built_initrd, 0x5a, sizeof(built_initrd));
	elf_image_make(&built_image, true);
}

struct partition *built_make(u32 number)
{
	const struct partition_files files = {built_image.bytes, built_initrd,
					      built_symbols.bytes};

	return build_partition(&built_handoff, number, &files);
}
