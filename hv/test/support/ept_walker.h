/* SPDX-License-Identifier: MIT */
/* An EPT walk as the CPU does it, for tests. */
#ifndef HV_TEST_SUPPORT_EPT_WALKER_H
#define HV_TEST_SUPPORT_EPT_WALKER_H

#include "core/paging/ept.h"

struct ept_walk {
	bool mapped;
	u64 hpa;    /* of the byte */
	u32 rights; /* R 1, W 2, X 4: those of all levels together */
	u32 type;   /* memory type of the leaf */
	bool large;
};

/* Fails the test where the tables are misconfigured. */
struct ept_walk ept_walk(const struct ept *ept, u64 gpa);

#endif
