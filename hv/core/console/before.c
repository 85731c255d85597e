/* SPDX-License-Identifier: MIT */
/* Sends each line at once: all of them together may exceed the log's room. */
#include "core/console/before.h"

#include "core/console/log.h"
#include "core/crash/kept_log.h"

#define LINE_MAX 400

void before_print(struct crash_log *kept)
{
	struct kept_log_before before = kept_log_open(kept);
	char text[LINE_MAX];
	u32 at = 0;

	if (before.boots != 0) {
		log_line("boot", "log of before: boots=%u panics=%u bytes=%u",
			 before.boots, before.panics, before.len);
	}
	for (;;) {
		bool more;
		size_t len = kept_log_line(&at, text, LINE_MAX - 1, &more);

		if (!more) {
			break;
		}
		text[len] = 0;
		log_line("before", "%s", text);
		log_flush();
	}
	log_flush();
	kept_log_begin();
}
