/* SPDX-License-Identifier: MIT */
/* Frames: header, payload, checksum, base64. */
#include "core/trace/dump.h"

#include "common/lib/crc32.h"
#include "common/lib/mem.h"

static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
			     "abcdefghijklmnopqrstuvwxyz0123456789+/";

_Static_assert(sizeof(DUMP_MARK) + (DUMP_FRAME_MAX + 2) / 3 * 4 + 2 <=
		       DUMP_LINE_MAX,
	       "room of a line");

/* Bytes that are put into a frame, after its header. */
struct writer {
	u8 *to;
	size_t len;
};

static struct writer payload_of(struct dump *d)
{
	return (struct writer){.to = d->frame, .len = DUMP_HEADER};
}

static void put(struct writer *w, u64 number, size_t width)
{
	for (size_t i = 0; i < width; i++) {
		w->to[w->len] = (u8)(number >> 8 * i);
		w->len++;
	}
}

/* Cuts what does not fit into `max` characters. */
static void put_text(struct writer *w, const char *text, size_t max)
{
	size_t len = 0;

	while (len < max && text[len] != 0) {
		len++;
	}
	put(w, len, 1);
	for (size_t i = 0; i < len; i++) {
		put(w, (u8)text[i], 1);
	}
}

static size_t put_base64(char *line, size_t at, const u8 *from, size_t len)
{
	for (size_t i = 0; i < len; i += 3) {
		size_t left = len - i < 3 ? len - i : 3;
		u32 group = (u32)from[i] << 16;

		group |= left > 1 ? (u32)from[i + 1] << 8 : 0;
		group |= left > 2 ? from[i + 2] : 0;
		for (size_t n = 0; n <= left; n++) {
			line[at] = digits[group >> (18 - 6 * n) & 63];
			at++;
		}
	}
	return at;
}

/* Completes a frame whose payload is written, and makes its line. */
static size_t finish(struct dump *d, struct writer *payload,
		     enum dump_kind kind, u16 cpu, u16 records, char *line)
{
	const size_t mark = sizeof(DUMP_MARK) - 1;
	size_t len = payload->len + DUMP_CRC;
	struct writer header = {.to = d->frame};
	u8 named = (u8)kind;
	size_t at;

	put(&header, len, 2);
	put(&header, cpu, 2);
	put(&header, records, 2);
	put(&header, 0, 2);
	put(&header, d->stream, 4);
	put(&header, d->seq, 4);
	put(payload, crc32_add(crc32_add(0, &named, 1), d->frame, payload->len),
	    DUMP_CRC);
	d->seq++;
	memcpy(line, DUMP_MARK, mark);
	line[mark] = (char)kind;
	at = put_base64(line, mark + 1, d->frame, len);
	line[at] = DUMP_END_MARK;
	line[at + 1] = '\n';
	return at + 2;
}

void dump_start(struct dump *d, u32 stream)
{
	d->stream = stream;
	d->seq = 0;
	d->records = 0;
	d->lost = 0;
}

size_t dump_begin(struct dump *d, const struct dump_about *about,
		  char line[DUMP_LINE_MAX])
{
	struct writer w = payload_of(d);

	put(&w, about->tsc_hz, 8);
	put(&w, about->tsc_start, 8);
	put(&w, about->tsc_now, 8);
	put(&w, about->cpus, 2);
	put(&w, about->partitions, 1);
	put_text(&w, about->commit, DUMP_COMMIT_MAX);
	for (u32 i = 0; i < about->partitions; i++) {
		const struct dump_partition *p = &about->partition[i];

		put(&w, p->number, 1);
		put(&w, p->vps, 2);
		put(&w, p->stride, 2);
		put_text(&w, p->name, CONFIG_NAME_MAX - 1);
	}
	return finish(d, &w, DUMP_BEGIN, 0, 0, line);
}

size_t dump_records(struct dump *d, u16 cpu, const struct trace_record *records,
		    size_t count, size_t *taken, char line[DUMP_LINE_MAX])
{
	struct writer w = payload_of(d);
	size_t i = 0;

	pack_start(&d->pack);
	while (i < count &&
	       w.len + PACK_RECORD_MAX <= DUMP_HEADER + DUMP_PAYLOAD) {
		w.len += pack_record(&d->pack, &records[i], &w.to[w.len]);
		i++;
	}
	*taken = i;
	d->records += i;
	return finish(d, &w, DUMP_RECORDS, cpu, (u16)i, line);
}

size_t dump_end(struct dump *d, char line[DUMP_LINE_MAX])
{
	struct writer w = payload_of(d);

	put(&w, d->records, 8);
	put(&w, d->lost, 8);
	put(&w, d->seq + 1, 4);
	return finish(d, &w, DUMP_END, 0, 0, line);
}
