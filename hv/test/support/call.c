/* SPDX-License-Identifier: MIT */
/* Hypercalls for tests (see call.h). */
#include "support/call.h"

#include <stdio.h>
#include <string.h>

#include "core/console/first_use.h"
#include "core/cpu/run_word.h"
#include "core/flush/caller.h"
#include "support/check.h"

#define POISON 0xa5c3f00d00000000ull

static u64 random_state;

void call_seed(u64 seed)
{
	random_state = seed * 2 + 1;
}

/* xorshift64* */
u64 call_random(void)
{
	random_state ^= random_state >> 12;
	random_state ^= random_state << 25;
	random_state ^= random_state >> 27;
	return random_state * 0x2545f4914f6cdd1dull;
}

u32 call_random_below(u32 limit)
{
	return limit == 0 ? 0 : (u32)((call_random() >> 32) % limit);
}

struct partition *call_partition(u32 vp_count, u32 stride)
{
	struct partition *p = fake_partition(vp_count, stride);

	first_use_reset(p);
	p->guest_os_id = 1;
	return p;
}

void call_put(struct partition *p, u64 gpa, const u64 *words, u32 count)
{
	memcpy(fake_ram(p, gpa), words, count * sizeof(words[0]));
}

static void set_half(u64 *gpr, enum vp_gpr high, enum vp_gpr low, u64 value)
{
	gpr[high] = (POISON & ~0xffffffffull) | value >> 32;
	gpr[low] = (POISON & ~0xffffffffull) | (u32)value;
}

static void load_registers(u64 *gpr, const struct call *call)
{
	for (u32 i = 0; i < GPR_COUNT; i++) {
		gpr[i] = POISON + i;
	}
	if (call->is_32bit) {
		set_half(gpr, GPR_RDX, GPR_RAX, call->control);
		set_half(gpr, GPR_RBX, GPR_RCX, call->input);
		set_half(gpr, GPR_RDI, GPR_RSI, call->output);
	} else {
		gpr[GPR_RCX] = call->control;
		gpr[GPR_RDX] = call->input;
		gpr[GPR_R8] = call->output;
	}
}

static void check_kept(const u64 *before, const u64 *after,
		       const struct call *call, enum hc_outcome outcome)
{
	for (u32 i = 0; i < GPR_COUNT; i++) {
		bool result = i == GPR_RAX || (i == GPR_RDX && call->is_32bit);

		if (outcome == HC_UD || !result) {
			CHECK_EQ(after[i], before[i]);
		}
	}
}

void call_make(struct vp *vp, struct call *call)
{
	struct hc_caller caller = {.is_64bit = !call->is_32bit,
				   .is_protected = !call->real_mode,
				   .cpl = call->cpl};
	u64 before[GPR_COUNT];
	enum hc_outcome outcome;
	u64 result;

	load_registers(vp->own.gpr, call);
	memcpy(before, vp->own.gpr, sizeof(before));
	fake.cpu_number = vp->cpu->number;
	outcome = hypercall(vp, &caller);
	check_kept(before, vp->own.gpr, call, outcome);
	if (outcome == HC_UD) {
		call->status = CALL_UD;
		call->reps = 0;
		return;
	}
	result = vp->own.gpr[GPR_RAX];
	if (call->is_32bit) {
		result = vp->own.gpr[GPR_RDX] << 32 | (u32)result;
	}
	CHECK_EQ(result & ~(HV_RESULT_STATUS | HV_RESULT_REPS), 0);
	call->status = (u16)FIELD_GET(HV_RESULT_STATUS, result);
	call->reps = (u16)FIELD_GET(HV_RESULT_REPS, result);
}

u16 call_simple(struct vp *vp, u64 control)
{
	struct call call = {.control = control, .input = CALL_GPA};

	call_make(vp, &call);
	return call.status;
}

bool call_has_work(const struct vp *vp)
{
	return due_is_posted(vp);
}

static u32 same_from(u32 first)
{
	u32 next = first;

	while (next < fake.invvpid_count &&
	       fake.invvpids[next].type == fake.invvpids[first].type) {
		next++;
	}
	return next - first;
}

enum flush_end call_flush(struct vp *self, struct flush_request *request,
			  const u64 set[HV_VP_SET_BANKS])
{
	struct vp_set *others = &request->targets.others;

	/* on the machine the words outside `banks` hold anything, too */
	memset(others->words, 0xff, sizeof(others->words));
	others->banks = 0;
	for (u32 i = 0; i < HV_VP_SET_BANKS; i++) {
		if (set[i] != 0) {
			others->words[i] = set[i];
			others->banks |= BIT(i);
		}
	}
	request->targets.self = vp_set_take(others, self->bank, self->bank_bit);
	return flush_run(self, request);
}

void call_execute(struct vp *vp, enum flush_kind kind, const u64 *ranges,
		  u32 count)
{
	const struct flush_request request = {.targets.self = true,
					      .kind = kind,
					      .range_count = count,
					      .ranges = ranges};

	CHECK_EQ(flush_run(vp, &request), FLUSH_DONE);
}

const char *call_invvpids(void)
{
	static char text[256];
	int at = 0;

	text[0] = 0;
	CHECK(fake.invvpid_count <= FAKE_RECORDS);
	for (u32 i = 0; i < fake.invvpid_count && at < 200;) {
		u32 run = same_from(i);
		char digit = (char)('0' + fake.invvpids[i].type);

		if (run > 16) {
			at += snprintf(text + at, 32, "%c*%u", digit, run);
			i += run;
		} else {
			text[at++] = digit;
			text[at] = 0;
			i++;
		}
	}
	fake.invvpid_count = 0;
	return text;
}
