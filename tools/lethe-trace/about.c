/* SPDX-License-Identifier: MIT */
/* Payloads are hostile: each number is bounded, each name made printable. */
#include "about.h"

#include <string.h>

#include "common/lib/bytes.h"

struct reader {
	const u8 *at;
	size_t left;
	bool ok; /* all that was taken was there */
};

static struct reader reader_of(const struct frame *frame)
{
	return (struct reader){frame->payload, frame->len, true};
}

static u64 take(struct reader *r, size_t width)
{
	u64 number;

	if (r->left < width) {
		r->ok = false;
		return 0;
	}
	number = bytes_number(r->at, width);
	r->at += width;
	r->left -= width;
	return number;
}

static bool is_plain(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
	       (c >= '0' && c <= '9') || c == '_' || c == '-' || c == '.';
}

/* A text with its length before it; false: it has no place in `room`. */
static void take_text(struct reader *r, char *to, size_t room)
{
	size_t len = (size_t)take(r, 1);

	if (len >= room || len > r->left) {
		r->ok = false;
		len = 0;
	}
	for (size_t i = 0; i < len; i++) {
		to[i] = is_plain((char)r->at[i]) ? (char)r->at[i] : '?';
	}
	to[len] = 0;
	r->at += len;
	r->left -= len;
}

bool about_begin(struct about *about, const struct frame *frame)
{
	struct reader r = reader_of(frame);
	struct about found = {.known = true};

	found.tsc_hz = take(&r, 8);
	found.tsc_start = take(&r, 8);
	found.tsc_now = take(&r, 8);
	found.cpus = (u32)take(&r, 2);
	found.partitions = (u32)take(&r, 1);
	take_text(&r, found.commit, sizeof(found.commit));
	if (found.partitions > ABOUT_PARTITIONS || found.tsc_hz == 0) {
		return false;
	}
	for (u32 i = 0; i < found.partitions; i++) {
		struct about_partition *p = &found.partition[i];

		p->number = (u8)take(&r, 1);
		p->vps = (u16)take(&r, 2);
		p->stride = (u16)take(&r, 2);
		take_text(&r, p->name, sizeof(p->name));
	}
	if (!r.ok || r.left != 0) {
		return false;
	}
	*about = found;
	return true;
}

bool about_end(struct about_total *total, const struct frame *frame)
{
	struct reader r = reader_of(frame);
	struct about_total found = {.known = true};

	found.records = take(&r, 8);
	found.lost = take(&r, 8);
	found.frames = (u32)take(&r, 4);
	if (!r.ok || r.left != 0) {
		return false;
	}
	*total = found;
	return true;
}

const struct about_partition *about_partition(const struct about *about,
					      u32 number)
{
	for (u32 i = 0; i < about->partitions; i++) {
		if (about->partition[i].number == number) {
			return &about->partition[i];
		}
	}
	return NULL;
}
