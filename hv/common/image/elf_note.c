/* SPDX-License-Identifier: MIT */
/* Notes of an ELF image: found by owner and type. */
#include "common/image/elf_note.h"

#include "common/lib/bytes.h"

#define NOTE_HEADER 12 /* namesz, descsz, type: 4 bytes each */

/* What one note takes; every sum is below 2^35, so nothing wraps. */
struct note {
	u64 name_len; /* with the final 0 */
	u64 desc_len;
	u64 type;
	u64 desc; /* offset from the note's start */
	u64 end;  /* the same; desc_len only, without padding */
};

static u64 round_up(u64 number, u64 align)
{
	return (number + align - 1) & ~(align - 1);
}

static struct note read_note(const u8 *at, u64 align)
{
	struct note n = {
		.name_len = bytes_number(at, 4),
		.desc_len = bytes_number(at + 4, 4),
		.type = bytes_number(at + 8, 4),
	};

	n.desc = round_up(NOTE_HEADER + n.name_len, align);
	n.end = n.desc + n.desc_len;
	return n;
}

static bool is_named(const u8 *bytes, u64 len, const char *name)
{
	u64 i = 0;

	while (i < len && name[i] != 0 && bytes[i] == (u8)name[i]) {
		i++;
	}
	return i + 1 == len && name[i] == 0 && bytes[i] == 0;
}

/* Looks through [bytes, bytes + len): the notes of one segment. */
static const u8 *find_in(const u8 *bytes, u64 len, u64 align, const char *name,
			 u32 type, size_t *desc_len)
{
	u64 at = 0;

	while (at < len && len - at >= NOTE_HEADER) {
		const u8 *start = bytes + at;
		struct note n = read_note(start, align);

		if (n.end > len - at) {
			return NULL;
		}
		if (n.type == type &&
		    is_named(start + NOTE_HEADER, n.name_len, name)) {
			*desc_len = n.desc_len;
			return start + n.desc;
		}
		at += round_up(n.end, align);
	}
	return NULL;
}

/* Only 64-bit files pad to 8, and say so by p_align. */
static u64 padding(const struct elf *e, const struct elf_segment *s)
{
	return e->is_64 && s->align == 8 ? 8 : 4;
}

enum err elf_find_note(const struct elf *e, const char *name, u32 type,
		       const void **desc, size_t *desc_len)
{
	struct elf_segment s;

	for (u32 i = 0; elf_segment(e, i, &s) == ERR_OK; i++) {
		const u8 *found;

		if (s.type != ELF_PT_NOTE || s.filesz == 0) {
			continue;
		}
		found = find_in(e->file + s.offset, s.filesz, padding(e, &s),
				name, type, desc_len);
		if (found != NULL) {
			*desc = found;
			return ERR_OK;
		}
	}
	return ERR_NOT_FOUND;
}
