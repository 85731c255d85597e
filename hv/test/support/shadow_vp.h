/* SPDX-License-Identifier: MIT */
/*
 * A guest whose CPU walks the tables of a software TLB: builds the guest's page
 * tables, translates by the rules of the CPU, gives page faults to
 * shadow_fault(), and checks that INVVPID is due when what the CPU may have
 * cached has changed. The guest's registers are walk_regs, its RAM is that of
 * walk_p (walk_tables.h). The CPU's rules are written from SDM 3A and share
 * nothing with core/paging.
 */
#ifndef HV_TEST_SUPPORT_SHADOW_VP_H
#define HV_TEST_SUPPORT_SHADOW_VP_H

#include "core/paging/shadow.h"
#include "support/walk_tables.h"

#define SHADOW_VP_AREA (4 * GIB) /* where the CPU sees the tables */

/*
 * Kinds of access: bits of the #PF error code, and one that has no bit there,
 * for an implicit access of a supervisor, for which AC does not count
 */
#define READ     0u
#define WRITE    2u
#define USER     4u
#define FETCH    16u
#define IMPLICIT 0x100u

extern struct shadow shadow_vp;

/* shadow_vp_after() looks at all entries; off, for speed */
extern bool shadow_vp_watches;

/* Leaves may be armed (core/paging/shadow_arm.h); shadow_vp_setup(): they may
   not */
extern bool shadow_vp_may_be_armed;

struct shadow_touch {
	enum shadow_end end;
	u64 gpa;        /* FILLED; OUTSIDE: what is not in RAM */
	u32 error_code; /* PAGE_FAULT */
	u32 faults;     /* exits that it took */
};

/*
 * A guest with empty tables in this mode: CPL 0, WP, NXE where it exists, PSE,
 * PGE, MAXPHYADDR 40. Its context is loaded, and there are `count` tables.
 */
void shadow_vp_setup(enum shadow_mode mode, u32 count, bool walk_cache);

/* An empty root for CR3. */
u64 shadow_vp_new_root(void);

/*
 * Where the guest's entry of `level` for `gva` is, under CR3 as it is now. What
 * is missing above it is added.
 */
u64 shadow_vp_entry(u64 gva, u32 level);

/* Sets that entry; level 2: of a large page. */
void shadow_vp_map(u64 gva, u32 level, u64 entry);

/* MOV CR3 with that value, PDPTEs as they are. */
void shadow_vp_load(u64 cr3, bool keep);

/* What the CPU would do with the tables as they are; false: #PF. */
bool shadow_vp_cpu(u64 gva, u32 access, u64 *gpa);

/* The leaf by which the CPU translates the address; 0: none. */
u64 shadow_vp_leaf(u64 gva);

/* Which entry of the guest's PAT gives the memory type of that leaf. */
u32 shadow_vp_pat(u64 gva);

/* Makes the access, with as many page faults as it needs. */
struct shadow_touch shadow_vp_touch(u64 gva, u32 access);

/* Checks shadow_vp_touch(): it gets to that page; it is a #PF of the guest. */
void shadow_vp_reaches(u64 gva, u32 access, u64 gpa);
void shadow_vp_faults(u64 gva, u32 access, u32 error_code);

/* Checks that a read gets there without a fault, or that it would fault. */
void shadow_vp_has(u64 gva, u64 gpa);
void shadow_vp_lacks(u64 gva);

/*
 * Brackets for a call that changes the tables: shadow_vp_after() checks that
 * INVVPID is due if an entry that the CPU could use was removed or changed, or
 * another root came, and executes it.
 */
void shadow_vp_before(void);
void shadow_vp_after(void);

#define SHADOW_VP_DO(call)                                                     \
	do {                                                                   \
		shadow_vp_before();                                            \
		call;                                                          \
		shadow_vp_after();                                             \
	} while (0)

#endif
