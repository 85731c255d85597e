/* SPDX-License-Identifier: MIT */
/*
 * The symbol table of an ELF file, for addresses in reports. The file may say
 * anything: every offset is checked against its length.
 */
#ifndef HV_COMMON_IMAGE_ELF_SYMBOLS_H
#define HV_COMMON_IMAGE_ELF_SYMBOLS_H

#include "base/err.h"
#include "base/types.h"
#include "common/image/elf.h"

#define ELF_SYMBOLS_MAX (1u << 20) /* entries of the table */

/* How far above a symbol without a size an address still belongs to it */
#define ELF_SYMBOLS_REACH (64ull << 10)

/* Length of a name that is printed, with the NUL */
#define ELF_SYMBOLS_NAME_MAX 64

struct elf_symbols_layout;

struct elf_symbols {
	const struct elf_symbols_layout *layout; /* of the file's class */
	const u8 *table;
	u32 count; /* entries, with the empty first one */
	const u8 *names;
	u64 names_len;
	struct elf elf; /* of the same file */
	char why[160];  /* what elf_symbols_open() refused */
};

/* A search that goes on from call to call; starts with the address, the rest 0
 */
struct elf_symbols_search {
	u64 address;
	u64 best_value; /* where the best starts */
	u32 next;       /* the entry to look at */
	u32 best;       /* the nearest entry so far, 0: none */
};

/*
 * Finds the table of type SHT_SYMTAB and its names. The file must stay as it is
 * while `s` is used. On ERR_INVALID *why points into *s and says what was
 * expected and what was found.
 */
enum err elf_symbols_open(struct elf_symbols *s, const void *file, size_t len,
			  const char **why) __must_check;

/*
 * Looks at up to `count` more entries (20 to 65 instructions for each); true
 * when it was the last one. The best is the function, or the symbol without a
 * type, that starts nearest below the address and reaches it: by its size, or
 * by ELF_SYMBOLS_REACH if it has none.
 */
bool elf_symbols_look(const struct elf_symbols *s,
		      struct elf_symbols_search *search, u32 count);

/*
 * Writes the name of the search's best, with ? for what is not printable ASCII,
 * cut to the room; *offset is how far above it the address is. Pre: there is a
 * best.
 */
void elf_symbols_name(const struct elf_symbols *s,
		      const struct elf_symbols_search *search,
		      char name[ELF_SYMBOLS_NAME_MAX], u64 *offset);

#endif
