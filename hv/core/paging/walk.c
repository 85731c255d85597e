/* SPDX-License-Identifier: MIT */
/*
 * What an access finds: the walk from CR3, the rights, and the memory type. The
 * way down the tables is in walk_from.c.
 */
#include "core/paging/walk.h"

#include "core/paging/walk_from.h"
#include "core/port/port.h"
#include "core/state/partition.h"
#include "core/state/published.h"
#include "x86/cr.h"
#include "x86/msr.h"
#include "x86/pte.h"
#include "x86/vmcs.h"

#define CPUID_EXTENDED_FEATURES 0x80000001u
#define CPUID_ADDRESS_SIZES     0x80000008u
#define EXT1_EDX_1G_PAGES       BIT(26)
#define ADDRESS_BITS_DEFAULT    36 /* SDM 3A, CPUID without the leaf */

#define PDPTE_RESERVED (GENMASK(2, 1) | GENMASK(8, 5) | BIT(63))

#define PAT_TYPE     0x7
#define PAT_UC_MINUS 7

u32 walk_address_bits(void)
{
	u32 out[4];

	port_cpuid(CPUID_ADDRESS_SIZES, 0, out);
	return (out[0] & 0xff) == 0 ? ADDRESS_BITS_DEFAULT : out[0] & 0xff;
}

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
	state->address_bits = walk_address_bits();
	port_cpuid(CPUID_EXTENDED_FEATURES, 0, out);
	state->has_1g_pages = (out[3] & EXT1_EDX_1G_PAGES) != 0;
}

static bool is_canonical(u64 gva)
{
	u64 high = gva >> 47;

	return high == 0 || high == GENMASK(16, 0);
}

/*
 * What MOV CR3 would have refused: PDPTEs that were set otherwise, and
 * addresses that no instruction translates.
 */
static bool is_sound(const struct walk_state *s, u64 gva)
{
	u64 pdpte = s->pdpte[(gva >> PTE_SHIFT(3)) & 3];

	if (s->efer & EFER_LMA) {
		return is_canonical(gva);
	}
	return !(s->cr4 & CR4_PAE) || !(pdpte & PTE_PRESENT) ||
	       !(pdpte & (PDPTE_RESERVED | walk_beyond_address(s, 62)));
}

/* A supervisor access to a user page: SMEP for code, SMAP for data */
static bool supervisor_is_kept_out(const struct walk_state *s, u64 flags)
{
	if ((flags & WALK_EXECUTE) && (s->cr4 & CR4_SMEP)) {
		return true;
	}
	return (flags & (WALK_READ | WALK_WRITE)) && (s->cr4 & CR4_SMAP) &&
	       !(s->rflags & RFLAGS_AC);
}

bool walk_allows(const struct walk_state *s, u64 all, u64 any, u64 flags)
{
	bool exempt = (flags & WALK_EXEMPT) != 0;
	bool user = s->cpl == 3 && !exempt;
	bool user_page = (all & PTE_USER) != 0;

	if (user && !user_page) {
		return false;
	}
	if (!user && !exempt && user_page && supervisor_is_kept_out(s, flags)) {
		return false;
	}
	if ((flags & WALK_WRITE) && !(all & PTE_WRITE) &&
	    (user || (s->cr0 & CR0_WP))) {
		return false;
	}
	/* 32-bit entries have no such bit */
	return !(flags & WALK_EXECUTE) || !(any & PTE_NX);
}

/* SDM 3A, "Paging and Memory Typing When the PAT is Supported". */
static u32 memory_type(const struct walk_state *s, const struct walk_step *leaf)
{
	u64 entry = leaf->entry;
	u64 pat_bit = leaf->shift == PTE_SHIFT(1) ? PTE_PAT : PTE_PAT_LARGE;
	u32 index = (entry & PTE_PWT ? 1 : 0) | (entry & PTE_PCD ? 2 : 0) |
		    (entry & pat_bit ? 4 : 0);
	u32 type = (s->pat >> (8 * index)) & PAT_TYPE;

	return type == PAT_UC_MINUS ? PAT_UC : type;
}

static enum walk_status walk_once(struct partition *p,
				  const struct walk_state *state, u64 gva,
				  u64 flags, struct walk_result *result)
{
	struct walk_table start;
	struct walk_path path;
	enum walk_status status = walk_from_cr3(state, gva, &start);

	if (status != WALK_OK) {
		return status;
	}
	status = walk_from(p, state, gva, &start, &path);
	if (status == WALK_UNMAPPED) {
		result->gpa = path.at;
	}
	if (status != WALK_OK) {
		return status;
	}
	if (!walk_allows(state, path.all, path.any, flags)) {
		return WALK_DENIED;
	}
	result->gpa.v = walk_from_page(&path, gva);
	result->memory_type = memory_type(state, walk_from_leaf(&path));
	if (result->gpa.v >= p->memory_len) {
		return WALK_UNMAPPED;
	}
	return (flags & WALK_SET_BITS)
		       ? walk_from_set_bits(p, &path, (flags & WALK_WRITE) != 0)
		       : WALK_OK;
}

enum walk_status walk(struct partition *p, const struct walk_state *state,
		      gva_t gva, u64 flags, struct walk_result *result)
{
	enum walk_status status = WALK_AGAIN;

	if (!(state->cr0 & CR0_PG)) {
		*result = (struct walk_result){{(u32)gva.v}, PAT_WB};
		return WALK_OK;
	}
	if (!is_sound(state, gva.v)) {
		return WALK_BAD_FLAGS;
	}
	for (u32 i = 0; i < WALK_TRIES && status == WALK_AGAIN; i++) {
		status = walk_once(p, state, gva.v, flags, result);
	}
	return status;
}
