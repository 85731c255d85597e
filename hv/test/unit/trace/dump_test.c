/* SPDX-License-Identifier: MIT */
/* A dump's lines, read by the decoder of tools/lethe-trace. */
#include "core/trace/dump.h"

#include <stdio.h>
#include <string.h>

#include "common/lib/crc32.h"
#include "lethe-trace/frame.h"
#include "lethe-trace/unpack.h"
#include "support/check.h"

#define COUNT 3000

static char log_text[COUNT * DUMP_LINE_MAX];
static size_t log_len;
static struct trace_record records[COUNT];
static struct dump dump;

static const struct dump_about about = {
	.tsc_hz = 10000000,
	.tsc_start = 0x123456789a,
	.tsc_now = 0x223456789a,
	.cpus = 4,
	.partitions = 2,
	.commit = "0123abcd",
	.partition = {{"guest", 0, 4, 1}, {"other", 1, 2, 64}},
};

/* Numbers of all sizes: xorshift. */
static u64 draw(u64 *state)
{
	*state ^= *state << 13;
	*state ^= *state >> 7;
	*state ^= *state << 17;
	return *state >> (*state & 63);
}

static void make_records(u64 seed)
{
	u64 tsc = draw(&seed);

	for (u32 i = 0; i < COUNT; i++) {
		tsc += draw(&seed);
		records[i] = (struct trace_record){
			.tsc = tsc,
			.event = (u8)draw(&seed),
			.flags = (u8)draw(&seed),
			.vp = (u16)draw(&seed),
			.a0 = (u32)draw(&seed),
			.a1 = draw(&seed),
			.a2 = draw(&seed),
		};
	}
}

static void say(const char *text, size_t len)
{
	CHECK(log_len + len <= sizeof(log_text));
	memcpy(&log_text[log_len], text, len);
	log_len += len;
}

static void say_frame(const char *line, size_t len)
{
	CHECK(len <= DUMP_LINE_MAX);
	CHECK(memcmp(line, DUMP_MARK, 4) == 0 && line[len - 2] == '~');
	CHECK_EQ(line[len - 1], '\n');
	for (size_t i = 0; i + 1 < len; i++) {
		CHECK(line[i] > ' ' && line[i] < 0x7f);
	}
	say(line, len);
}

/* Sends all records of one CPU; returns the number of frames. */
static u32 send(size_t count)
{
	char line[DUMP_LINE_MAX] = {0};
	size_t taken;

	log_len = 0;
	dump_start(&dump, 77);
	say_frame(line, dump_begin(&dump, &about, line));
	for (size_t i = 0; i < count; i += taken) {
		say_frame(line, dump_records(&dump, 3, &records[i], count - i,
					     &taken, line));
		CHECK(taken > 0 && taken <= count - i);
	}
	dump.lost = 5;
	say_frame(line, dump_end(&dump, line));
	return dump.seq;
}

static void t_crc_is_that_of_zlib(void)
{
	CHECK_EQ(crc32_add(0, "123456789", 9), 0xcbf43926);
	CHECK_EQ(crc32_add(crc32_add(0, "1234", 4), "56789", 5), 0xcbf43926);
	CHECK_EQ(crc32_add(0, "", 0), 0);
}

static void check_same(const struct trace_record *a,
		       const struct trace_record *b)
{
	CHECK_EQ(a->tsc, b->tsc);
	CHECK_EQ(a->event, b->event);
	CHECK_EQ(a->flags, b->flags);
	CHECK_EQ(a->vp, b->vp);
	CHECK_EQ(a->a0, b->a0);
	CHECK_EQ(a->a1, b->a1);
	CHECK_EQ(a->a2, b->a2);
}

static size_t unpack_frame(const struct frame *frame, size_t at)
{
	struct unpack u = {.at = frame->payload, .left = frame->len};
	struct trace_record record;

	for (u32 i = 0; i < frame->records; i++, at++) {
		CHECK(unpack_record(&u, &record));
		check_same(&record, &records[at]);
	}
	CHECK_EQ(u.left, 0);
	return at;
}

static void t_random_records_come_back(void)
{
	for (u64 seed = 1; seed <= 20; seed++) {
		struct frame_finder f = {.bytes = log_text};
		struct frame frame;
		size_t at = 0;
		u32 frames;

		make_records(seed);
		frames = send(COUNT);
		f.len = log_len;
		for (u32 i = 0; i < frames; i++) {
			CHECK(frame_next(&f, &frame));
			CHECK_EQ(frame.stream, 77);
			CHECK_EQ(frame.seq, i);
			CHECK_EQ(frame.kind, i == 0            ? DUMP_BEGIN
					     : i == frames - 1 ? DUMP_END
							       : DUMP_RECORDS);
			if (frame.kind == DUMP_RECORDS) {
				CHECK_EQ(frame.cpu, 3);
				at = unpack_frame(&frame, at);
			}
		}
		CHECK(!frame_next(&f, &frame));
		CHECK_EQ(at, COUNT);
		CHECK_EQ(f.damaged, 0);
	}
}

