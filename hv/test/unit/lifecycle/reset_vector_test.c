/* SPDX-License-Identifier: MIT */
/* What lies at F000:FFF0, in the first life and in the next ones. */
#include "core/lifecycle/reset_vector.h"

#include <string.h>

#include "common/image/image_plan.h"
#include "core/lifecycle/refill.h"
#include "support/built.h"
#include "support/check.h"
#include "support/fake_partition.h"

static struct partition *p;

static const u8 *vector(void)
{
	return fake_ram(p, RESET_VECTOR);
}

static void start(void)
{
	memset(&built_handoff, 0, sizeof(built_handoff));
	fake_cpus(1);
	built_describe(0, 1, 1);
	p = built_make(0);
}

/* In 16-bit code: CLI, DX = 0xCF9, AL = 6 twice, OUT, HLT, back to the HLT */
static void t_asks_for_a_reset(void)
{
	static const u8 want[16] = {0xfa, 0xba, 0xf9, 0x0c, 0xb0, 0x06,
				    0xb0, 0x06, 0xee, 0xf4, 0xeb, 0xfd};

	start();
	CHECK_EQ(memcmp(vector(), want, sizeof(want)), 0);
	CHECK_EQ(vector()[-1], 0);
}

static void t_is_there_in_the_next_life(void)
{
	u8 first[16];

	start();
	memcpy(first, vector(), sizeof(first));
	while (!refill_poison(p)) {
	}
	CHECK(memcmp(vector(), first, sizeof(first)) != 0);
	while (!refill_load(p)) {
	}
	CHECK_EQ(memcmp(vector(), first, sizeof(first)), 0);
}

/* A segment that has no bytes in the file stays 0. */
static void t_a_segment_lies_there(void)
{
	static struct image_plan plan;
	static const u8 zeros[16];

	start();
	plan = *p->plan;
	plan.segments[plan.segment_count] =
		(struct image_segment){.gpa = 0xffff8, .memsz = 1};
	plan.segment_count++;
	p->plan = &plan;
	while (!refill_load(p)) {
	}
	CHECK_EQ(memcmp(vector(), zeros, sizeof(zeros)), 0);
	/* one that ends before it */
	plan.segments[plan.segment_count - 1].gpa = RESET_VECTOR - 1;
	while (!refill_load(p)) {
	}
	CHECK(vector()[0] == 0xfa);
}

static const struct test tests[] = {
	{"asks_for_a_reset", t_asks_for_a_reset},
	{"is_there_in_the_next_life", t_is_there_in_the_next_life},
	{"a_segment_lies_there", t_a_segment_lies_there},
};

const struct suite suite_reset_vector = SUITE("reset_vector", tests);
