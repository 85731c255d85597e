/* SPDX-License-Identifier: MIT */
/*
 * One loop for all paging modes: a mode says how wide an entry and an index
 * are and where the walk starts; the shift of the address tells the levels
 * apart. SDM 3A, "32-Bit Paging", "PAE Paging", "4-Level Paging".
 */
#include "core/paging/walk.h"

#include "core/port/guest_entry.h"
#include "core/state/partition.h"
#include "core/state/published.h"
#include "x86/cr.h"
#include "x86/msr.h"
#include "x86/pte.h"
#include "x86/vmcs.h"

#define TRIES                   16 /* walks in vain before WALK_AGAIN */
#define STEPS                   4
#define CPUID_EXTENDED_FEATURES 0x80000001u
#define CPUID_ADDRESS_SIZES     0x80000008u
#define EXT1_EDX_1G_PAGES       BIT(26)
#define ADDRESS_BITS_DEFAULT    36 /* SDM 3A, CPUID without the leaf */

#define SHIFT_PTE   12
#define SHIFT_PDE   21
#define SHIFT_PDE32 22
#define SHIFT_PDPTE 30
#define SHIFT_PML4E 39

#define PTE_PAT_SMALL  BIT(7)
#define PTE_PAT_LARGE  BIT(12)
#define PDPTE_RESERVED (GENMASK(2, 1) | GENMASK(8, 5) | BIT(63))

/* 4 MiB pages: 20:13 are address bits 39:32 (PSE-36), 21 is reserved */
#define PSE_HIGH       GENMASK(20, 13)
#define PSE_HIGH_SHIFT 32
#define PSE_BITS_MAX   40
#define PSE_RESERVED   BIT(21)

#define PAT_TYPE     0x7
#define PAT_UC_MINUS 7

struct step {
	gpa_t at;
	u64 entry;
};

struct walker {
	struct partition *p;
	const struct walk_state *state;
	u64 gva;
	u64 flags;
	/* the mode */
	u64 base;       /* of the next table */
	u64 entry_size; /* bytes */
	u32 index_bits;
	u32 shift; /* of the next level; in the end, of the page */
	/* what was found */
	u32 steps;
	struct step step[STEPS];
	u64 all; /* AND of the entries: PTE_WRITE and PTE_USER count */
	u64 any; /* OR of the entries: PTE_NX counts */
};

void walk_state(struct walk_state *state, const struct published *regs)
{
	u32 out[4];

	*state = (struct walk_state){
		.cr0 = regs->cr0,
		.cr3 = regs->cr3,
		.cr4 = regs->cr4,
		.efer = regs->efer,
		.rflags = regs->rflags,
		.pat = regs->pat,
		.pdpte = {regs->pdpte[0], regs->pdpte[1], regs->pdpte[2],
			  regs->pdpte[3]},
		.cpl = (u32)FIELD_GET(VMX_ACCESS_DPL, regs->ss_access),
	};
	port_cpuid(CPUID_ADDRESS_SIZES, 0, out);
	state->address_bits = out[0] & 0xff;
	if (state->address_bits == 0) {
		state->address_bits = ADDRESS_BITS_DEFAULT;
	}
	port_cpuid(CPUID_EXTENDED_FEATURES, 0, out);
	state->has_1g_pages = (out[3] & EXT1_EDX_1G_PAGES) != 0;
}

static bool is_long(const struct walk_state *s)
{
	return (s->efer & EFER_LMA) != 0;
}

static bool is_pae(const struct walk_state *s)
{
	return !is_long(s) && (s->cr4 & CR4_PAE);
}

static u64 beyond_address(const struct walk_state *s, u32 top)
{
	return s->address_bits > top ? 0 : GENMASK(top, s->address_bits);
}

static bool is_canonical(u64 gva)
{
	u64 high = gva >> 47;

	return high == 0 || high == GENMASK(16, 0);
}

/* PAE: the first level is in registers, loaded and checked by MOV CR3. */
static enum walk_status start_pae(struct walker *w)
{
	u64 pdpte = w->state->pdpte[(w->gva >> SHIFT_PDPTE) & 3];