static void t_begin_and_end_say_what_they_should(void)
{
	static const u8 end[] = {40, 0, 0, 0, 0, 0, 0, 0, 5, 0,
				 0,  0, 0, 0, 0, 0, 4, 0, 0, 0};
	struct frame_finder f = {.bytes = log_text};
	struct frame frame;

	make_records(1);
	memset(records, 0, sizeof(records));
	CHECK(send(40) == 3); /* equal records need three bytes each */
	dump.seq = 3;
	log_len = 0;
	say_frame(log_text, dump_end(&dump, log_text));
	f.len = log_len;
	CHECK(frame_next(&f, &frame));
	CHECK_EQ(frame.len, sizeof(end));
	CHECK(memcmp(frame.payload, end, sizeof(end)) == 0);
	send(0);
	f = (struct frame_finder){.bytes = log_text, .len = log_len};
	CHECK(frame_next(&f, &frame));
	CHECK_EQ(frame.len, 28 + 8 + 2 * 6 + 2 * 5);
	CHECK_EQ(frame.payload[24], 4);
	CHECK(memcmp(&frame.payload[27],
		     "\x08"
		     "0123abcd\0\x04\0\x01\0\x05"
		     "guest\x01\x02\0\x40\0\x05"
		     "other",
		     31) == 0);
}

/* Each byte of one line damaged: it is counted, and the others are found. */
static void t_damage_is_found(void)
{
	struct frame frame;
	size_t first;
	u32 frames;

	make_records(3);
	frames = send(60);
	first = (size_t)((char *)memchr(log_text, '\n', log_len) - log_text);
	for (size_t i = 0; i < first; i++) {
		struct frame_finder f = {.bytes = log_text, .len = log_len};
		u32 found = 0;

		log_text[i] ^= 1;
		while (frame_next(&f, &frame)) {
			found++;
		}
		log_text[i] ^= 1;
		CHECK_EQ(found, frames - 1);
		CHECK_EQ(f.damaged, i >= 4);
	}
}

static void t_text_between_and_inside_frames(void)
{
	static char noisy[4 * DUMP_LINE_MAX];
	char line[DUMP_LINE_MAX] = {0};
	struct frame_finder f = {.bytes = noisy};
	struct frame frame;
	size_t taken;
	size_t len;

	make_records(4);
	dump_start(&dump, 1);
	len = dump_records(&dump, 0, records, 5, &taken, line);
	CHECK_EQ(taken, 5);
	/* one inside text, one cut by text, one cut by a frame */
	f.len = (size_t)snprintf(noisy, sizeof(noisy),
				 "[0] ~LT%.*s[1] x: y\n%.*s[0] z: k\n%.*s%.*s",
				 (int)len, line, (int)len / 2, line,
				 (int)len / 2, line, (int)len, line);
	CHECK(frame_next(&f, &frame) && frame_next(&f, &frame));
	CHECK(!frame_next(&f, &frame));
	CHECK_EQ(f.damaged, 2);
}

/* Two events in turn, whose fields change little. */
static void t_usual_records_are_small(void)
{
	u8 packed[PACK_RECORD_MAX];
	size_t len = 0;

	pack_start(&dump.pack);
	for (u32 i = 0; i < 1000; i++) {
		const struct trace_record record = {
			.tsc = 0x123456789abcdef + 700 * (u64)i,
			.event = (u8)(1 + i % 2),
			.vp = 0x1002,
			.a0 = 18,
			.a1 = 0x100000003,
			.a2 = 0xffff800000000000 + 8 * (u64)i,
		};

		len += pack_record(&dump.pack, &record, packed);
		if (i < 4) {
			len = 0; /* nothing is known yet */
		}
	}
	CHECK_EQ(len, 996 * (1 + 2 + 1)); /* bits, ticks, a2 */
}

/* A guest that polls a port and writes another one. */
static void t_records_in_turn_are_small(void)
{
	u8 packed[PACK_RECORD_MAX];
	size_t len = 0;

	pack_start(&dump.pack);
	for (u32 i = 0; i < 1000; i++) {
		const struct trace_record record = {
			.tsc = 0x123456789abcdef + 500 * (u64)i,
			.event = 1,
			.a0 = 30u << 16,
			.a1 = i % 2 ? 0x3fd0008 : 0x3f80000,
			.a2 = i % 2 ? 0x104ffffffff : 0x136ffffffff,
		};

		len += pack_record(&dump.pack, &record, packed);
		if (i < 4) {
			len = 0;
		}
	}
	CHECK_EQ(len, 996 * (1 + 2)); /* bits, ticks */
}

/* Payloads that end too early or have unknown bits are refused. */
static void t_wrong_payloads_are_refused(void)
{
	static const u8 endless[] = {0,    0xff, 0xff, 0xff, 0xff, 0xff,
				     0xff, 0xff, 0xff, 0xff, 0xff, 0};
	struct trace_record record;
	struct unpack u = {.at = endless, .left = sizeof(endless)};
	u8 packed[PACK_RECORD_MAX];
	size_t len;

	CHECK(!unpack_record(&u, &record));
	memset(&record, 0xff, sizeof(record));
	pack_start(&dump.pack);
	len = pack_record(&dump.pack, &record, packed);
	CHECK_EQ(len, 1 + 1 + 10 + 1 + 2 + 1 + 1 + 1 + 1);
	for (size_t i = 0; i < len; i++) {
		u = (struct unpack){.at = packed, .left = i};
		CHECK(!unpack_record(&u, &record));
	}
}

static const struct test tests[] = {
	{"crc_is_that_of_zlib", t_crc_is_that_of_zlib},
	{"random_records_come_back", t_random_records_come_back},
	{"begin_and_end_say_what_they_should",
	 t_begin_and_end_say_what_they_should},
	{"damage_is_found", t_damage_is_found},
	{"text_between_and_inside_frames", t_text_between_and_inside_frames},
	{"records_in_turn_are_small", t_records_in_turn_are_small},
	{"usual_records_are_small", t_usual_records_are_small},
	{"wrong_payloads_are_refused", t_wrong_payloads_are_refused},
};

const struct suite suite_trace_dump = SUITE("trace_dump", tests);
