/* SPDX-License-Identifier: MIT */
/*
 * The ELF header and program headers, for both classes: two tables say where
 * each field lies, one says which values the header may have.
 */
#include "common/image/elf.h"

#include "common/lib/bytes.h"
#include "common/lib/text.h"

#define IDENT_LEN 16

/* Offset of a field from the start of its header, and its width in bytes */
struct field {
	u8 offset;
	u8 width;
};

struct elf_layout {
	u8 header_len;
	u8 phdr_len;
	struct field entry;
	struct field phoff;
	struct field phentsize;
	struct field phnum;
	/* in a program header */
	struct field type;
	struct field flags;
	struct field seg_offset;
	struct field vaddr;
	struct field paddr;
	struct field filesz;
	struct field memsz;
	struct field align;
};

/* System V ABI, "ELF Header" and "Program Header", by EI_CLASS */
/* clang-format off */
static const struct elf_layout layouts[] = {
	[1] = {
		.header_len = 52, .phdr_len = 32,
		.entry = {24, 4}, .phoff = {28, 4},
		.phentsize = {42, 2}, .phnum = {44, 2},
		.type = {0, 4}, .flags = {24, 4}, .seg_offset = {4, 4},
		.vaddr = {8, 4}, .paddr = {12, 4},
		.filesz = {16, 4}, .memsz = {20, 4}, .align = {28, 4},
	},
	[2] = {
		.header_len = 64, .phdr_len = 56,
		.entry = {24, 8}, .phoff = {32, 8},
		.phentsize = {54, 2}, .phnum = {56, 2},
		.type = {0, 4}, .flags = {4, 4}, .seg_offset = {8, 8},
		.vaddr = {16, 8}, .paddr = {24, 8},
		.filesz = {32, 8}, .memsz = {40, 8}, .align = {48, 8},
	},
};

/* Fields that lie at the same place in both classes, in the order of checks */
static const struct rule {
	const char *name;
	struct field field;
	u32 value;
	u32 or_value;
	const char *expected;
} rules[] = {
	{"EI_MAG", {0, 4}, 0x464c457f, 0x464c457f, "0x464c457f (an ELF file)"},
	{"EI_CLASS", {4, 1}, 1, 2, "1 (32 bits) or 2 (64 bits)"},
	{"EI_DATA", {5, 1}, 1, 1, "1 (little endian)"},
	{"EI_VERSION", {6, 1}, 1, 1, "1"},
	{"e_type", {16, 2}, 2, 3, "2 (executable) or 3 (shared)"},
	{"e_machine", {18, 2}, ELF_EM_X86_64, ELF_EM_386,
	 "62 (x86-64) or 3 (i386)"},
	{"e_version", {20, 4}, 1, 1, "1"},
};
/* clang-format on */

static u64 get(const u8 *header, struct field field)
{
	return bytes_number(header + field.offset, field.width);
}

/* Small numbers are read more easily in decimal, addresses in hexadecimal. */
static void put_found(struct text *t, u64 number)
{
	text_put(t, ", found ");
	if (number < 65536) {
		text_dec(t, number);
	} else {
		text_hex(t, number);
	}
}

static enum err refuse(struct elf *e, const char *name, const char *expected,
		       u64 found)
{
	struct text t = text_start(e->why, sizeof(e->why));

	text_put(&t, name);
	text_put(&t, ": expected ");
	text_put(&t, expected);
	put_found(&t, found);
	return ERR_INVALID;
}

static enum err refuse_segment(struct elf *e, u32 idx, const char *expected,
			       u64 found)
{
	struct text t = text_start(e->why, sizeof(e->why));

	text_put(&t, "program header ");
	text_dec(&t, idx);
	text_put(&t, ": expected ");
	text_put(&t, expected);
	put_found(&t, found);
	return ERR_INVALID;
}

