/* SPDX-License-Identifier: MIT */
/* Builds page tables by hand, for tests of core/paging/walk.c. */
#ifndef HV_TEST_SUPPORT_WALK_TABLES_H
#define HV_TEST_SUPPORT_WALK_TABLES_H

#include "core/paging/walk.h"
#include "support/fake.h"
#include "x86/cr.h"
#include "x86/msr.h"
#include "x86/pte.h"

#define P    PTE_PRESENT
#define W    PTE_WRITE
#define US   PTE_USER
#define A    PTE_ACCESSED
#define D    PTE_DIRTY
#define PS   PTE_LARGE
#define NX   PTE_NX
#define ALL3 (WALK_READ | WALK_WRITE | WALK_EXECUTE)

#define ROOT   0x10000
#define TABLE  0x11000 /* one page a level below the root */
#define TABLE2 0x12000
#define TABLE3 0x13000
#define PAGE   0x20000
#define GVA    0x40201abcull /* indices 1, 1, 1 (32-bit: 0x100, 0x201) */

/* The partition whose RAM holds the tables, and the registers of the walk */
extern struct partition *walk_p;
extern struct walk_state walk_regs;

/* Where walk_long_mode() put the entry of each level, top-down */
extern u64 walk_entry_at[4];

/*
 * Makes a partition and registers: paging, CPL 0, WP, MAXPHYADDR 40, 1 GiB
 * pages.
 */
void walk_setup(void);

/* walk_setup(), then 4-level tables that map GVA to PAGE with all rights. */
void walk_long_mode(void);

/* Writes and reads an entry of 4 or 8 bytes. */
void walk_put(u64 at, u64 value, u32 size);
u64 walk_get(u64 at, u32 size);

enum walk_status walk_go(u64 gva, u64 flags, struct walk_result *result);

/* Makes a walk; walk_goes_to() and walk_fails() check its result. */
void walk_goes_to(u64 gva, u64 gpa);
void walk_fails(u64 gva, u64 flags, enum walk_status want);

#endif
