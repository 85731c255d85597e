/* SPDX-License-Identifier: MIT */
/*
 * The flush calls in a partition with software TLBs: each answers as anywhere
 * else, and removes what it names, for the VPs that it names, and nothing more.
 */
#include "core/hypercall/handlers.h"

#include "core/flush/inhibit.h"
#include "core/state/flush_queue.h"
#include "support/call.h"
#include "support/check.h"
#include "support/soft_spaces.h"

#define SPACE    CALL_CODE(HV_CALL_FLUSH_VIRTUAL_ADDRESS_SPACE)
#define LIST     CALL_CODE(HV_CALL_FLUSH_VIRTUAL_ADDRESS_LIST)
#define SPACE_EX CALL_CODE(HV_CALL_FLUSH_VIRTUAL_ADDRESS_SPACE_EX)
#define LIST_EX  CALL_CODE(HV_CALL_FLUSH_VIRTUAL_ADDRESS_LIST_EX)

#define GVA SOFT_GVA

static struct partition *p;

static void setup(u32 vp_count, u32 stride)
{
	p = soft_spaces_setup(vp_count, stride);
}

static u16 call_with(u64 control, const u64 *words, u32 count)
{
	call_put(p, CALL_GPA, words, count);
	return call_simple(p->vps[0], control);
}

/* ---- each call and flag ---- */

#define ALL BIT(0) /* processors */
#define SPC BIT(1) /* all address spaces */
#define NGL BIT(2)
#define EXT BIT(3)

#define E    SOFT_ALL
#define G    SOFT_GLOBALS
#define L(n) LIST | CALL_COUNT(n)
#define X    LIST_EX | CALL_COUNT(1) | CALL_VAR(1)

/* What is gone of VPs 0 and 1, in each space; VP 2 keeps all but with ALL */
static const struct {
	const char *name;
	u64 control;
	u64 words[6];
	u64 gone[SOFT_SPACES];
} calls[] = {
	/* clang-format off */
	{"space",           SPACE, {0, 0, 3},                      {E, G}},
	{"other space",     SPACE, {0x6000, 0, 3},                 {G, E}},
	{"low bits",        SPACE, {0x6fff, 0, 3},                 {G, E}},
	{"high bits",       SPACE, {0x6000 | BIT(63), 0, 3},       {G, E}},
	{"second half",     SPACE, {0x7000, 0, 3},                 {G, E}},
	{"no such space",   SPACE, {0x9000, 0, 3},                 {G, G}},
	{"all spaces",      SPACE, {0x9000, SPC, 3},               {E, E}},
	{"no globals",      SPACE, {0, NGL, 3},                    {E & ~G, 0}},
	{"all, no globals", SPACE, {0, NGL | SPC, 3},              {E & ~G, E & ~G}},
	{"list",            L(1),  {0, 0, 3, GVA},                 {1, 0}},
	{"list, other",     L(1),  {0x6000, 0, 3, GVA},            {0, 1}},
	{"list, all",       L(1),  {0x6000, SPC, 3, GVA},          {1, 1}},
	{"list, NGL",       L(1),  {0, NGL, 3, GVA | 2},           {7, 4}},
	{"list of two",     L(2),  {0, 0, 3, GVA, GVA + 0x3000},   {9, 0}},
	{"list, start",     L(2) | CALL_START(1),
				   {0, 0, 3, GVA, GVA + 0x3000},   {8, 0}},
	{"list, 2M",        L(1),  {0, EXT, 3, GVA | 0x800},       {E, G}},
	{"list, EXT, 4K",   L(1),  {0, EXT, 3, GVA | 1},           {3, 0}},
	{"list, no EXT",    L(1),  {0, 0, 3, GVA | 0x800},         {E, G}},
	{"list, none left", L(1),  {0, EXT, 3, (GVA - MIB * 2) | 0x800}, {0, 0}},
	{"ex space",        SPACE_EX | CALL_VAR(1), {0, 0, 0, 1, 3}, {E, G}},
	{"ex, no globals",  SPACE_EX | CALL_VAR(1), {0x6000, NGL, 0, 1, 3}, {0, E & ~G}},
	{"ex list",         X,     {0, 0, 0, 1, 3, GVA},           {1, 0}},
	{"ex list, all",    X,     {0, SPC, 0, 1, 3, GVA},         {1, 1}},
	{"ex list, 2M",     X,     {0x6000, EXT, 0, 1, 3, GVA | 0x800}, {G, E}},
	/* clang-format on */
};

static void t_each_call(void)
{
	for (u32 i = 0; i < ARRAY_SIZE(calls); i++) {
		setup(3, 1);
		CHECK_EQ(call_with(calls[i].control, calls[i].words, 6),
			 HV_STATUS_SUCCESS);
		/* each, the caller too, does it before its next entry */
		CHECK_STR(call_invvpids(), "");
		CHECK(call_has_work(p->vps[0]) && call_has_work(p->vps[1]));
		soft_spaces_drain(p);
		for (u32 space = 0; space < SOFT_SPACES; space++) {
			for (u32 n = 0; n < 2; n++) {
				check_eq(soft_spaces_has(p->vps[n], space),
					 E & ~calls[i].gone[space],
					 calls[i].name, __FILE__, __LINE__);
			}
			CHECK_EQ(soft_spaces_has(p->vps[2], space), E);
		}
		CHECK_STR(call_invvpids(),
			  calls[i].gone[0] | calls[i].gone[1] ? "11" : "");
	}
}