	if (!(pdpte & PTE_PRESENT)) {
		return WALK_NOT_PRESENT;
	}
	if (pdpte & (PDPTE_RESERVED | beyond_address(w->state, 62))) {
		return WALK_BAD_FLAGS;
	}
	w->base = pdpte & PTE_ADDR;
	w->shift = SHIFT_PDE;
	return WALK_OK;
}

static enum walk_status start(struct walker *w)
{
	const struct walk_state *s = w->state;

	w->steps = 0;
	w->all = ~0ull;
	w->any = 0;
	w->entry_size = 8;
	w->index_bits = 9;
	if (is_long(s)) {
		w->base = s->cr3 & CR3_BASE;
		w->shift = SHIFT_PML4E;
		return is_canonical(w->gva) ? WALK_OK : WALK_BAD_FLAGS;
	}
	w->gva = (u32)w->gva;
	if (is_pae(s)) {
		return start_pae(w);
	}
	w->entry_size = 4;
	w->index_bits = 10;
	w->base = (u32)s->cr3 & PAGE_MASK;
	w->shift = SHIFT_PDE32;
	return WALK_OK;
}

static bool is_leaf(const struct walker *w, u64 entry)
{
	if (w->shift == SHIFT_PTE) {
		return true;
	}
	if (!(entry & PTE_LARGE)) {
		return false;
	}
	return w->shift == SHIFT_PDE ||
	       (w->shift == SHIFT_PDPTE && w->state->has_1g_pages) ||
	       (w->shift == SHIFT_PDE32 && (w->state->cr4 & CR4_PSE));
}

static u64 reserved_32bit(const struct walker *w, bool leaf)
{
	u32 bits = w->state->address_bits;
	u32 high = bits <= PSE_HIGH_SHIFT ? 0 : bits - PSE_HIGH_SHIFT;

	if (!leaf || w->shift != SHIFT_PDE32) {
		return 0;
	}
	if (bits >= PSE_BITS_MAX) {
		return PSE_RESERVED;
	}
	return PSE_RESERVED | (PSE_HIGH & ~(BIT(13 + high) - 1));
}

/* Bits of a present entry at this level that must be 0. */
static u64 reserved(const struct walker *w, bool leaf)
{
	const struct walk_state *s = w->state;
	u64 mask;

	if (w->entry_size == 4) {
		return reserved_32bit(w, leaf);
	}
	mask = beyond_address(s, is_long(s) ? 51 : 62);
	if (!(s->efer & EFER_NXE)) {
		mask |= PTE_NX;
	}
	if (!leaf && w->shift >= SHIFT_PDPTE) {
		mask |= PTE_LARGE;
	}
	if (leaf && w->shift != SHIFT_PTE) {
		mask |= GENMASK(w->shift - 1, 13);
	}
	return mask;
}

/* Walks down to the entry that maps the page: the last of w->step[]. */
static enum walk_status descend(struct walker *w)
{
	for (;;) {
		u64 index = (w->gva >> w->shift) & (BIT(w->index_bits) - 1);
		gpa_t at = {w->base + index * w->entry_size};
		u64 entry;
		bool leaf;

		if (port_load_guest(w->p, at, &entry, w->entry_size) !=
		    ERR_OK) {
			return WALK_UNMAPPED;
		}
		if (!(entry & PTE_PRESENT)) {
			return WALK_NOT_PRESENT;
		}
		leaf = is_leaf(w, entry);
		if (entry & reserved(w, leaf)) {
			return WALK_BAD_FLAGS;
		}
		w->step[w->steps++] = (struct step){at, entry};
		w->all &= entry;
		w->any |= entry;
		if (leaf) {
			return WALK_OK;
		}
		w->base = entry & PTE_ADDR;
		w->shift -= w->index_bits;
	}
}

/* A supervisor access to a user page: SMEP for code, SMAP for data */
static bool supervisor_is_kept_out(const struct walker *w)
{
	const struct walk_state *s = w->state;

	if ((w->flags & WALK_EXECUTE) && (s->cr4 & CR4_SMEP)) {
		return true;
	}
	return (w->flags & (WALK_READ | WALK_WRITE)) && (s->cr4 & CR4_SMAP) &&
	       !(s->rflags & RFLAGS_AC);
}

