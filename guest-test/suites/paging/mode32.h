/* SPDX-License-Identifier: MIT */
/*
 * Pages of 32-bit code whose translations a check changes: two of 4 KiB beside
 * each other, and frames that show which translation a read has used.
 */
#ifndef GUEST_TEST_SUITES_PAGING_MODE32_H
#define GUEST_TEST_SUITES_PAGING_MODE32_H

#include "kernel/paging32.h"
#include "suites/paging/script32.h"

#include "x86/pte.h"

struct mode32 {
	enum paging32 kind;
	enum script32_mode mode;
};

extern const struct mode32 mode32_pae;
extern const struct mode32 mode32_classic;
extern const struct mode32 mode32_none; /* CR0.PG = 0 */

/* What the old and the new frames hold; the low halves are UD2. */
#define MODE32_OLD 0x0b0f01d0
#define MODE32_NEW 0x0b0f02e3

/* Flags of a page, and of a large one. */
#define MODE32_PAGE (PTE_PRESENT | PTE_WRITE)
#define MODE32_BIG  (PTE_PRESENT | PTE_WRITE | PTE_LARGE)

/* The entry of the page table for the first page; the next one is the other. */
#define MODE32_SLOT 300

/* The entry of the directory for large pages: paging32_entry(kind, true, …). */
#define MODE32_LARGE 7

/* Old and new frames: of 4 KiB; of 4 MiB, aligned to 4 MiB. */
extern u64 mode32_small[2];
extern u64 mode32_large[2];

/* The first of the two pages, and where its entry is. */
u32 mode32_gva(const struct mode32 *m);
u32 mode32_entry(const struct mode32 *m);

/* The CR3 that the script runs with. */
u32 mode32_cr3(const struct mode32 *m);

/* Fills all frames, and maps both pages to the old one. */
void mode32_begin(const struct mode32 *m, u64 flags);

/* Adds steps: read the page, change its entry to the new frame, read again. */
void mode32_change(const struct mode32 *m, u64 flags);

/* Adds a flush of VP 0 by itself; up to four in a script, numbered by `i`. */
void mode32_flush(u32 i, u16 code, u64 space, u64 flags, u64 gva);

/* Runs the script, and unmaps the pages. */
void mode32_end(const struct mode32 *m);

#endif
