/* SPDX-License-Identifier: MIT */
/* The phases of core/gdb/stub.h. */
#include "core/gdb/run.h"

#include "core/events/hold.h"
#include "core/events/post.h"
#include "core/gdb/breakpoints.h"
#include "core/gdb/link.h"
#include "core/gdb/reason.h"
#include "core/state/cpu.h"
#include "core/state/partition.h"
#include "core/state/vp.h"

#define ACTIONS_MAX 64 /* in a vCont: each may cost a look at every VP */

/* enum gdb_action of each VP, by number */
static u8 actions[PARTITION_VPS_MAX];

/* ---- stopping ---- */

void gdb_run_stop(struct gdb_stub *s, u32 signal)
{
	s->signal = signal;
	s->phase = GDB_STOPPING;
	for (u32 i = 0; i < s->partition->vp_count; i++) {
		hold_set(s->partition->vps[i], HOLD_GDB);
	}
}

static bool all_out(const struct partition *p)
{
	for (u32 i = 0; i < p->vp_count; i++) {
		if (!hold_is_out(p->vps[i], HOLD_GDB)) {
			return false;
		}
	}
	return true;
}

/* Takes over why `vp` has stopped. */
static void note_reason(struct gdb_stub *s, struct vp *vp)
{
	s->reported = vp;
	s->why = GDB_STOP_NONE;
	s->is_offset = false;
	if (vp != NULL) {
		/* pairs with stop() in core/gdb/at_vp.c */
		s->why = __atomic_exchange_n(&vp->shared.gdb.stop,
					     GDB_STOP_NONE, __ATOMIC_ACQUIRE);
		s->address = vp->shared.gdb.address;
		s->is_offset = vp->shared.gdb.is_offset;
		s->focus = vp;
	}
	s->current = s->focus;
}

static void tell(struct gdb_stub *s)
{
	if (!s->asked) {
		return;
	}
	s->asked = false;
	gdb_reason_say(s);
	gdb_reply_begin(&s->reply);
	gdb_reason_put(s);
	gdb_reply_end(&s->reply);
}

static void stopped(struct gdb_stub *s)
{
	struct vp *chosen = s->current;

	s->phase = GDB_STOPPED;
	if (s->sweep) {
		s->sweep = false;
		gdb_breakpoints_clear(s->partition);
	}
	note_reason(s, __atomic_load_n(&gdb_link.first, __ATOMIC_ACQUIRE));
	if (s->untold) {
		/* in its next life; GDB, at its prompt, chooses threads */
		s->untold = false;
		s->current = chosen;
	}
	tell(s);
}

/* What was between the stub and the VP in the life that is over. */
static void forget(struct vp *vp)
{
	__atomic_store_n(&vp->shared.gdb.stop, GDB_STOP_NONE, __ATOMIC_RELAXED);
	__atomic_store_n(&vp->shared.gdb.action, GDB_STAY, __ATOMIC_RELAXED);
}

/* Is the next life held before its first instruction? */
static bool waits_for_gdb(const struct gdb_stub *s)
{
	return s->untold || s->partition->config->gdb == CONFIG_GDB_COM2_WAIT;
}

/* The life that has ended holds no VP of the next one. */
static void let_all_go(struct gdb_stub *s)
{
	for (u32 i = 0; !waits_for_gdb(s) && i < s->partition->vp_count; i++) {
		hold_clear(s->partition->vps[i], HOLD_GDB);
	}
}

void gdb_run_forget_end(struct gdb_stub *s)
{
	s->untold = false;
	if (s->phase == GDB_ENDED) {
		let_all_go(s);
	}
}

/* Its memory may be another guest's from here on. */
static void ended(struct gdb_stub *s)
{
	s->untold = s->phase == GDB_STOPPED && !s->killed;
	s->killed = false;
	s->phase = GDB_ENDED;
	s->seen = NULL;
	s->reported = NULL;
	s->why = GDB_STOP_NONE;
	s->is_offset = false;
	gdb_breakpoints_forget();
	__atomic_store_n(&gdb_link.first, NULL, __ATOMIC_RELAXED);
	for (u32 i = 0; i < s->partition->vp_count; i++) {
		forget(s->partition->vps[i]);
	}
	let_all_go(s);
	tell(s);
}

/* The next life, which may have begun while the stub did not look. */
static void look_for_life(struct gdb_stub *s, bool lives, u32 life)
{
	bool is_new = __atomic_load_n(&s->partition->state, __ATOMIC_ACQUIRE) ==
		      PARTITION_RUNNING;

	s->life = life;
	gdb_link.hardware.life = life;
	if (!waits_for_gdb(s)) {
		s->phase = lives ? GDB_RUNNING : GDB_ENDED;
	} else if (lives && is_new) {
		/* its VPs are held: since the life before, or by renew_vp() */
		s->focus = s->partition->vps[0];
		s->signal = GDB_SIGNAL_TRAP;
		s->phase = GDB_STOPPING;
	}
}

void gdb_run_poll(struct gdb_stub *s)
{
	bool lives = __atomic_load_n(&s->partition->vps_running,
				     __ATOMIC_ACQUIRE) != 0;

	u32 life = __atomic_load_n(&s->partition->life, __ATOMIC_RELAXED);

	if (s->phase == GDB_ENDED) {
		look_for_life(s, lives, life);
		return;
	}
	/* both, while the stub did not look */
	if (!lives || life != s->life) {
		ended(s);
		return;
	}
	if (s->phase == GDB_RUNNING &&
	    __atomic_load_n(&gdb_link.first, __ATOMIC_RELAXED) != NULL) {
		gdb_run_stop(s, GDB_SIGNAL_TRAP);
	}
	if (s->phase == GDB_STOPPING && all_out(s->partition)) {
		stopped(s);
	}
}

