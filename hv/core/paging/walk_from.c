/* SPDX-License-Identifier: MIT */
/*
 * One loop for all paging modes: a mode says how wide an entry and an index
 * are and where the walk starts; the shift of the address tells the levels
 * apart. SDM 3A, "32-Bit Paging", "PAE Paging", "4-Level Paging".
 */
#include "core/paging/walk_from.h"

#include "core/port/guest_entry.h"
#include "x86/cr.h"
#include "x86/msr.h"
#include "x86/pte.h"

#define SHIFT_PTE   PTE_SHIFT(1)
#define SHIFT_PDE   PTE_SHIFT(2)
#define SHIFT_PDPTE PTE_SHIFT(3)
#define SHIFT_PML4E PTE_SHIFT(4)

/* 4 MiB pages: 20:13 are address bits 39:32 (PSE-36), 21 is reserved */
#define PSE_HIGH       GENMASK(20, 13)
#define PSE_HIGH_SHIFT 32
#define PSE_BITS_MAX   40
#define PSE_RESERVED   BIT(21)

struct format {
	const struct walk_state *state;
	bool is_long;
	u32 entry_size; /* bytes */
	u32 index_bits;
};

static struct format format_of(const struct walk_state *s)
{
	bool is_long = (s->efer & EFER_LMA) != 0;

	if (is_long || (s->cr4 & CR4_PAE)) {
		return (struct format){s, is_long, 8, 9};
	}
	return (struct format){s, false, 4, 10};
}

enum walk_status walk_from_cr3(const struct walk_state *state, u64 gva,
			       struct walk_table *table)
{
	struct format f = format_of(state);
	u64 pdpte;

	*table = (struct walk_table){.all = ~0ull};
	if (f.is_long) {
		table->base = state->cr3 & CR3_BASE;
		table->shift = SHIFT_PML4E;
		return WALK_OK;
	}
	if (f.entry_size == 4) {
		table->base = (u32)state->cr3 & PAGE_MASK;
		table->shift = WALK_SHIFT_PDE32;
		return WALK_OK;
	}
	pdpte = state->pdpte[(gva >> SHIFT_PDPTE) & 3];
	table->base = pdpte & PTE_ADDR;
	table->shift = SHIFT_PDE;
	return pdpte & PTE_PRESENT ? WALK_OK : WALK_NOT_PRESENT;
}

static u64 reserved_32bit(const struct format *f)
{
	u32 bits = f->state->address_bits;
	u32 high = bits <= PSE_HIGH_SHIFT ? 0 : bits - PSE_HIGH_SHIFT;

	if (bits >= PSE_BITS_MAX) {
		return PSE_RESERVED;
	}
	return PSE_RESERVED | (PSE_HIGH & ~(BIT(13 + high) - 1));
}

/* Bits that must be 0 in every entry that is present. */
static u64 reserved(const struct format *f)
{
	if (f->entry_size == 4) {
		return 0;
	}
	return (f->is_long ? walk_beyond_address(f->state, 51)
			   : walk_beyond_address(f->state, 62)) |
	       (f->state->efer & EFER_NXE ? 0 : PTE_NX);
}

/*
 * An entry above the page tables whose bit 7 is set: does it map a page?
 * *reserved: what else must be 0. Not inlined: most entries have it clear.
 */
static __attribute__((noinline)) bool maps_large(const struct format *f,
						 u32 shift, u64 *reserved)
{
	if (f->entry_size == 4) {
		if (!(f->state->cr4 & CR4_PSE)) {
			return false; /* the bit is ignored */
		}
		*reserved |= reserved_32bit(f);
		return true;
	}
	if (shift == SHIFT_PDE ||
	    (shift == SHIFT_PDPTE && f->state->has_1g_pages)) {
		*reserved |= GENMASK(shift - 1, 13);
		return true;
	}
	*reserved |= PTE_LARGE;
	return false;
}

/* Inlined once for each size of an entry. */
static inline __attribute__((always_inline)) enum walk_status
descend(struct partition *p, const struct format *f, u64 gva,
	const struct walk_table *start, struct walk_path *path, u32 entry_size)
{
	u32 index_bits = entry_size == 8 ? 9 : 10;
	struct walk_table t = *start;
	struct walk_step *step = path->step;
	u64 always = 0;
	bool leaf = false;

	path->entry_size = entry_size;
	while (!leaf) {
		u64 index = (gva >> t.shift) & (BIT(index_bits) - 1);
		gpa_t at = {t.base + index * entry_size};
		u64 mask;
		u64 entry;

		if (UNLIKELY(port_load_guest(p, at, &entry, entry_size) !=
			     ERR_OK)) {
			path->at = at;
			return WALK_UNMAPPED;
		}
		if (!(entry & PTE_PRESENT)) {
			return WALK_NOT_PRESENT;
		}
		/* not before: faults of pages that are not mapped are many */
		if (always == 0) {
			always = reserved(f);
		}
		mask = always;
		leaf = t.shift == SHIFT_PTE;
		if (UNLIKELY(entry & PTE_LARGE) && !leaf) {
			leaf = maps_large(f, t.shift, &mask);
		}
		if (UNLIKELY(entry & mask)) {
			return WALK_BAD_FLAGS;
		}
		*step++ = (struct walk_step){at, entry, t.shift};
		t.all &= entry;
		t.any |= entry;
		t.base = entry & PTE_ADDR;
		t.shift -= index_bits;
	}
	path->steps = (u32)(step - path->step);
	path->all = t.all;
	path->any = t.any;
	return WALK_OK;
}

enum walk_status walk_from(struct partition *p, const struct walk_state *state,
			   u64 gva, const struct walk_table *start,
			   struct walk_path *path)
{
	struct format f = format_of(state);

	return LIKELY(f.entry_size == 8) ? descend(p, &f, gva, start, path, 8)
					 : descend(p, &f, gva, start, path, 4);
}

u64 walk_from_large_page(const struct walk_path *path, u64 gva)
{
	const struct walk_step *leaf = walk_from_leaf(path);
	u64 base = leaf->entry & GENMASK(51, leaf->shift);

	if (leaf->shift == WALK_SHIFT_PDE32) {
		base = (leaf->entry & GENMASK(31, WALK_SHIFT_PDE32)) |
		       FIELD_GET(PSE_HIGH, leaf->entry) << PSE_HIGH_SHIFT;
	}
	return base | (gva & (BIT(leaf->shift) - 1));
}

enum walk_status walk_from_set_bits(struct partition *p,
				    const struct walk_path *path, bool is_write)
{
	/* all of them are set already */
	if ((path->all & PTE_ACCESSED) &&
	    (!is_write || (walk_from_leaf(path)->entry & PTE_DIRTY))) {
		return WALK_OK;
	}
	for (u32 i = 0; i < path->steps; i++) {
		u64 entry = path->step[i].entry;
		u64 wanted = entry | PTE_ACCESSED;
		u64 seen = entry;

		if (i + 1 == path->steps && is_write) {
			wanted |= PTE_DIRTY;
		}
		if (wanted == entry) {
			continue;
		}
		if (port_cmpxchg_guest(p, path->step[i].at, &seen, wanted,
				       path->entry_size) != ERR_OK) {
			return WALK_UNMAPPED;
		}
		if (seen != entry) {
			return WALK_AGAIN;
		}
	}
	return WALK_OK;
}
