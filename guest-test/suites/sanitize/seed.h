/* SPDX-License-Identifier: MIT */
/*
 * What all histories share: VP 1 uses a page again and again while VP 0 changes
 * its entry. VP 0 never touches the page by that address. All functions but
 * those given to VP 1 are called on VP 0.
 */
#ifndef GUEST_TEST_SUITES_SANITIZE_SEED_H
#define GUEST_TEST_SUITES_SANITIZE_SEED_H

#include "harness/suite.h"

#include "x86/pte.h"

/* TSC ticks: more than the default grace, and much less */
#define SEED_LONG  22000000
#define SEED_SHORT 2000000

#define SEED_FLAGS (PTE_ACCESSED | PTE_DIRTY)

/* A check of the suite; `_more`: what it needs besides. */
#define SEED_CHECK_WITH(_name, _more)                                          \
	{                                                                      \
#_name, "SDM 3A: Recommended Invalidation", _name, NULL, 2,    \
			NEED_HV | NEED_SHADOW | NEED_OBSERVE | (_more)         \
	}
#define SEED_CHECK(_name) SEED_CHECK_WITH(_name, 0)

/*
 * Two pages of the window that no check has used are mapped with these flags,
 * nothing is cached, and VP 1 uses the one with number `at`.
 */
void seed_begin_with(void (*fn)(u64 gva), u32 at, u64 flags);
void seed_begin(void (*fn)(u64 gva), u32 at);

/* The same for an address that the caller has mapped. */
void seed_begin_at(void (*fn)(u64 gva), u64 gva);

/*
 * To be called before these: what VP 1 does before each use, until the end of
 * the check. False: it leaves the use out.
 */
void seed_before(bool (*fn)(void));

/* Numbers in the window of the two pages, and the frames that they get. */
u32 seed_page(u32 i);
u64 seed_frame(u32 i);

/* Both pages have the other frame. */
void seed_change(void);

/* `# NAME RIP GVA`: what has to be found. */
void seed_print(const char *name);

/* Flushes a range on one VP; any VP. From page `first` on, `extra` more. */
void seed_flush(u32 vp, u64 range);
u64 seed_range(u32 first, u32 extra);

void seed_wait_turns(void);
void seed_wait_ticks(u64 ticks);

/* VP 1 uses the page no more; it uses it again, by `fn`. */
void seed_stop(void);
void seed_go_on(void (*fn)(u64 gva));

/* VP 1 goes on for longer than the grace. It stops, and all is flushed. */
void seed_end(void);

#endif
