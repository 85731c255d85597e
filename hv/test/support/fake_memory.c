/* SPDX-License-Identifier: MIT */
/* Memory of the fake machine until fake_reset() (see fake_memory.h). */
#include "support/fake_memory.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#define MAPPED (FAKE_RAM + 2 * PAGE_SIZE)

static void *pool[1024];
static u32 pool_count;
static u8 *rams[16];
static u32 ram_count;

void *fake_take(size_t len)
{
	size_t rounded = (len + PAGE_SIZE - 1) & PAGE_MASK;
	void *memory = aligned_alloc(PAGE_SIZE, rounded);

	if (memory == NULL || pool_count == ARRAY_SIZE(pool)) {
		fprintf(stderr, "fake: out of memory\n");
		abort();
	}
	memset(memory, 0, rounded);
	pool[pool_count++] = memory;
	return memory;
}

void *fake_take_ram(void)
{
	u8 *base = mmap(NULL, MAPPED, PROT_NONE,
			MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

	if (base == MAP_FAILED || ram_count == ARRAY_SIZE(rams) ||
	    mprotect(base + PAGE_SIZE, FAKE_RAM, PROT_READ | PROT_WRITE) != 0) {
		fprintf(stderr, "fake: cannot map guest memory\n");
		abort();
	}
	rams[ram_count++] = base + PAGE_SIZE;
	return base + PAGE_SIZE;
}

void fake_memory_free(void)
{
	while (ram_count > 0) {
		munmap(rams[--ram_count] - PAGE_SIZE, MAPPED);
	}
	while (pool_count > 0) {
		free(pool[--pool_count]);
	}
}