static enum err check_rules(struct elf *e)
{
	for (u32 i = 0; i < ARRAY_SIZE(rules); i++) {
		u64 value;

		if (rules[i].field.offset + rules[i].field.width > e->len) {
			return refuse(e, "file", "an ELF header", e->len);
		}
		value = get(e->file, rules[i].field);
		if (value != rules[i].value && value != rules[i].or_value) {
			return refuse(e, rules[i].name, rules[i].expected,
				      value);
		}
	}
	return ERR_OK;
}

/*
 * Fills in what the header says about the table of program headers. Pre: the
 * class is known.
 */
static enum err check_header(struct elf *e)
{
	const struct elf_layout *layout = e->layout;
	u64 count;
	u64 phentsize;

	if (e->len < layout->header_len) {
		return refuse(e, "file", "an ELF header", e->len);
	}
	e->machine = (u32)bytes_number(e->file + 18, 2);
	e->entry = get(e->file, layout->entry);
	e->phoff = get(e->file, layout->phoff);
	count = get(e->file, layout->phnum);
	phentsize = get(e->file, layout->phentsize);
	if (phentsize != layout->phdr_len) {
		return refuse(e, "e_phentsize",
			      "32 (32 bits) or 56 (64 bits), as EI_CLASS says",
			      phentsize);
	}
	if (count == 0 || count > ELF_SEGMENTS_MAX) {
		return refuse(e, "e_phnum", "1 to 64", count);
	}
	if (e->phoff > e->len || count * phentsize > e->len - e->phoff) {
		return refuse(e, "e_phoff", "all headers inside the file",
			      e->phoff);
	}
	e->segment_count = (u32)count;
	return ERR_OK;
}

static enum err check_segment(struct elf *e, u32 idx)
{
	struct elf_segment s;

	if (elf_segment(e, idx, &s) != ERR_OK) {
		return ERR_INVALID;
	}
	if (s.type != ELF_PT_LOAD && s.type != ELF_PT_NOTE) {
		return ERR_OK;
	}
	if (s.offset > e->len && s.filesz > 0) {
		return refuse_segment(e, idx, "p_offset inside the file",
				      s.offset);
	}
	if (s.filesz > 0 && s.filesz > e->len - s.offset) {
		return refuse_segment(e, idx, "p_filesz up to the file's end",
				      s.filesz);
	}
	if (s.type == ELF_PT_NOTE) {
		return ERR_OK;
	}
	if (s.memsz < s.filesz) {
		return refuse_segment(e, idx, "p_memsz not below p_filesz",
				      s.memsz);
	}
	if (s.memsz > UINT64_MAX - s.paddr || s.memsz > UINT64_MAX - s.vaddr) {
		return refuse_segment(e, idx, "p_memsz that does not wrap",
				      s.memsz);
	}
	return ERR_OK;
}

enum err elf_open(struct elf *e, const void *file, size_t len, const char **why)
{
	enum err err;

	*e = (struct elf){.file = file, .len = len};
	*why = e->why;
	err = check_rules(e);
	if (err == ERR_OK) {
		e->layout = &layouts[e->file[4]];
		e->is_64 = e->file[4] == 2;
		err = check_header(e);
	}
	for (u32 i = 0; err == ERR_OK && i < e->segment_count; i++) {
		err = check_segment(e, i);
	}
	return err;
}

enum err elf_segment(const struct elf *e, u32 idx, struct elf_segment *segment)
{
	const struct elf_layout *layout = e->layout;
	const u8 *header;

	if (idx >= e->segment_count) {
		return ERR_NOT_FOUND;
	}
	header = e->file + e->phoff + (size_t)idx * layout->phdr_len;
	segment->type = (u32)get(header, layout->type);
	segment->flags = (u32)get(header, layout->flags);
	segment->offset = get(header, layout->seg_offset);
	segment->filesz = get(header, layout->filesz);
	segment->memsz = get(header, layout->memsz);
	segment->vaddr = get(header, layout->vaddr);
	segment->paddr = get(header, layout->paddr);
	segment->align = get(header, layout->align);
	return ERR_OK;
}
