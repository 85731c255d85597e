/* SPDX-License-Identifier: MIT */
/* Names of a symbol table, and the addresses that they stand for. */
#ifndef HV_COMMON_IMAGE_ELF_SYMBOLS_FIND_H
#define HV_COMMON_IMAGE_ELF_SYMBOLS_FIND_H

#include "common/image/elf_symbols.h"

/*
 * Entry `number` as a name for addresses: its value, and the name, which is not
 * terminated by more than the end of the file. False: it has no name, is not
 * defined, or is no function, object or symbol without a type; or there is no
 * such entry.
 */
bool elf_symbols_entry(const struct elf_symbols *s, u32 number,
		       const char **name, size_t *len, u64 *value);

/*
 * Looks for the first entry with that name at or after *next, among `count`
 * entries. True: *value is its address. *next: where to go on; s->count after
 * the last one.
 */
bool elf_symbols_find(const struct elf_symbols *s, const char *name, size_t len,
		      u32 *next, u32 count, u64 *value);

/* Where a loader puts what the image has at that address. */
bool elf_symbols_physical(const struct elf_symbols *s, u64 address,
			  u64 *physical);

#endif
