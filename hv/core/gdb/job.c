/* SPDX-License-Identifier: MIT */
/* One job at a time; its results stay valid until the partition runs on. */
#include "core/gdb/job.h"

#include "core/events/post.h"
#include "core/gdb/link.h"
#include "core/state/partition.h"

void gdb_job_start(struct gdb_stub *s, struct vp *vp, bool is_write)
{
	struct gdb_job *job = &gdb_link.job;

	job->is_write = is_write;
	job->refused = 0;
	__atomic_store_n(&job->is_done, 0, __ATOMIC_RELAXED);
	s->seen = NULL;
	s->busy = vp;
	/* pairs with gdb_at_vp_serve(): the job comes with the request */
	__atomic_store_n(&vp->shared.gdb.request, 1, __ATOMIC_RELEASE);
	vp_post(vp, VP_EVENT_GDB);
}

/*
 * The VP has stopped before it took the request, and its partition may have
 * been started again since.
 */
static bool is_in_vain(const struct gdb_stub *s, struct vp *vp)
{
	bool is_over = __atomic_load_n(&vp->own.state, __ATOMIC_ACQUIRE) ==
			       VP_STOPPED ||
		       __atomic_load_n(&s->partition->life, __ATOMIC_RELAXED) !=
			       s->life;

	return is_over && __atomic_exchange_n(&vp->shared.gdb.request, 0,
					      __ATOMIC_ACQ_REL) != 0;
}

bool gdb_job_is_done(struct gdb_stub *s)
{
	if (s->busy == NULL) {
		return true;
	}
	/* pairs with do_job(): the results come with it */
	if (__atomic_load_n(&gdb_link.job.is_done, __ATOMIC_ACQUIRE)) {
		s->seen = gdb_link.job.is_write ? NULL : s->busy;
		s->busy = NULL;
		return true;
	}
	if (is_in_vain(s, s->busy)) {
		gdb_link.job.refused = 1;
		s->busy = NULL;
		return true;
	}
	return false;
}

bool gdb_job_see(struct gdb_stub *s)
{
	if (s->seen == s->current || s->again) {
		return true;
	}
	gdb_job_start(s, s->current, false);
	return false;
}
