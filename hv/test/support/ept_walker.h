/* SPDX-License-Identifier: MIT */
/* Walks an EPT as the CPU does. */
#ifndef HV_TEST_SUPPORT_EPT_WALKER_H
#define HV_TEST_SUPPORT_EPT_WALKER_H

#include "core/paging/ept.h"

struct ept_walk {
	bool mapped;
	u64 hpa;    /* of the byte */
	u32 rights; /* R 1, W 2, X 4: what all levels allow */
	u32 type;   /* memory type of the leaf */
	bool large;
};

/* Fails the test if an entry is misconfigured. */
struct ept_walk ept_walk(const struct ept *ept, u64 gpa);

#endif
