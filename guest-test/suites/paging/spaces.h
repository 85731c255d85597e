/* SPDX-License-Identifier: MIT */
/*
 * Four address spaces with PCIDs that share all tables but the root, and five
 * pages that are always changed together. A VP reads all pages in all spaces;
 * after the change it may use what it has cached, in each space by itself.
 */
#ifndef GUEST_TEST_SUITES_PAGING_SPACES_H
#define GUEST_TEST_SUITES_PAGING_SPACES_H

#include "suites/paging/region.h"

#include "x86/cr.h"

enum space {
	SPACE_KERNEL, /* PCID 0 */
	SPACE_SAME,   /* another PCID with the same root */
	SPACE_OTHER,  /* another root */
	SPACE_HALF,   /* a root 4 KiB above that one: one address space */
	SPACES,
};

/* Pages of one space, as bits. */
#define AT_FIRST  BIT(0)
#define AT_SECOND BIT(1)
#define AT_LARGE  BIT(2) /* 2 MiB */
#define AT_WAY    BIT(3) /* not the page: the way to its page table */
#define AT_GLOBAL BIT(4) /* all spaces share its translation */
#define AT_COUNT  5
#define AT_OWN    (AT_FIRST | AT_SECOND | AT_LARGE | AT_WAY)

/* Sets of pages of all spaces. */
#define IN(_space, _pages)      ((u64)(_pages) << (8 * (_space)))
#define IN_BOTH(_a, _b, _pages) (IN(_a, _pages) | IN(_b, _pages))
#define IN_KERNELS(_pages)      IN_BOTH(SPACE_KERNEL, SPACE_SAME, _pages)
#define IN_OTHERS(_pages)       IN_BOTH(SPACE_OTHER, SPACE_HALF, _pages)
#define IN_ALL(_pages)          (IN_KERNELS(_pages) | IN_OTHERS(_pages))
#define SPACES_GLOBALS          IN_ALL(AT_GLOBAL)
#define SPACES_EVERYTHING       IN_ALL(AT_OWN | AT_GLOBAL)

/* CR3 without bit 63; a root that no space has. */
u64 spaces_cr3(enum space space);
u64 spaces_unused_root(void);

/* An address in that page, of one bit; of AT_LARGE not the first. */
u64 spaces_gva(u64 page);

/* MOV CR3, which keeps what the VP has cached (bit 63). */
void spaces_enter(enum space space);

/* VPs 0 … n-1 take part: at most two. */
u32 spaces_vps(void);

/*
 * Sets CR4.PCIDE of these VPs, lets them read all pages in all spaces, and
 * changes all pages, without any flush. If `is_strict`, each of them must still
 * read as before then. All are in SPACE_KERNEL.
 */
void spaces_begin(bool is_strict);

/*
 * VP n, which is free or the caller, reads all pages in all spaces. Those in
 * `gone` must be as they are now; all others too, or, if `is_strict`, as
 * before. It is in SPACE_KERNEL then.
 */
void spaces_expect(u32 n, u64 gone, bool is_strict);

/* Flushes everything, after which all is read as it is, and clears PCIDE. */
void spaces_end(void);

/* The same two steps alone, on the running VP, in SPACE_KERNEL. */
void spaces_pcids_on(void);
void spaces_pcids_off(void);

#endif
