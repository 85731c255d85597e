/* SPDX-License-Identifier: MIT */
/*
 * The state machine of a VP that asks for another one's registers: what each
 * call does in each state.
 */
#include "core/registers/request.h"

#include "core/registers/serve.h"
#include "core/run/service.h"
#include "core/state/cpu.h"
#include "core/state/partition.h"
#include "support/check.h"
#include "support/fake_vmcs.h"
#include "support/reg_vp.h"

#define X(name) HV_X64_REGISTER_##name
#define GOOD    HV_STATUS_SUCCESS
#define STOPPED HV_STATUS_INVALID_VP_STATE
#define AGAIN   REG_VP_AGAIN
#define MISSED  2 /* before the call */

/* The VMCS belongs to the VP that acts, since the fake has only one. */
static struct vp *target;
static struct vp *asker;
static struct vp *other;
static struct vp *stopped;
static struct hv_register_value value;

static u16 ask(void)
{
	return reg_vp_get(asker, target, X(RAX), &value);
}

static void serve(void)
{
	fake.cpu_number = target->cpu->number;
	service_vp(target);
}

/* ---- the ways into the states ---- */

static void idle(void)
{
	target = reg_vp_new(4);
	asker = target->partition->vps[1];
	other = target->partition->vps[2];
	stopped = target->partition->vps[3];
	stopped->own.state = VP_STOPPED;
	target->own.gpr[GPR_RAX] = 1;
}

static void waiting(void)
{
	idle();
	CHECK_EQ(ask(), AGAIN);
}

static void away(void)
{
	waiting();
	reg_request_leave(asker);
}

static void answered(void)
{
	waiting();
	serve();
}

static void late(void)
{
	away();
	serve();
}

static void late_after_the_answer(void)
{
	answered();
	reg_request_leave(asker);
}

/* ---- the calls ---- */

static u16 same(void)
{
	return ask();
}

static u16 another_name(void)
{
	return reg_vp_get(asker, target, X(RAX) + GPR_RCX, &value);
}

static u16 another_target(void)
{
	return reg_vp_get(asker, other, X(RAX), &value);
}

static u16 stopped_target(void)
{
	return reg_vp_get(asker, stopped, X(RAX), &value);
}

struct row {
	u16 (*call)(void);
	u16 status;
	u32 missed; /* afterwards */
	bool asks;  /* posts a request */
};

/* The call waits: its CPU looks at other VPs, and its next call is this one. */
static void expect_waiting(void)
{
	CHECK_EQ(asker->shared.request.state, REG_REQUEST_POSTED);
	CHECK(asker->own.call.is_next);
	CHECK_EQ(asker->own.call.exit, asker->own.exit_count);
	CHECK(asker->cpu->yield && asker->own.due);
}

/* Makes the call of each row in the state that `enter` leads to. */
static void run(void (*enter)(void), const struct row *rows, u32 count)
{
	for (u32 i = 0; i < count; i++) {
		enter();
		asker->own.answers_missed = MISSED;
		asker->cpu->yield = false;
		asker->own.due = false;
		target->shared.events = 0;
		CHECK_EQ(rows[i].call(), rows[i].status);
		CHECK_EQ(asker->own.answers_missed, rows[i].missed);
		CHECK_EQ(target->shared.events | other->shared.events,
			 rows[i].asks ? VP_EVENT_REGISTERS : 0);
		CHECK_EQ(stopped->shared.events, 0);
		if (rows[i].status == AGAIN) {
			expect_waiting();
		} else {
			CHECK_EQ(asker->shared.request.state, REG_REQUEST_IDLE);
			CHECK(!asker->cpu->yield && !asker->own.due);
		}
	}
}

#define RUN(_enter, _rows) run(_enter, _rows, ARRAY_SIZE(_rows))

static void t_idle(void)
{
	static const struct row rows[] = {
		{same, AGAIN, MISSED, true},
		{another_name, AGAIN, MISSED, true},
		{another_target, AGAIN, MISSED, true},
		{stopped_target, STOPPED, MISSED, false},
	};

	RUN(idle, rows);
}

/* Until the answer comes, no other call can be asked or refused. */
static void t_waiting(void)
{
	static const struct row rows[] = {
		{same, AGAIN, MISSED, false},
		{another_name, AGAIN, MISSED, false},
		{another_target, AGAIN, MISSED, false},
		{stopped_target, AGAIN, MISSED, false},
	};

	RUN(waiting, rows);
	RUN(away, rows);
}

