/* SPDX-License-Identifier: MIT */
/*
 * The order of the engine's checks: a call with two errors has to get the
 * status of the one that is checked first (docs/abi.md, reference handler).
 * Every pair of errors is tried.
 */
#include "core/hypercall/engine.h"

#include "support/call.h"
#include "support/check.h"
#include "tlfs/cpuid.h"

#define WORDS 12

struct setting {
	struct partition *p;
	struct call call;
	u64 words[WORDS]; /* the input block */
	u32 flags_at;
};

static void bad_cpl(struct setting *s)
{
	s->call.cpl = 3;
}

static void bad_real_mode(struct setting *s)
{
	s->call.real_mode = true;
}

static void bad_os_id(struct setting *s)
{
	s->p->guest_os_id = 0;
}

static void set_code(struct setting *s, u64 code)
{
	s->call.control = (s->call.control & ~HV_CONTROL_CODE) | code;
}

static void bad_vtl(struct setting *s)
{
	set_code(s, 0x11);
}

static void bad_code(struct setting *s)
{
	/* unless the code is checked even before */
	if (FIELD_GET(HV_CONTROL_CODE, s->call.control) != 0x11) {
		set_code(s, 0x10);
	}
}

static void bad_hint(struct setting *s)
{
	fake_config(s->p)->privileges.hints = 0;
}

static void bad_reserved(struct setting *s)
{
	s->call.control |= BIT(63);
}

static void bad_count(struct setting *s)
{
	s->call.control &= ~HV_CONTROL_REP_COUNT;
}

static void bad_fast(struct setting *s)
{
	s->call.control |= HV_CONTROL_FAST;
	fake_config(s->p)->privileges.features = 0;
}

static void bad_alignment(struct setting *s)
{
	s->call.input |= 4;
}

static void bad_span(struct setting *s)
{
	s->call.input |= 0xff8;
}

static void bad_gpa(struct setting *s)
{
	s->call.input += FAKE_RAM;
}

static void bad_read(struct setting *s)
{
	(void)s;
	fake.fail_read_guest = 1;
}

static void bad_flags(struct setting *s)
{
	s->words[1] |= BIT(4);
}

static void bad_format(struct setting *s)
{
	s->words[2] = 2;
}

static void bad_banks(struct setting *s)
{
	s->words[3] |= BIT(5);
}

/* In the order in which they are checked. */
static const struct {
	const char *name;
	void (*apply)(struct setting *s);
	u16 status;
	bool keeps_start; /* found after the control word's checks */
} errors[] = {
	/* clang-format off */
	{ "cpl",       bad_cpl,       CALL_UD, false },
	{ "real-mode", bad_real_mode, CALL_UD, false },
	{ "os-id",     bad_os_id,     CALL_UD, false },
	{ "vtl",       bad_vtl,       CALL_UD, false },
	{ "code",      bad_code,      HV_STATUS_INVALID_HYPERCALL_CODE, false },
	{ "hint",      bad_hint,      HV_STATUS_ACCESS_DENIED, false },
	{ "reserved",  bad_reserved,  HV_STATUS_INVALID_HYPERCALL_INPUT, false },
	{ "count",     bad_count,     HV_STATUS_INVALID_HYPERCALL_INPUT, false },
	{ "fast",      bad_fast,      CALL_UD, false },
	{ "alignment", bad_alignment, HV_STATUS_INVALID_ALIGNMENT, true },
	{ "span",      bad_span,      HV_STATUS_INVALID_ALIGNMENT, true },
	{ "gpa",       bad_gpa,       HV_STATUS_INVALID_ALIGNMENT, true },
	{ "read",      bad_read,      HV_STATUS_INVALID_HYPERCALL_INPUT, true },
	{ "flags",     bad_flags,     HV_STATUS_INVALID_PARAMETER, true },
	{ "format",    bad_format,    HV_STATUS_INVALID_PARAMETER, true },
	{ "banks",     bad_banks,     HV_STATUS_INVALID_HYPERCALL_INPUT, true },
	/* clang-format on */
};

/* A good LIST_EX call: VPs 0 and 1, elements 1 and 2 of three. */
static void good(struct setting *s)
{
	static const u64 words[WORDS] = {
		0, 0, HV_GENERIC_SET_SPARSE_4K, 1, 3, 0x5000, 0x6000, 0x7000};

	fake_reset();
	*s = (struct setting){.p = call_partition(2, 1)};
	s->call.control = HV_CALL_FLUSH_VIRTUAL_ADDRESS_LIST_EX | CALL_VAR(1) |
			  CALL_COUNT(3) | CALL_START(1);
	s->call.input = CALL_GPA;
	for (u32 i = 0; i < WORDS; i++) {
		s->words[i] = words[i];
	}
}

static void make(struct setting *s)
{
	call_put(s->p, CALL_GPA, s->words, WORDS);
	call_make(s->p->vps[0], &s->call);
}

static void t_the_base_call_is_good(void)
{
	struct setting s;

	good(&s);
	make(&s);
	CHECK_EQ(s.call.status, HV_STATUS_SUCCESS);
	CHECK_EQ(s.call.reps, 3);
	CHECK(call_has_work(s.p->vps[1]));
	CHECK_STR(call_invvpids(), "00");
}

static void check_pair(u32 first, u32 second)
{
	struct setting s;

	good(&s);
	errors[first].apply(&s);
	errors[second].apply(&s);
	make(&s);
	if (s.call.status != errors[first].status) {
		check_fail(__FILE__, __LINE__, "%s + %s: got 0x%x want 0x%x",
			   errors[first].name, errors[second].name,
			   s.call.status, errors[first].status);
	}
	CHECK_EQ(s.call.reps, errors[first].keeps_start ? 1 : 0);
	/* a refused call has no effect */
	CHECK(!call_has_work(s.p->vps[0]));
	CHECK(!call_has_work(s.p->vps[1]));
	CHECK_EQ(fake.invvpid_count + fake.kick_count, 0);
	CHECK_EQ(s.p->vps[0]->cpu->flush_seq, 0);
}

static void t_pairs(void)
{
	for (u32 i = 0; i < ARRAY_SIZE(errors); i++) {
		for (u32 j = i; j < ARRAY_SIZE(errors); j++) {
			check_pair(i, j);
		}
	}
}

/* The calls without EX have a pair of errors of their own. */
static void t_flags_before_empty_mask(void)
{
	static const u64 words[] = {0, BIT(4), 0, 0x5000};
	struct partition *p = call_partition(1, 1);

	call_put(p, CALL_GPA, words, 4);
	CHECK_EQ(call_simple(p->vps[0], HV_CALL_FLUSH_VIRTUAL_ADDRESS_SPACE),
		 HV_STATUS_INVALID_PARAMETER);
}

static const struct test tests[] = {
	{"the-base-call-is-good", t_the_base_call_is_good},
	{"pairs", t_pairs},
	{"flags-before-empty-mask", t_flags_before_empty_mask},
};

const struct suite suite_hypercall_order = SUITE("hypercall_order", tests);