static void t_all_processors(void)
{
	static const u64 words[] = {0, ALL, 0, GVA};

	setup(3, 64);
	CHECK_EQ(call_with(L(1), words, 4), HV_STATUS_SUCCESS);
	soft_spaces_drain(p);
	for (u32 n = 0; n < 3; n++) {
		CHECK_EQ(soft_spaces_has(p->vps[n], 0), E & ~1ull);
		CHECK_EQ(soft_spaces_has(p->vps[n], 1), E);
	}
}

/* The caller alone, or nobody that exists. */
static void t_self_and_nobody(void)
{
	static const u64 self[] = {0, 0, 1, GVA};
	static const u64 nobody[] = {0, 0, BIT(9), GVA};

	setup(2, 1);
	CHECK_EQ(call_with(L(1), nobody, 4), HV_STATUS_SUCCESS);
	CHECK(!call_has_work(p->vps[0]) && !call_has_work(p->vps[1]));
	CHECK_EQ(call_with(L(1), self, 4), HV_STATUS_SUCCESS);
	CHECK(call_has_work(p->vps[0]) && !call_has_work(p->vps[1]));
	soft_spaces_drain(p);
	CHECK_EQ(soft_spaces_has(p->vps[0], 0), E & ~1ull);
}

/*
 * Where the hypercall page splits the EPT, and where the CPU has no INVVPID for
 * single pages, other VPs lose everything; here only what is named.
 */
static void t_beside_the_hypercall_page(void)
{
	static const u64 words[] = {0, 0, 3, GVA};
	u64 slot = 0;

	setup(2, 1);
	p->ept.split_slot = &slot;
	p->split_widens = true;
	machine.invvpid_address = false;
	CHECK_EQ(call_with(L(1), words, 4), HV_STATUS_SUCCESS);
	soft_spaces_drain(p);
	CHECK_EQ(soft_spaces_has(p->vps[0], 0), E & ~1ull);
	CHECK_EQ(soft_spaces_has(p->vps[1], 0), E & ~1ull);
}

/* A list that does not fit the queue is not copied: everything goes. */
static void t_long_lists(void)
{
	u64 words[3 + FLUSH_QUEUE_MAX + 1] = {0, 0, 3};

	for (u32 count = FLUSH_QUEUE_MAX; count <= FLUSH_QUEUE_MAX + 1;
	     count++) {
		u64 left = count > FLUSH_QUEUE_MAX ? 0 : E & ~1ull;

		setup(3, 1);
		for (u32 i = 0; i < count; i++) {
			words[3 + i] = 0x100000ull * i;
		}
		words[2 + count] = GVA;
		CHECK_EQ(call_with(L(0) | CALL_COUNT(count), words, 3 + count),
			 HV_STATUS_SUCCESS);
		CHECK_EQ(p->flush_full[0], left == 0 ? 3 : 0);
		soft_spaces_drain(p);
		CHECK_EQ(soft_spaces_has(p->vps[0], 0), left);
		CHECK_EQ(soft_spaces_has(p->vps[1], 0), left);
		CHECK_EQ(soft_spaces_has(p->vps[1], 1), left == 0 ? 0 : E);
		CHECK_EQ(soft_spaces_has(p->vps[2], 0), E);
	}
}

/* A VP that does not run meanwhile: its queue overflows to a full flush. */
static void t_many_calls(void)
{
	setup(2, 1);
	for (u32 i = 0; i < FLUSH_QUEUE_MAX_SHADOW / 2; i++) {
		u64 words[] = {0, 0, 2, GVA};

		CHECK_EQ(call_with(L(1), words, 4), HV_STATUS_SUCCESS);
		CHECK_EQ(p->flush_full[0], 0);
	}
	call_put(p, CALL_GPA, (u64[]){0, 0, 2, GVA + PAGE_SIZE}, 4);
	CHECK_EQ(call_simple(p->vps[0], L(1)), HV_STATUS_SUCCESS);
	CHECK_EQ(p->flush_full[0], 2);
	soft_spaces_drain(p);
	CHECK_EQ(soft_spaces_has(p->vps[1], 0) | soft_spaces_has(p->vps[1], 1),
		 0);
	CHECK_EQ(soft_spaces_has(p->vps[0], 0), E);
}

/* The call is made again later, so nothing may be done or put before. */
static void t_inhibited_target(void)
{
	static const u64 words[] = {0, 0, 7, GVA};
	struct hc_caller caller = {.is_64bit = true, .is_protected = true};

	setup(3, 1);
	inhibit_enter(p->vps[2]);
	inhibit_keep(p->vps[2], p);
	call_put(p, CALL_GPA, words, 4);
	p->vps[0]->own.gpr[GPR_RCX] = L(1);
	p->vps[0]->own.gpr[GPR_RDX] = CALL_GPA;
	CHECK_EQ(hypercall(p->vps[0], &caller), HC_REPEAT);
	for (u32 n = 0; n < 3; n++) {
		CHECK(!call_has_work(p->vps[n]));
		CHECK_EQ(soft_spaces_has(p->vps[n], 0), E);
	}
}

static const struct test tests[] = {
	{"each-call", t_each_call},
	{"all-processors", t_all_processors},
	{"self-and-nobody", t_self_and_nobody},
	{"beside-the-hypercall-page", t_beside_the_hypercall_page},
	{"long-lists", t_long_lists},
	{"many-calls", t_many_calls},
	{"inhibited-target", t_inhibited_target},
};

const struct suite suite_hc_flush_exact = SUITE("hc_flush_exact", tests);
