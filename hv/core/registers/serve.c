/* SPDX-License-Identifier: MIT */
/*
 * Requests at their target. Each target has a stack of the VPs that ask it: any
 * CPU pushes, and the target's CPU takes the whole stack. Once the target has
 * stopped, the CPU of a VP that asks may take it.
 */
#include "core/registers/serve.h"

#include "core/cpu/budget.h"
#include "core/events/post.h"
#include "core/paging/published.h"
#include "core/port/port.h"
#include "core/registers/table.h"

void reg_request_push(struct vp *self, struct vp *target)
{
	struct reg_request *r = &self->shared.request;
	struct vp *head =
		__atomic_load_n(&target->shared.requests, __ATOMIC_RELAXED);

	do {
		r->next = head;
		/* pairs with take(): the request comes with the pointer */
	} while (!__atomic_compare_exchange_n(&target->shared.requests, &head,
					      self, false, __ATOMIC_SEQ_CST,
					      __ATOMIC_RELAXED));
	vp_post(target, VP_EVENT_REGISTERS);
}

static struct vp *take(struct vp *target)
{
	/* pairs with reg_request_push() */
	return __atomic_exchange_n(&target->shared.requests, NULL,
				   __ATOMIC_SEQ_CST);
}

/* Gives the request back to its asker; it must not be touched afterwards. */
static void done(struct reg_request *r)
{
	/* pairs with load_state(): the answer comes with the state */
	__atomic_store_n(&r->state, REG_REQUEST_DONE, __ATOMIC_RELEASE);
}

void reg_request_serve(struct vp *target)
{
	u64 began = port_tsc();

	do {
		struct reg_request *r;

		if (target->own.serving == NULL) {
			target->own.serving = take(target);
		}
		if (target->own.serving == NULL) {
			return;
		}
		r = &target->own.serving->shared.request;
		target->own.serving = r->next;
		reg_job_run(&r->job, target, 0);
		published_update(target);
		done(r);
	} while (!budget_spent(target, began));
	/* the rest is served after other VPs had their turn */
	vp_post(target, VP_EVENT_REGISTERS);
}

static void refuse(struct vp *list)
{
	while (list != NULL) {
		struct reg_request *r = &list->shared.request;

		list = r->next;
		r->job.done = 0;
		r->job.status = HV_STATUS_INVALID_VP_STATE;
		done(r);
	}
}

void reg_request_refuse(struct vp *target)
{
	refuse(take(target));
}

void reg_request_stop(struct vp *target)
{
	refuse(target->own.serving);
	target->own.serving = NULL;
	reg_request_refuse(target);
}
