/* SPDX-License-Identifier: MIT */
/* Which time counts as grace, and when there is something to compare. */
#include "core/sanitize/step.h"

#include "core/cpu/due.h"
#include "core/flush/target.h"
#include "core/port/vmcs.h"
#include "core/sanitize/judge.h"
#include "core/sanitize/scan.h"
#include "core/sanitize/watch.h"
#include "core/state/cpu.h"
#include "core/state/partition.h"
#include "core/vp/shadow_vmcs.h"
#include "x86/exception.h"

/* More than that between two steps: the VP did not have its CPU. */
#define GRACE_STEP_MAX (2 * SANITIZE_INTERVAL)

/*
 * Can the VP not make the flush that is waited for, for a reason that is not
 * the guest's? Read while others change it: a hint.
 */
static bool is_kept_out(const struct vp *vp)
{
	enum vp_state state = __atomic_load_n(&vp->own.state, __ATOMIC_RELAXED);

	return __atomic_load_n(&vp->own.held, __ATOMIC_RELAXED) != 0 ||
	       state == VP_SUSPENDED ||
	       ((state == VP_RUNNABLE ||
		 (state == VP_HALTED && due_has_events(vp))) &&
		__atomic_load_n(&vp->cpu->charged, __ATOMIC_RELAXED) != vp);
}

static bool any_is_kept_out(const struct partition *p)
{
	for (u32 i = 0; i < p->vp_count; i++) {
		if (is_kept_out(p->vps[i])) {
			return true;
		}
	}
	return false;
}

/* The grace that has passed since the last step. */
static u64 passed(const struct vp *vp, u64 now)
{
	const struct sanitize *z = vp->sanitize;
	u64 ticks = now - z->last;

	if (z->last == 0 || !sanitize_waits(z) ||
	    any_is_kept_out(vp->partition)) {
		return 0;
	}
	return ticks < GRACE_STEP_MAX ? ticks : GRACE_STEP_MAX;
}

static void fill(struct sanitize_view *v, struct vp *vp)
{
	v->p = vp->partition;
	v->s = vp->shadow;
	v->z = vp->sanitize;
	v->vp = vp->number;
}

void sanitize_step(struct vp *vp, u64 now)
{
	struct sanitize_view v;
	u64 ticks = passed(vp, now);

	if (vp->own.state == VP_STOPPED) {
		return;
	}
	/* first what others have posted, which would be done before the entry:
	   a VP that is flushed all the time is compared too */
	flush_drain(vp);
	if (vp->shadow->current == NULL || !shadow_vmcs_state(vp, &v.state)) {
		return;
	}
	fill(&v, vp);
	vp->sanitize->last = now;
	sanitize_judge(&v, ticks);
	sanitize_scan(&v);
	shadow_vmcs_sync(vp);
}

void sanitize_trapped(struct vp *vp, const struct walk_state *state, gva_t gva,
		      u32 error_code)
{
	const struct sanitize_access access = {
		.gva = gva.v,
		.rip = port_vmcs_get(VMCS_GUEST_RIP),
		.access = error_code & X86_PF_FETCH   ? WALK_EXECUTE
			  : error_code & X86_PF_WRITE ? WALK_WRITE
						      : WALK_READ,
		.cpl = (u32)FIELD_GET(VMX_ACCESS_DPL,
				      port_vmcs_get(VMCS_GUEST_SS_ACCESS)),
	};
	struct sanitize_view v = {.state = *state};

	fill(&v, vp);
	sanitize_meet(&v, &access);
	shadow_vmcs_sync(vp);
}
