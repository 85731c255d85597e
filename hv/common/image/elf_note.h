/* SPDX-License-Identifier: MIT */
/* Notes of an ELF image. */
#ifndef HV_COMMON_IMAGE_ELF_NOTE_H
#define HV_COMMON_IMAGE_ELF_NOTE_H

#include "common/image/elf.h"

/*
 * First note of that owner and type in a PT_NOTE segment; a segment is read up
 * to the first note that does not fit into it. ERR_NOT_FOUND if none.
 */
enum err elf_find_note(const struct elf *e, const char *name, u32 type,
		       const void **desc, size_t *desc_len) __must_check;

#endif
