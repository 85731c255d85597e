/* SPDX-License-Identifier: MIT */
/* Port functions of memory on the fake machine; some fail when a test says. */
#include <string.h>

#include "core/port/guest_entry.h"
#include "support/check.h"
#include "support/fake.h"
#include "support/fake_memory.h"

/* True for the call that has to fail: the test set how many come before it. */
static bool fails_now(u32 *countdown)
{
	if (*countdown == 0) {
		return false;
	}
	*countdown -= 1;
	return *countdown == 0;
}

static bool inside(const struct partition *p, u64 gpa, size_t len)
{
	return gpa <= p->memory_len && len <= p->memory_len - gpa;
}

enum err port_read_guest(struct partition *p, gpa_t from, void *to, size_t len)
{
	if (!inside(p, from.v, len)) {
		return ERR_RANGE;
	}
	fake.read_guest_count++;
	if (fails_now(&fake.fail_read_guest)) {
		return ERR_RANGE;
	}
	memcpy(to, fake_ram(p, from.v), len);
	return ERR_OK;
}

enum err port_write_guest(struct partition *p, gpa_t to, const void *from,
			  size_t len)
{
	fake.write_guest_count++;
	if (fails_now(&fake.fail_write_guest) || !inside(p, to.v, len)) {
		return ERR_RANGE;
	}
	memcpy(fake_ram(p, to.v), from, len);
	return ERR_OK;
}

enum err port_fill_guest(struct partition *p, gpa_t at, u64 word, size_t count)
{
	HV_ASSERT(at.v % sizeof(word) == 0);
	if (!inside(p, at.v, count * sizeof(word))) {
		return ERR_RANGE;
	}
	fake.filled_words += count;
	for (size_t i = 0; i < count; i++) {
		memcpy(fake_ram(p, at.v + i * sizeof(word)), &word,
		       sizeof(word));
	}
	return ERR_OK;
}

void port_read_xmm(u64 to[12], bool all)
{
	fake.read_xmm_count++;
	memcpy(to, fake.xmm, all ? sizeof(fake.xmm) : 16);
}

void port_write_xmm(const u64 from[12])
{
	fake.write_xmm_count++;
	memcpy(fake.xmm, from, sizeof(fake.xmm));
}

enum err port_load_guest(struct partition *p, gpa_t at, u64 *value, size_t size)
{
	HV_ASSERT((size == 4 || size == 8) && at.v % size == 0);
	if (!inside(p, at.v, size)) {
		return ERR_RANGE;
	}
	*value = 0;
	memcpy(value, fake_ram(p, at.v), size);
	if (fake.on_load != NULL) {
		fake.on_load(at.v);
	}
	return ERR_OK;
}

enum err port_cmpxchg_guest(struct partition *p, gpa_t at, u64 *expected,
			    u64 desired, size_t size)
{
	u64 seen = 0;

	HV_ASSERT((size == 4 || size == 8) && at.v % size == 0);
	if (!inside(p, at.v, size)) {
		return ERR_RANGE;
	}
	memcpy(&seen, fake_ram(p, at.v), size);
	if (seen == *expected) {
		memcpy(fake_ram(p, at.v), &desired, size);
	}
	*expected = seen;
	return ERR_OK;
}

void *port_pool_pages(size_t count)
{
	if (fails_now(&fake.fail_pool)) {
		return NULL;
	}
	fake.pool_pages += count;
	return fake_take(count * PAGE_SIZE);
}

void port_pool_usage(u64 *pages, u64 *used)
{
	*pages = 4096;
	*used = fake.pool_pages;
}

hpa_t port_hpa(const void *memory)
{
	return (hpa_t){(uintptr_t)memory};
}

void *fake_ram(struct partition *p, u64 gpa)
{
	return (u8 *)(uintptr_t)p->memory.v + gpa;
}
