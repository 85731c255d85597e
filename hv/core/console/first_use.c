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

struct first_uses {
	struct lock lock;
	u32 count;                     /* under lock: keys[] in use */
	u32 keys[FIRST_USE_LINES_MAX]; /* under lock */
	bool full;                     /* under lock: the last line is out */
	u64 last;                      /* any CPU, atomic: LAST_VALID | key */
	u64 uses;                      /* any CPU, atomic */
};

enum verdict { KNOWN, FIRST, FIRST_TOO_MANY };

static struct first_uses all[PARTITIONS_MAX][FIRST_USE_KINDS];

static const char *const kind_names[FIRST_USE_KINDS] = {
	[FIRST_USE_HYPERCALL] = "hypercall", [FIRST_USE_MSR_READ] = "msr-read",
	[FIRST_USE_MSR_WRITE] = "msr-write", [FIRST_USE_PORT_IN] = "port-in",
	[FIRST_USE_PORT_OUT] = "port-out",   [FIRST_USE_CPUID] = "cpuid",
	[FIRST_USE_OTHER] = "other",
};

static enum verdict note_locked(struct first_uses *used, u32 key)
{
	for (u32 i = 0; i < used->count; i++) {
		if (used->keys[i] == key) {
			return KNOWN;
		}
	}
	if (used->count < FIRST_USE_LINES_MAX) {
		used->keys[used->count++] = key;
		return FIRST;
	}
	if (used->full) {
		return KNOWN;
	}
	used->full = true;
	return FIRST_TOO_MANY;
}

static void print(const struct partition *p, enum first_use_kind kind, u32 key,
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

/* Not inlined: a use of the same key as last time does not come here. */
static __attribute__((noinline)) bool note(const struct partition *p,
					   enum first_use_kind kind, u32 key)
{
	struct first_uses *used = &all[p->number][kind];

	lock_acquire(&used->lock);
	enum verdict verdict = note_locked(used, key);

	lock_release(&used->lock);
	__atomic_store_n(&used->last, LAST_VALID | key, __ATOMIC_RELAXED);
	if (p->config->first_use == CONFIG_FIRST_USE_LIST) {
		print(p, kind, key, verdict);
	}
	return verdict == FIRST;
}

bool first_use_report(struct partition *p, enum first_use_kind kind, u32 key)
{
	struct first_uses *used = &all[p->number][kind];

	__atomic_fetch_add(&used->uses, 1, __ATOMIC_RELAXED);
	return __atomic_load_n(&used->last, __ATOMIC_RELAXED) !=
		       (LAST_VALID | key) &&
	       note(p, kind, key);
}

void first_use_summary(const struct partition *p)
{
	char line[REPORT_MAX];
	struct text t = text_start(line, sizeof(line));

	if (p->config->first_use != CONFIG_FIRST_USE_COUNT) {
		return;
	}
	for (u32 kind = 0; kind < FIRST_USE_KINDS; kind++) {
		struct first_uses *used = &all[p->number][kind];

		lock_acquire(&used->lock);
		u32 count = used->count;
		bool full = used->full;

		lock_release(&used->lock);
		if (count > 0) {
			text_put(&t, " ");
			text_put(&t, kind_names[kind]);
			text_put(&t, "=");
			text_dec(&t, count);
			text_put(&t, full ? "+" : "");
		}
	}
	if (t.len > 0) {
		log_last_line(p->config->name,
			      "first use%s (list them: first-use = list)",
			      line);
	}
}

u64 first_use_count(const struct partition *p, enum first_use_kind kind)
{
	return __atomic_load_n(&all[p->number][kind].uses, __ATOMIC_RELAXED);
}

void first_use_reset(const struct partition *p)
{
	for (u32 i = 0; i < FIRST_USE_KINDS; i++) {
		all[p->number][i] = (struct first_uses){.count = 0};
	}
}
