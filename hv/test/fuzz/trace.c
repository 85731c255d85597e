/* SPDX-License-Identifier: MIT */
/*
 * Fuzz target: bytes as frames of a trace dump, and as the log around them.
 * libFuzzer would not find a checksum, so that the frames are made here: the
 * input says where one begins, of which kind it is, and its content. Each
 * format of lethe-trace then writes what was read.
 */
#include <string.h>

#include "common/lib/crc32.h"
#include "fuzz/fuzz.h"
#include "lethe-trace/frame.h"
#include "lethe-trace/link.h"
#include "lethe-trace/output.h"

#define LOG_MAX 8192

struct log {
	char text[LOG_MAX];
	size_t len;
	u64 tsc; /* of the last record */
};

static void add(struct log *log, const void *bytes, size_t len)
{
	if (len <= LOG_MAX - log->len) {
		memcpy(&log->text[log->len], bytes, len);
		log->len += len;
	}
}

static void put(u8 *to, u64 number, size_t width)
{
	for (size_t i = 0; i < width; i++) {
		to[i] = (u8)(number >> 8 * i);
	}
}

/* Pre: two zeros follow the bytes. */
static void add_base64(struct log *log, const u8 *raw, size_t len)
{
	static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
				     "abcdefghijklmnopqrstuvwxyz0123456789+/";

	for (size_t i = 0; i < len; i += 3) {
		u32 group =
			(u32)raw[i] << 16 | (u32)raw[i + 1] << 8 | raw[i + 2];
		size_t count = len - i < 3 ? len - i : 3;

		for (size_t n = 0; n <= count; n++) {
			add(log, &digits[group >> (18 - 6 * n) & 63], 1);
		}
	}
}

/* Any bytes as a payload; returns the end of it. */
static size_t put_bytes(u8 *raw, struct fuzz_bytes *b)
{
	size_t len = DUMP_HEADER + fuzz_below(b, 64);

	for (size_t i = DUMP_HEADER; i < len; i++) {
		raw[i] = (u8)fuzz_take(b, 1);
	}
	put(&raw[4], fuzz_take(b, 1), 2);
	return len;
}

/* Records, so that more than their first bytes are right. */
static size_t put_records(u8 *raw, struct fuzz_bytes *b, u64 *tsc)
{
	static struct pack pack;
	u32 count = (u32)fuzz_below(b, 7);
	size_t len = DUMP_HEADER;

	pack_start(&pack);
	put(&raw[4], count, 2);
	for (u32 i = 0; i < count; i++) {
		struct trace_record record = {.event = (u8)fuzz_below(b, 20)};

		*tsc += fuzz_take(b, 1);
		record.tsc = fuzz_below(b, 16) != 0 ? *tsc : fuzz_take(b, 8);
		record.flags = (u8)fuzz_below(b, 2);
		record.vp = (u16)fuzz_below(b, 3);
		record.a0 = (u32)fuzz_below(b, 4) | (u32)fuzz_below(b, 20)
							    << 16;
		record.a1 = fuzz_take(b, 1) | fuzz_take(b, 1) << 16;
		record.a2 = fuzz_take(b, 1) | fuzz_take(b, 1) << 32;
		len += pack_record(&pack, &record, &raw[len]);
	}
	return len;
}

static void add_frame(struct log *log, struct fuzz_bytes *b)
{
	static const u8 kinds[] = {DUMP_RECORDS, DUMP_BEGIN, DUMP_END};
	u8 choice = (u8)fuzz_below(b, 8);
	u8 kind = kinds[choice < 3 ? choice : 0];
	u8 raw[DUMP_FRAME_MAX + 2] = {0};
	size_t len =
		choice < 3 ? put_bytes(raw, b) : put_records(raw, b, &log->tsc);

	put(&raw[0], len + DUMP_CRC, 2);
	put(&raw[2],
	    fuzz_below(b, 32) != 0 ? fuzz_below(b, 4) : fuzz_take(b, 2), 2);
	put(&raw[8], fuzz_below(b, 8) / 7, 4);
	put(&raw[12], fuzz_take(b, 1), 4);
	put(&raw[len], crc32_add(crc32_add(0, &kind, 1), raw, len), DUMP_CRC);
	add(log, DUMP_MARK, sizeof(DUMP_MARK) - 1);
	add(log, &kind, 1);
	add_base64(log, raw, len + DUMP_CRC);
	add(log, "~\n", 2);
}

/* What the outputs rely on. */
static void check_model(const struct model *m)
{
	FUZZ_EXPECT(m->about.tsc_hz != 0);
	FUZZ_EXPECT(m->dump <= m->dumps);
	for (size_t i = 0; i < m->count; i++) {
		const struct model_item *item = &m->items[i];

		FUZZ_EXPECT(item->cpu < MODEL_CPUS);
		FUZZ_EXPECT(i == 0 || m->items[i - 1].r.tsc <= item->r.tsc);
		FUZZ_EXPECT(item->call <= m->calls);
		FUZZ_EXPECT(item->exit == MODEL_NONE ||
			    (item->exit <= i &&
			     m->items[item->exit].cpu == item->cpu));
		FUZZ_EXPECT(item->r.event != TRACE_EXIT ||
			    item->end >= item->r.tsc);
		FUZZ_EXPECT(item->r.event != TRACE_EXIT ||
			    item->root_end >= item->end);
		FUZZ_EXPECT(item->next == MODEL_NONE ||
			    (item->next < m->count &&
			     m->items[item->next].r.event == TRACE_EXIT));
	}
}

static void write_all(const struct model *m, FILE *nowhere)
{
	struct filter filter = {
		.cpu = FILTER_ANY, .from = INT64_MIN, .to = INT64_MAX};
	struct output o = {.m = m,
			   .filter = &filter,
			   .to = nowhere,
			   .call = m->calls,
			   .mark = OUTPUT_ANY_MARK};

	filter_prepare(&filter, m);
	summary_write(&o);
	lines_write(&o);
	o.ticks = true;
	lines_write(&o);
	jsonl_write(&o);
	chrome_write(&o);
	svg_histogram_write(&o);
	if (m->calls != 0) {
		svg_call_write(&o);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	static struct log log;
	static FILE *nowhere;
	struct fuzz_bytes b = {.at = data, .len = len};
	struct model m;

	if (nowhere == NULL) {
		nowhere = fopen("/dev/null", "w");
	}
	log.len = 0;
	log.tsc = 0;
	while (b.len > 0 && log.len < LOG_MAX - DUMP_LINE_MAX) {
		u8 noise = (u8)fuzz_take(&b, 1);

		if (noise < 8) {
			add(&log, DUMP_MARK "R0~", noise);
		}
		add_frame(&log, &b);
	}
	model_read(&m, log.text, log.len, MODEL_LAST);
	check_model(&m);
	write_all(&m, nowhere);
	model_free(&m);
	model_read(&m, (const char *)data, len, 1);
	check_model(&m);
	model_free(&m);
	return 0;
}
