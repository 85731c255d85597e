/* SPDX-License-Identifier: MIT */
/* Reading a ring while its CPU writes: no record is half old and half new. */
#include "core/trace/read.h"

#include <signal.h>

#include "support/check.h"
#include "support/fake_partition.h"
#include "x86/cr.h"

static struct vp *writer; /* on CPU 1; CPU 0 reads */
static u32 number;        /* of the next record */

static void make(void)
{
	writer = fake_partition(2, 1)->vps[1];
	fake_leave(writer->cpu);
	number = 0;
}

static void put(u32 count)
{
	for (u32 i = 0; i < count; i++) {
		fake.tsc += 100;
		record_put(writer, TRACE_MARK, number, number, ~(u64)number);
		number++;
	}
}

/* Reads all; checks that numbers ascend and records are whole. */
static u32 read_all(u32 count, u32 *first, u64 *lost)
{
	struct trace_record record;
	struct read r;
	u32 found = 0;
	u32 last = 0;

	read_begin(&r, writer->cpu, count);
	while (read_next(&r, &record)) {
		CHECK_EQ(record.a1, record.a0);
		CHECK_EQ(record.a2, ~(u64)record.a0);
		CHECK(found == 0 || record.a0 > last);
		*first = found == 0 ? record.a0 : *first;
		last = record.a0;
		found++;
	}
	*lost = r.lost;
	return found;
}

static void t_oldest_first(void)
{
	u32 first = 0;
	u64 lost;

	make();
	fake_enter(writer);
	CHECK_EQ(read_all(100, &first, &lost), 0);
	put(10);
	CHECK_EQ(read_all(100, &first, &lost), 10);
	CHECK_EQ(first, 0);
	CHECK_EQ(read_all(4, &first, &lost), 4);
	CHECK_EQ(first, 6);
	put(RECORD_RING_COUNT);
	CHECK_EQ(read_all(~0u, &first, &lost), RECORD_RING_COUNT);
	CHECK_EQ(first, 10);
	CHECK_EQ(lost, 0);
}

/* In root mode the CPU may be about to fill the place that it took last. */
static void t_the_last_place_may_be_unfinished(void)
{
	u32 first = 0;
	u64 lost;

	make();
	put(3);
	CHECK_EQ(read_all(10, &first, &lost), 2);
	CHECK_EQ(lost, 1);
	fake_enter(writer);
	CHECK_EQ(read_all(10, &first, &lost), 3);
	fake_leave(writer->cpu);
	writer->cpu->run |= RUN_IDLE;
	CHECK_EQ(read_all(10, &first, &lost), 3);
	writer->cpu->run &= ~RUN_IDLE;
	fake.cpu_number = 1; /* it reads its own ring */
	CHECK_EQ(read_all(10, &first, &lost), 3);
}

static u32 pace;

static void on_tsc_write(void)
{
	if (pace != 0) {
		u64 tsc = fake.tsc;

		put(pace);
		fake.tsc = tsc + 40 * pace;
	}
}

/*
 * Between the look at the pointer and the copy the CPU writes: what it has
 * overwritten, or may be overwriting, is dropped.
 */
static void t_the_writer_overtakes(void)
{
	u32 first = 0;
	u64 lost;

	for (u32 each = 1; each < 7; each++) {
		u32 found;

		fake_reset();
		make();
		put(RECORD_RING_COUNT + 5);
		fake_enter(writer);
		pace = each;
		fake.on_tsc = on_tsc_write;
		found = read_all(~0u, &first, &lost);
		pace = 0;
		CHECK(lost != 0);
		CHECK(found + lost <= RECORD_RING_COUNT);
	}
}

/* A whole round of the ring between two looks: only the clock shows it. */
static void t_a_whole_round(void)
{
	u32 first = 0;
	u64 lost;

	make();
	put(RECORD_RING_COUNT);
	fake_enter(writer);
	fake.tsc_step = 20000;
	CHECK_EQ(read_all(~0u, &first, &lost), 0);
	CHECK_EQ(lost, RECORD_RING_COUNT);
}

static void t_off_keeps_and_on_goes_on(void)
{
	u32 first = 0;
	u64 lost;

	make();
	fake_enter(writer);
	put(5);
	read_switch(false);
	CHECK(!read_is_on(writer->cpu));
	read_switch(false); /* once more changes nothing */
	put(3);
	CHECK_EQ(read_all(100, &first, &lost), 5);
	read_switch(true);
	CHECK(read_is_on(writer->cpu));
	put(2);
	/* 5, 6, 7 went to the spare ring; their places are empty here */
	CHECK_EQ(read_all(100, &first, &lost), 7);
	CHECK_EQ(lost, 0);
}

/* Places that the spare ring has passed hold older records: not in between. */
static void t_the_order_is_that_of_time(void)
{
	u32 first = 0;
	u64 lost;

	make();
	fake_enter(writer);
	put(RECORD_RING_COUNT + 50);
	read_switch(false);
	put(30);
	read_switch(true);
	put(1);
	CHECK_EQ(read_all(~0u, &first, &lost), RECORD_RING_COUNT - 30);
	CHECK_EQ(first, 81);
}

static volatile u32 interruptions;

/* The writer goes on between any two instructions of the reader. */
static void on_trap(int signal)
{
	(void)signal;
	writer->cpu->trace_low += (u16)sizeof(struct trace_record);
	interruptions++;
}

static void trap_flag(bool on)
{
	u64 flags = __builtin_ia32_readeflags_u64() & ~RFLAGS_TF;

	__builtin_ia32_writeeflags_u64(flags | (on ? RFLAGS_TF : 0));
}

static void t_is_on_while_the_writer_goes_on(void)
{
	bool on;

	make();
	interruptions = 0;
	CHECK(signal(SIGTRAP, on_trap) != SIG_ERR);
	trap_flag(true);
	on = read_is_on(writer->cpu);
	trap_flag(false);
	CHECK(signal(SIGTRAP, SIG_DFL) != SIG_ERR);
	CHECK(interruptions > 5);
	CHECK(on);
}

static void t_clear(void)
{
	u32 first = 0;
	u64 lost;

	make();
	fake_enter(writer);
	put(5);
	fake.tsc += 1;
	read_clear();
	put(2);
	CHECK_EQ(read_all(100, &first, &lost), 2);
	CHECK_EQ(first, 5);
}

static const struct test tests[] = {
	{"oldest-first", t_oldest_first},
	{"last-place-may-be-unfinished", t_the_last_place_may_be_unfinished},
	{"writer-overtakes", t_the_writer_overtakes},
	{"whole-round", t_a_whole_round},
	{"off-keeps-and-on-goes-on", t_off_keeps_and_on_goes_on},
	{"order-is-that-of-time", t_the_order_is_that_of_time},
	{"is-on-while-the-writer-goes-on", t_is_on_while_the_writer_goes_on},
	{"clear", t_clear},
};

const struct suite suite_trace_read = SUITE("read", tests);
