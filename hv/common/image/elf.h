/* SPDX-License-Identifier: MIT */
/*
 * Reads the program headers of an ELF image for x86, 32 or 64 bits. Everything
 * the file says is checked against the file's length; the caller decides where
 * segments may lie in memory.
 */
#ifndef HV_COMMON_IMAGE_ELF_H
#define HV_COMMON_IMAGE_ELF_H

#include "base/err.h"
#include "base/types.h"

#define ELF_PT_LOAD 1u
#define ELF_PT_NOTE 4u

#define ELF_SEGMENTS_MAX 64 /* program headers */

#define ELF_EM_386    3u
#define ELF_EM_X86_64 62u

struct elf_layout;

struct elf {
	const u8 *file;
	size_t len;
	const struct elf_layout *layout; /* of the file's class */
	bool is_64;                      /* the class */
	u32 machine;                     /* ELF_EM_* */
	u64 entry;
	u64 phoff;
	u32 segment_count; /* program headers of every type */
	char why[160];     /* what elf_open() refused */
};

struct elf_segment {
	u32 type;
	u32 flags;
	u64 offset; /* [offset, offset + filesz) lies inside the file */
	u64 filesz;
	u64 memsz; /* PT_LOAD: not below filesz */
	u64 vaddr; /* PT_LOAD: vaddr + memsz and paddr + memsz do not wrap */
	u64 paddr;
	u64 align;
};

/*
 * Checks the header and all program headers. The image must stay as it is while
 * `e` is used. On ERR_INVALID *why points into *e and names the field, what was
 * expected and what was found.
 *
 * Accepted: ET_EXEC, and ET_DYN as a program that relocates itself.
 */
enum err elf_open(struct elf *e, const void *file, size_t len,
		  const char **why) __must_check;

/*
 * Pre: elf_open() returned ERR_OK. ERR_NOT_FOUND from `idx` = segment_count on.
 */
enum err elf_segment(const struct elf *e, u32 idx,
		     struct elf_segment *segment) __must_check;

#endif
