/* SPDX-License-Identifier: MIT */
/* Compares INVVPIDs with what the oracle says (see hypercall_cover.h). */
#include "fuzz/hypercall_cover.h"

#include "core/cpu/run_word.h"
#include "core/flush/target.h"
#include "support/fake.h"

#define SAMPLE 40 /* so many pages are compared at each end of a range */

static bool is_covered(const struct vp *vp, u64 page)
{
	for (u32 i = 0; i < fake.invvpid_count && i < FAKE_RECORDS; i++) {
		const struct fake_invvpid *v = &fake.invvpids[i];

		if (v->vp == vp && v->type == INVVPID_ADDRESS &&
		    v->gva >> PAGE_SHIFT == page) {
			return true;
		}
	}
	return false;
}

static bool has_whole(const struct vp *vp, bool with_globals)
{
	for (u32 i = 0; i < fake.invvpid_count && i < FAKE_RECORDS; i++) {
		const struct fake_invvpid *v = &fake.invvpids[i];

		if (v->vp == vp && v->type != INVVPID_ADDRESS &&
		    (v->type != INVVPID_SINGLE_RETAIN_GLOBALS ||
		     !with_globals)) {
			return true;
		}
	}
	return false;
}

static bool is_page_done(const struct vp *vp,
			 const struct oracle_answer *answer, u64 page)
{
	return page >> 52 != 0 ||
	       !oracle_must_flush(answer, vp->index, page << PAGE_SHIFT,
				  true) ||
	       is_covered(vp, page);
}

/*
 * The pages of each element, at least those at its ends, must be invalidated.
 */
static bool is_list_done(const struct vp *vp,
			 const struct oracle_answer *answer)
{
	bool done = true;

	for (u32 i = answer->first; i < answer->count; i++) {
		u64 first = oracle_range_first(answer, i);
		u64 pages = oracle_range_pages(answer, i);

		for (u64 k = 0; k < pages && k < SAMPLE; k++) {
			done &= is_page_done(vp, answer, first + k);
			done &= is_page_done(vp, answer, first + pages - 1 - k);
		}
	}
	return done;
}

bool cover_has_work(const struct vp *vp)
{
	return (*vp->flush_full & vp->bank_bit) != 0 ||
	       (*vp->flush_nonglobal & vp->bank_bit) != 0 ||
	       vp->shared.queue.count != 0;
}

bool cover_drain(struct vp *vp)
{
	bool is_out = !run_has(vp->cpu->run, vp);

	if (!cover_has_work(vp)) {
		return true;
	}
	fake_leave(vp->cpu);
	fake.cpu_number = vp->cpu->number;
	vp->cpu->vp = vp;
	flush_drain(vp);
	return is_out;
}

bool cover_is_complete(const struct vp *vp, const struct oracle_answer *answer)
{
	if (answer->flush == ORACLE_FLUSH_LIST) {
		return has_whole(vp, true) || is_list_done(vp, answer);
	}
	if (oracle_must_flush(answer, vp->index, 0, true)) {
		return has_whole(vp, true);
	}
	return !oracle_must_flush(answer, vp->index, 0, false) ||
	       has_whole(vp, false);
}
