/* SPDX-License-Identifier: MIT */
/*
 * Twenty pages of the region that are always changed together: then a flush, or
 * an event, must have removed the translations that it names, and no other.
 * Each page holds its epoch, which tells whether a read used the old or the new
 * translation.
 */
#ifndef GUEST_TEST_SUITES_PAGING_SLOTS_H
#define GUEST_TEST_SUITES_PAGING_SLOTS_H

#include "suites/paging/region.h"

/* Sets of slots. The number is that of the page in the region. */
#define SLOT_BEFORE       BIT(0) /* 0x5ff */
#define SLOT_FIRST        BIT(1) /* 0x600: the first one of 2 MiB */
#define SLOT_SECOND       BIT(2)
#define SLOT_THIRD        BIT(3)
#define SLOT_FOURTH       BIT(4)
#define SLOT_READ_ONLY    BIT(5)            /* 0x604 */
#define SLOT_LAST         BIT(6)            /* 0x7ff: of these 2 MiB */
#define SLOT_LARGE        (BIT(7) | BIT(8)) /* 0x800 … 0x9ff: one 2 MiB page */
#define SLOT_BESIDE       BIT(9)            /* 0xa00 */
#define SLOT_GLOBAL       BIT(10)           /* 0xa01 */
#define SLOT_AFTER        BIT(11)           /* 0xa02 */
#define SLOT_LARGE_GLOBAL BIT(12) /* 0xc00 … 0xdff: one 2 MiB page */
#define SLOT_FAR          BIT(13) /* 0xe00 */
#define SLOT_RANGE_END    BIT(14) /* 0x15ff: 4095 after the first */
#define SLOT_PAST_END     BIT(15) /* 0x1600 */
#define SLOT_GIB_END      BIT(16) /* 0x3ffff */
#define SLOT_GIB1         BIT(17) /* 0x40000: the first of a GiB */
#define SLOT_GIB1_END     BIT(18) /* 0x7ffff */
#define SLOT_GIB2         BIT(19) /* 0x80000 */
#define SLOT_COUNT        20
#define SLOT_ALL          GENMASK(19, 0)
#define SLOT_GLOBALS      (SLOT_GLOBAL | SLOT_LARGE_GLOBAL)

/* What a VP must see of the slots that have not been named. */
enum slots_others {
	SLOTS_EITHER, /* old or new: a TLB may forget */
	SLOTS_OLD,    /* this one must not */
};

/* VPs 0 … n-1 look at the slots: at most three. */
u32 slots_vps(void);

/*
 * Lets these VPs read all slots, and then changes all translations, each to a
 * frame with a new epoch, without any flush. With SLOTS_OLD they must still
 * read as before.
 */
void slots_begin(enum slots_others others);

/* Flushes everything; then all these VPs must read the new epoch. */
void slots_end(void);

/*
 * VP n, which is free or the caller, reads all slots. Those in `gone` must give
 * this epoch, the others by `others`.
 */
void slots_expect(u32 n, u64 gone, enum slots_others others);

#endif
