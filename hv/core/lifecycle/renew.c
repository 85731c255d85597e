/* SPDX-License-Identifier: MIT */
/* Between two lives: what is left of the first one goes. */
#include "core/lifecycle/renew.h"

#include "common/lib/mem.h"
#include "core/apic/interrupts.h"
#include "core/console/first_use.h"
#include "core/emulate/guest_serial.h"
#include "core/events/hold.h"
#include "core/flush/inhibit.h"
#include "core/paging/ept.h"
#include "core/paging/published.h"
#include "core/paging/shadow.h"
#include "core/port/port.h"
#include "core/port/vmcs.h"
#include "core/registers/serve.h"
#include "core/sanitize/watch.h"
#include "core/state/cpu.h"
#include "core/state/machine.h"
#include "core/state/partition.h"
#include "core/state/vp.h"
#include "core/trace/record.h"
#include "core/trace/stats.h"

/* Other partitions read them without the lock: core/hypercall/translate.c. */
static void renew_msrs(struct partition *p)
{
	lock_acquire(&p->msr_lock);
	__atomic_store_n(&p->guest_os_id, 0, __ATOMIC_RELAXED);
	__atomic_store_n(&p->hypercall_msr, 0, __ATOMIC_RELAXED);
	__atomic_store_n(&p->tsc_invariant_control, 0, __ATOMIC_RELAXED);
	lock_acquire(&p->ept_lock);
	/* every VP's CPU executes INVEPT: renew_vp() */
	ept_overlay_off(&p->ept);
	lock_release(&p->ept_lock);
	lock_release(&p->msr_lock);
}

void renew_partition(struct partition *p)
{
	renew_msrs(p);
	guest_serial_reset(&p->serial);
	p->cmos = (struct cmos){0};
	first_use_reset(p);
	memset(p->flush_full, 0, sizeof(p->flush_full));
	memset(p->flush_nonglobal, 0, sizeof(p->flush_nonglobal));
	for (u32 i = 0; i < p->vp_count; i++) {
		inhibit_clear(p->vps[i]); /* also those of other partitions */
	}
	p->deadlock_reported = false;
	p->long_suspensions = 0;
	p->sanitize_lines = 0;
	p->vps_running = p->vp_count;
	p->vps_old = p->vp_count;
	p->life++;
	p->start_tsc = port_tsc();
}

/*
 * Everything but `published`, which others may be reading: published_update()
 * writes it. What they see of `state` meanwhile is a hint.
 */
static void renew_own(struct vp *vp)
{
	struct vp_own *own = &vp->own;
	u64 ticks = own->cpu_ticks; /* of all lives */

	memset(own, 0, offsetof(struct vp_own, published_seq));
	memset(&own->view, 0, sizeof(*own) - offsetof(struct vp_own, view));
	own->cpu_ticks = ticks;
	own->deadline = ~0ull;
	own->asleep = vp->number != 0;
	hold_note(vp); /* its holds outlast a life */
	record_renew_vp(vp);
	vapic_reset(&own->vapic, vp->number, vp->number == 0);
}

/* What came for the VP while it was STOPPED is not for the next life. */
static void renew_shared(struct vp *vp)
{
	struct vp_shared *shared = &vp->shared;

	for (u32 i = 0; i < ARRAY_SIZE(shared->posted_irr); i++) {
		__atomic_store_n(&shared->posted_irr[i], 0, __ATOMIC_RELAXED);
	}
	lock_acquire(&shared->queue.lock);
	__atomic_store_n(&shared->queue.count, 0, __ATOMIC_RELAXED);
	lock_release(&shared->queue.lock);
}

static void renew_shadow(struct vp *vp)
{
	shadow_reset(vp->shadow);
	memset(vp->pdptes, 0, sizeof(vp->shadow->pdpte));
}

static void drop_translations(struct vp *vp)
{
	/* rule: restart-drops-translations */
	port_invept(vp->partition);
	port_invvpid(machine.invvpid_context, vp, (gva_t){0});
	if (vp->shadow != NULL) {
		vp->shadow->invvpid_due = false;
	}
}

/* Each life of a partition with `gdb = com2-wait` begins with its debugger. */
static void hold_for_gdb(struct vp *vp)
{
	if (vp->partition->config->gdb == CONFIG_GDB_COM2_WAIT) {
		__atomic_fetch_or(&vp->shared.hold, HOLD_GDB, __ATOMIC_RELAXED);
	}
}

void renew_vp(struct vp *vp)
{
	struct partition *p = vp->partition;

	if (vp->shadow != NULL) {
		renew_shadow(vp);
	}
	if (vp->sanitize != NULL) {
		sanitize_reset(vp->sanitize);
	}
	drop_translations(vp);
	hold_for_gdb(vp);
	renew_own(vp);
	stats_reset(vp);
	vp->own.life = p->life;
	renew_shared(vp);
	port_vp_renew(vp);
	published_update(vp);
	/* not STOPPED before the list is taken: a request that comes later is
	   served, for its event is still there.
	   rule: renewed-before-list-taken */
	__atomic_store_n(&vp->own.state,
			 vp->number == 0 ? VP_RUNNABLE : VP_WAIT_SIPI,
			 __ATOMIC_SEQ_CST);
	reg_request_refuse(vp);
	if (vp->number == 0) {
		record_put(vp, TRACE_START, p->number, 0, 0);
	}
}
