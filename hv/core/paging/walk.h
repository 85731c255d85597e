/* SPDX-License-Identifier: MIT */
/*
 * A VP's page walk in software: what the CPU would find for a linear address,
 * and which rights it would check. SDM 3A, chapter "Paging"; no LA57, no
 * protection keys, no CET: guests have none of them.
 */
#ifndef HV_CORE_PAGING_WALK_H
#define HV_CORE_PAGING_WALK_H

#include "base/bits.h"
#include "base/types.h"
#include "tlfs/register.h"

struct partition;
struct published;

struct walk_state {
	u64 cr0;
	u64 cr3;
	u64 cr4;
	u64 efer;
	u64 rflags; /* AC lifts SMAP */
	u64 pat;
	u64 pdpte[4]; /* PAE paging */
	u32 cpl;
	u32 address_bits; /* MAXPHYADDR */
	bool has_1g_pages;
};

/*
 * What the access is, in TLFS's bits: several of read, write and fetch may be
 * given, and all must be allowed. EXEMPT: no check of user against supervisor.
 * SET_BITS: sets accessed and dirty bits as the CPU does.
 */
#define WALK_READ     HV_TRANSLATE_READ
#define WALK_WRITE    HV_TRANSLATE_WRITE
#define WALK_EXECUTE  HV_TRANSLATE_EXECUTE
#define WALK_EXEMPT   HV_TRANSLATE_PRIVILEGE_EXEMPT
#define WALK_SET_BITS HV_TRANSLATE_SET_PTE_BITS

#define WALK_TRIES 16 /* walks in vain before WALK_AGAIN */

enum walk_status {
	WALK_OK,
	WALK_NOT_PRESENT,
	WALK_DENIED,    /* present, but not for this access */
	WALK_BAD_FLAGS, /* a reserved bit is set; or not canonical */
	WALK_UNMAPPED,  /* a table or the page lies outside RAM */
	WALK_AGAIN,     /* the guest kept changing the entries */
};

struct walk_result {
	gpa_t gpa;
	u32 memory_type; /* as in IA32_PAT; UC- counts as UC */
};

/*
 * Fills `state` from `regs`, with the address width and features of this CPU.
 */
void walk_state(struct walk_state *state, const struct published *regs);

/* MAXPHYADDR of this CPU. */
u32 walk_address_bits(void);

/*
 * Translates `gva`; `result` is valid with WALK_OK, and with WALK_UNMAPPED its
 * gpa is what lies outside RAM. Without paging every address translates to
 * itself, RAM or not. With WALK_SET_BITS each entry is changed by LOCK CMPXCHG,
 * top-down, once all checks have passed.
 */
enum walk_status walk(struct partition *p, const struct walk_state *state,
		      gva_t gva, u64 flags,
		      struct walk_result *result) __must_check;

/*
 * SDM 3A, "Determination of Access Rights": does this access pass entries whose
 * AND is `all` and whose OR is `any`? Only SMAP and SMEP, WP, AC and the CPL of
 * `state` count.
 */
bool walk_allows(const struct walk_state *state, u64 all, u64 any, u64 flags);

/* The bits of an entry from MAXPHYADDR up to bit `top`. */
static inline u64 walk_beyond_address(const struct walk_state *state, u32 top)
{
	return (~0ull << state->address_bits) & GENMASK(top, 0);
}

#endif
