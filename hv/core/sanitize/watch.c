/* SPDX-License-Identifier: MIT */
/* Fixed room, whatever a guest does. */
#include "core/sanitize/watch.h"

#include "base/bits.h"
#include "common/lib/mem.h"
#include "x86/pte.h"

#define LINEAR GENMASK(47, 0) /* the sign of an address does not count */

void sanitize_reset(struct sanitize *z)
{
	u64 grace = z->grace;

	memset(z, 0, sizeof(*z));
	z->grace = grace;
}

bool sanitize_is_watched(const struct sanitize *z, u32 pcid, u64 gva)
{
	for (u32 i = 0; i < SANITIZE_WATCHES; i++) {
		const struct sanitize_watch *w = &z->watch[i];
		u64 page = LINEAR & ~(PTE_SIZE(w->use.level) - 1);

		if (w->state != SANITIZE_FREE && w->use.pcid == pcid &&
		    ((w->use.gva ^ gva) & page) == 0) {
			return true;
		}
	}
	return false;
}

static struct sanitize_watch *find(struct sanitize *z,
				   enum sanitize_state state)
{
	for (u32 i = 0; i < SANITIZE_WATCHES; i++) {
		if (z->watch[i].state == state) {
			return &z->watch[i];
		}
	}
	return NULL;
}

void sanitize_watch(struct sanitize *z, const struct sanitize_use *use)
{
	struct sanitize_watch *w = find(z, SANITIZE_FREE);

	z->count.uses[use->kind]++;
	if (w == NULL) {
		w = find(z, SANITIZE_REPORTED);
	}
	if (w == NULL) {
		z->count.lost++;
		return;
	}
	*w = (struct sanitize_watch){.state = SANITIZE_WAITS, .use = *use};
}

bool sanitize_waits(const struct sanitize *z)
{
	for (u32 i = 0; i < SANITIZE_WATCHES; i++) {
		if (z->watch[i].state == SANITIZE_WAITS) {
			return true;
		}
	}
	return false;
}

static bool is_same(const struct sanitize_use *a, const struct sanitize_use *b)
{
	return a->kind == b->kind && a->rip == b->rip &&
	       ((a->gva ^ b->gva) & PAGE_MASK) == 0;
}

bool sanitize_found(struct sanitize *z, const struct sanitize_use *use)
{
	u64 kept = z->found < SANITIZE_FINDINGS ? z->found : SANITIZE_FINDINGS;

	z->count.findings[use->kind]++;
	for (u64 i = 0; i < kept; i++) {
		if (is_same(&z->finding[i], use)) {
			return false;
		}
	}
	z->finding[z->found % SANITIZE_FINDINGS] = *use;
	z->found++;
	return true;
}