/* ---- running ---- */

static bool is_meant(const struct gdb_stub *s, const struct gdb_id *id,
		     const struct vp *vp)
{
	if (id->process != GDB_ID_ALL && id->process != GDB_ID_ANY &&
	    id->process != s->partition->number + 1ull) {
		return false;
	}
	if (id->thread == GDB_ID_ANY) {
		return vp == s->current;
	}
	return id->thread == GDB_ID_ALL || id->thread == vp->number + 1ull;
}

/* The first action that names a VP counts. */
static void plan(const struct gdb_stub *s, const struct gdb_id *id,
		 enum gdb_action action)
{
	for (u32 i = 0; i < s->partition->vp_count; i++) {
		if (actions[i] == GDB_STAY &&
		    is_meant(s, id, s->partition->vps[i])) {
			actions[i] = (u8)action;
		}
	}
}

static void plan_nothing(const struct gdb_stub *s)
{
	for (u32 i = 0; i < s->partition->vp_count; i++) {
		actions[i] = GDB_STAY;
	}
}

/*
 * A VP that is to go on, but has stopped by itself after an access or a step
 * that cannot be made again: it is reported first.
 */
static struct vp *unreported(const struct gdb_stub *s)
{
	for (u32 i = 0; i < s->partition->vp_count; i++) {
		struct vp *vp = s->partition->vps[i];
		u32 why =
			__atomic_load_n(&vp->shared.gdb.stop, __ATOMIC_RELAXED);

		if (actions[i] != GDB_STAY && why >= GDB_STOP_WRITE) {
			return vp;
		}
	}
	return NULL;
}

static void let_go(struct vp *vp, u32 action)
{
	__atomic_store_n(&vp->shared.gdb.stop, GDB_STOP_NONE, __ATOMIC_RELAXED);
	__atomic_store_n(&vp->shared.gdb.action, action, __ATOMIC_RELEASE);
	vp_post(vp, VP_EVENT_GDB);
	/* acted on after GDB, or together with it and after it */
	hold_clear(vp, HOLD_GDB);
}

static void go(struct gdb_stub *s)
{
	s->phase = GDB_RUNNING;
	s->seen = NULL;
	__atomic_store_n(&gdb_link.first, NULL, __ATOMIC_RELAXED);
	for (u32 i = 0; i < s->partition->vp_count; i++) {
		if (actions[i] != GDB_STAY) {
			let_go(s->partition->vps[i], actions[i]);
		}
	}
}

static bool is_planned(const struct gdb_stub *s, enum gdb_action action)
{
	for (u32 i = 0; i < s->partition->vp_count; i++) {
		if (actions[i] == action) {
			return true;
		}
	}
	return false;
}

enum gdb_answer gdb_run_refuse(struct gdb_stub *s)
{
	if (!s->untold) {
		return gdb_stub_error(s, E_VALUE);
	}
	gdb_run_forget_end(s);
	gdb_reason_put_exit(s);
	return GDB_ANSWERED;
}

static enum gdb_answer resume(struct gdb_stub *s)
{
	struct vp *vp = unreported(s);

	if (!is_planned(s, GDB_STEP) && !is_planned(s, GDB_CONTINUE)) {
		return gdb_stub_error(s, 1);
	}
	s->asked = true;
	if (vp == NULL) {
		go(s);
		return GDB_SILENT;
	}
	note_reason(s, vp);
	s->asked = false;
	gdb_reason_put(s);
	return GDB_ANSWERED;
}

/* False: no action that the stub knows. */
static bool take_action(struct gdb_text *t, enum gdb_action *action)
{
	bool has_signal = false;
	u64 signal;

	*action = GDB_CONTINUE;
	if (gdb_text_char(t, 's')) {
		*action = GDB_STEP;
	} else if (gdb_text_char(t, 'S')) {
		*action = GDB_STEP;
		has_signal = true;
	} else if (gdb_text_char(t, 'C')) {
		has_signal = true;
	} else if (!gdb_text_char(t, 'c')) {
		return false;
	}
	/* a VP has no signals */
	return !has_signal || gdb_text_hex(t, &signal);
}

enum gdb_answer gdb_run_vcont(struct gdb_stub *s, struct gdb_text *t)
{
	plan_nothing(s);
	for (u32 i = 0; gdb_text_char(t, ';'); i++) {
		struct gdb_id id = {GDB_ID_ALL, GDB_ID_ALL};
		enum gdb_action action;

		if (i == ACTIONS_MAX || !take_action(t, &action) ||
		    (gdb_text_char(t, ':') && !gdb_text_id(t, &id))) {
			return gdb_stub_error(s, 1);
		}
		plan(s, &id, action);
	}
	return t->len == 0 ? resume(s) : gdb_stub_error(s, 1);
}

enum gdb_answer gdb_run_all(struct gdb_stub *s, bool step)
{
	const struct vp *vp = s->stepper != NULL ? s->stepper : s->current;
	struct gdb_id one = {GDB_ID_ALL, vp->number + 1ull};
	struct gdb_id all = {GDB_ID_ALL, GDB_ID_ALL};

	plan_nothing(s);
	if (step) {
		plan(s, &one, GDB_STEP);
	}
	plan(s, &all, GDB_CONTINUE);
	return resume(s);
}

void gdb_run_detach(struct gdb_stub *s)
{
	struct gdb_id all = {GDB_ID_ALL, GDB_ID_ALL};

	s->asked = false;
	if (s->phase == GDB_STOPPED) {
		gdb_breakpoints_clear(s->partition);
		plan_nothing(s);
		plan(s, &all, GDB_CONTINUE);
		go(s);
	}
}