static void t_answered(void)
{
	static const struct row rows[] = {
		{same, GOOD, 0, false},
		{another_name, AGAIN, 0, true},
		{another_target, AGAIN, 0, true},
		{stopped_target, STOPPED, MISSED, false},
	};

	RUN(answered, rows);
}

static void t_late(void)
{
	static const struct row rows[] = {
		{same, AGAIN, MISSED + 1, true},
		{another_name, AGAIN, 0, true},
		{another_target, AGAIN, 0, true},
		{stopped_target, STOPPED, MISSED, false},
	};

	RUN(late, rows);
	RUN(late_after_the_answer, rows);
}

/* The answer comes to the call that waits last, not to the one that asked. */
static void t_back_from_away(void)
{
	away();
	CHECK_EQ(ask(), AGAIN);
	serve();
	CHECK_EQ(ask(), GOOD);
	CHECK_EQ(value.low, 1);
	away();
	CHECK_EQ(another_name(), AGAIN);
	serve();
	/* made again, but the answer is to another question */
	CHECK_EQ(another_name(), AGAIN);
	CHECK_EQ(asker->own.answers_missed, 0);
	CHECK_EQ(target->shared.events, VP_EVENT_REGISTERS);
}

/* The answer is there, but its target has stopped since. */
static void t_stop_after_the_answer(void)
{
	answered();
	target->own.state = VP_STOPPED;
	CHECK_EQ(ask(), STOPPED);
	CHECK_EQ(asker->shared.request.state, REG_REQUEST_IDLE);
	late();
	target->own.state = VP_STOPPED;
	CHECK_EQ(ask(), STOPPED);
	CHECK_EQ(asker->shared.request.state, REG_REQUEST_IDLE);
}

/* The target of the request stops, while another VP is asked. */
static void t_stop_before_another_question(void)
{
	waiting();
	target->own.state = VP_STOPPED;
	CHECK_EQ(another_target(), AGAIN);
	CHECK(target->shared.requests == NULL);
	CHECK(other->shared.requests == asker);
	CHECK(asker->shared.request.target == other);
	CHECK_EQ(asker->own.answers_missed, 0);
	expect_waiting();
}

/* The target has taken the request before it stops: only its CPU refuses it. */
static void t_stop_while_serving(void)
{
	waiting();
	target->own.serving = target->shared.requests;
	target->shared.requests = NULL;
	target->own.state = VP_STOPPED;
	CHECK_EQ(ask(), AGAIN);
	expect_waiting();
	reg_request_stop(target);
	CHECK_EQ(asker->shared.request.state, REG_REQUEST_DONE);
	CHECK_EQ(ask(), STOPPED);
	CHECK_EQ(asker->shared.request.state, REG_REQUEST_IDLE);
}

/* Which state lets the next call go before an event, also after misses. */
static void t_goes_first(void)
{
	static const struct {
		void (*enter)(void);
		bool at_once;
		bool after_misses;
	} rows[] = {
		{idle, false, false}, {waiting, false, true},
		{away, false, false}, {answered, true, true},
		{late, false, false}, {late_after_the_answer, false, false},
	};

	for (u32 i = 0; i < ARRAY_SIZE(rows); i++) {
		rows[i].enter();
		CHECK_EQ(reg_request_goes_first(asker), rows[i].at_once);
		asker->own.answers_missed = 3;
		CHECK_EQ(reg_request_goes_first(asker), rows[i].at_once);
		asker->own.answers_missed = 4;
		CHECK_EQ(reg_request_goes_first(asker), rows[i].after_misses);
		/* the VP has made another exit since */
		asker->own.exit_count++;
		CHECK(!reg_request_goes_first(asker));
	}
}

static const struct test tests[] = {
	{"idle", t_idle},
	{"waiting-or-away", t_waiting},
	{"answered", t_answered},
	{"late", t_late},
	{"back-from-away", t_back_from_away},
	{"stop-after-the-answer", t_stop_after_the_answer},
	{"stop-before-another-question", t_stop_before_another_question},
	{"stop-while-serving", t_stop_while_serving},
	{"goes-first", t_goes_first},
};

const struct suite suite_reg_states = SUITE("reg_states", tests);
