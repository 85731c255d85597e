/* SPDX-License-Identifier: MIT */
/*
 * Remembers, per partition and kind, the first 32 keys that were used. A use of
 * the same key as the last time costs one comparison.
 */
#include "core/console/first_use.h"

#include "base/bits.h"
#include "common/lib/text.h"
#include "core/console/log.h"
#include "core/state/lock.h"
#include "core/state/machine.h"
#include "core/state/partition.h"

#define LAST_VALID BIT(32)
#define REPORT_MAX 128 /* ` hypercall=32+` and so on, of all kinds */

struct once {
	struct lock lock;
	u32 count;                /* under lock: keys[] in use */
	u32 keys[ONCE_LINES_MAX]; /* under lock */
	bool full;                /* under lock: the last line is out */
	u64 last;                 /* any CPU, atomic: LAST_VALID | key */
	u64 uses;                 /* any CPU, atomic */
};

enum verdict { KNOWN, FIRST, FIRST_TOO_MANY };

static struct once all[PARTITIONS_MAX][ONCE_KINDS];

static const char *const kind_names[ONCE_KINDS] = {
	[ONCE_HYPERCALL] = "hypercall", [ONCE_MSR_READ] = "msr-read",
	[ONCE_MSR_WRITE] = "msr-write", [ONCE_PORT_IN] = "port-in",
	[ONCE_PORT_OUT] = "port-out",   [ONCE_CPUID] = "cpuid",
	[ONCE_OTHER] = "other",
};

static enum verdict note_locked(struct once *once, u32 key)
{
	for (u32 i = 0; i < once->count; i++) {
		if (once->keys[i] == key) {
			return KNOWN;
		}
	}
	if (once->count < ONCE_LINES_MAX) {
		once->keys[once->count++] = key;
		return FIRST;
	}
	if (once->full) {
		return KNOWN;
	}
	once->full = true;
	return FIRST_TOO_MANY;
}

static void print(const struct partition *p, enum once_kind kind, u32 key,
		  enum verdict verdict)
{
	if (verdict == FIRST) {
		log_line(p->config->name, "first use kind=%s key=0x%x",
			 kind_names[kind], key);
	} else if (verdict == FIRST_TOO_MANY) {
		log_line(p->config->name,
			 "first use kind=%s: more are only counted",
			 kind_names[kind]);
	}
}

/* Not inlined: a guest that does the same again should not pay for it. */
static __attribute__((noinline)) bool note(const struct partition *p,
					   enum once_kind kind, u32 key)
{
	struct once *once = &all[p->number][kind];

	lock_acquire(&once->lock);
	enum verdict verdict = note_locked(once, key);

	lock_release(&once->lock);
	__atomic_store_n(&once->last, LAST_VALID | key, __ATOMIC_RELAXED);
	if (p->config->first_use == CONFIG_FIRST_USE_LIST) {
		print(p, kind, key, verdict);
	}
	return verdict == FIRST;
}

bool once_first(struct partition *p, enum once_kind kind, u32 key)
{
	struct once *once = &all[p->number][kind];

	__atomic_fetch_add(&once->uses, 1, __ATOMIC_RELAXED);
	return __atomic_load_n(&once->last, __ATOMIC_RELAXED) !=
		       (LAST_VALID | key) &&
	       note(p, kind, key);
}

void once_report(const struct partition *p)
{
	char line[REPORT_MAX];
	struct text t = text_start(line, sizeof(line));

	if (p->config->first_use != CONFIG_FIRST_USE_COUNT) {
		return;
	}
	for (u32 kind = 0; kind < ONCE_KINDS; kind++) {
		struct once *once = &all[p->number][kind];

		lock_acquire(&once->lock);
		u32 count = once->count;
		bool full = once->full;

		lock_release(&once->lock);
		if (count > 0) {
			text_put(&t, " ");
			text_put(&t, kind_names[kind]);
			text_put(&t, "=");
			text_dec(&t, count);
			text_put(&t, full ? "+" : "");
		}
	}
	if (t.len > 0) {
		log_line(p->config->name,
			 "first use%s (list them: first-use = list)", line);
	}
}

u64 once_uses(const struct partition *p, enum once_kind kind)
{
	return __atomic_load_n(&all[p->number][kind].uses, __ATOMIC_RELAXED);
}

void once_reset(const struct partition *p)
{
	for (u32 i = 0; i < ONCE_KINDS; i++) {
		all[p->number][i] = (struct once){.count = 0};
	}
}
