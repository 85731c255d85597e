/* SPDX-License-Identifier: MIT */
/* From requests to the functions of core/paging/shadow.h. */
#include "core/flush/drop.h"

#include "core/flush/range.h"
#include "core/paging/shadow.h"
#include "core/paging/shadow_drop.h"
#include "core/vp/shadow_vmcs.h"

/*
 * A change of CR0, CR4 or EFER is a full flush too (core/vp/cr.c), and may have
 * changed the format of the tables.
 */
static void drop_all(struct vp *vp)
{
	struct walk_state state;

	shadow_drop_all(vp->shadow);
	if (shadow_vmcs_state(vp, &state)) {
		shadow_load(vp->shadow, &state, true);
	}
}

/* One request: its header word and ranges. Returns how many words it has. */
static u32 drop_request(struct shadow *shadow, const u64 *words)
{
	u32 count = (u32)FIELD_GET(FLUSH_WORD_COUNT, words[0]);
	u64 space = words[0] & FLUSH_WORD_ALL_SPACES
			    ? SHADOW_ALL_SPACES
			    : words[0] & FLUSH_WORD_SPACE;

	if (count == 0) {
		shadow_drop_space(shadow, space,
				  (words[0] & FLUSH_WORD_NON_GLOBAL) != 0);
	}
	for (u32 i = 1; i <= count; i++) {
		struct flush_range range =
			words[0] & FLUSH_WORD_EXTENDED
				? flush_range_cut_extended(words[i])
				: flush_range_cut(words[i]);

		if (range.pages != 0) {
			shadow_drop_range(shadow, space, (gva_t){range.base},
					  range.pages);
		}
	}
	return 1 + count;
}

void drop_work(struct vp *vp, const struct drop_work *work)
{
	if (work->full) {
		drop_all(vp);
	} else {
		if (work->non_global) {
			shadow_drop_space(vp->shadow, SHADOW_ALL_SPACES, true);
		}
		for (u32 i = 0; i < work->count;) {
			i += drop_request(vp->shadow, &work->words[i]);
		}
	}
	shadow_vmcs_sync(vp);
}