/* SDM 3A, "Determination of Access Rights". */
static bool is_allowed(const struct walker *w)
{
	const struct walk_state *s = w->state;
	bool exempt = (w->flags & WALK_EXEMPT) != 0;
	bool user = s->cpl == 3 && !exempt;
	bool user_page = (w->all & PTE_USER) != 0;

	if (user && !user_page) {
		return false;
	}
	if (!user && !exempt && user_page && supervisor_is_kept_out(w)) {
		return false;
	}
	if ((w->flags & WALK_WRITE) && !(w->all & PTE_WRITE) &&
	    (user || (s->cr0 & CR0_WP))) {
		return false;
	}
	/* 32-bit entries have no such bit */
	return !(w->flags & WALK_EXECUTE) || !(w->any & PTE_NX);
}

static u64 page_of(const struct walker *w)
{
	u64 entry = w->step[w->steps - 1].entry;
	u64 base = entry & GENMASK(51, w->shift);

	if (w->shift == SHIFT_PDE32) {
		base = (entry & GENMASK(31, SHIFT_PDE32)) |
		       FIELD_GET(PSE_HIGH, entry) << PSE_HIGH_SHIFT;
	}
	return base | (w->gva & (BIT(w->shift) - 1));
}

/* SDM 3A, "Paging and Memory Typing When the PAT is Supported". */
static u32 memory_type(const struct walker *w)
{
	u64 entry = w->step[w->steps - 1].entry;
	u64 pat_bit = w->shift == SHIFT_PTE ? PTE_PAT_SMALL : PTE_PAT_LARGE;
	u32 index = (entry & PTE_PWT ? 1 : 0) | (entry & PTE_PCD ? 2 : 0) |
		    (entry & pat_bit ? 4 : 0);
	u32 type = (w->state->pat >> (8 * index)) & PAT_TYPE;

	return type == PAT_UC_MINUS ? PAT_UC : type;
}

/*
 * SDM 3A, "Accessed and Dirty Flags". If an entry has changed, the walk starts
 * again.
 */
static enum walk_status set_bits(struct walker *w)
{
	for (u32 i = 0; i < w->steps; i++) {
		u64 entry = w->step[i].entry;
		u64 wanted = entry | PTE_ACCESSED;
		u64 seen = entry;

		if (i + 1 == w->steps && (w->flags & WALK_WRITE)) {
			wanted |= PTE_DIRTY;
		}
		if (wanted == entry) {
			continue;
		}
		if (port_cmpxchg_guest(w->p, w->step[i].at, &seen, wanted,
				       w->entry_size) != ERR_OK) {
			return WALK_UNMAPPED;
		}
		if (seen != entry) {
			return WALK_AGAIN;
		}
	}
	return WALK_OK;
}

static enum walk_status walk_once(struct walker *w, struct walk_result *result)
{
	enum walk_status status = start(w);

	if (status == WALK_OK) {
		status = descend(w);
	}
	if (status != WALK_OK) {
		return status;
	}
	if (!is_allowed(w)) {
		return WALK_DENIED;
	}
	result->gpa.v = page_of(w);
	result->memory_type = memory_type(w);
	if (result->gpa.v >= w->p->memory_len) {
		return WALK_UNMAPPED;
	}
	return (w->flags & WALK_SET_BITS) ? set_bits(w) : WALK_OK;
}

enum walk_status walk(struct partition *p, const struct walk_state *state,
		      gva_t gva, u64 flags, struct walk_result *result)
{
	struct walker w = {
		.p = p, .state = state, .gva = gva.v, .flags = flags};
	enum walk_status status = WALK_AGAIN;

	if (!(state->cr0 & CR0_PG)) {
		*result = (struct walk_result){{(u32)gva.v}, PAT_WB};
		return WALK_OK;
	}
	for (u32 i = 0; i < TRIES && status == WALK_AGAIN; i++) {
		status = walk_once(&w, result);
	}
	return status;
}
