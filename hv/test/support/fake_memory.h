/* SPDX-License-Identifier: MIT */
/* Memory of the fake machine. It exists until the next fake_reset(). */
#ifndef HV_TEST_SUPPORT_FAKE_MEMORY_H
#define HV_TEST_SUPPORT_FAKE_MEMORY_H

#include "base/types.h"

#define FAKE_RAM (4 * MIB) /* of a partition */

/* Whole pages, zeroed. */
void *fake_take(size_t len);

/* FAKE_RAM bytes between two inaccessible pages, zeroed. */
void *fake_take_ram(void);

/* For fake_reset(): frees all of it. */
void fake_memory_free(void);

#endif
