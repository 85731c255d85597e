/* SPDX-License-Identifier: MIT */
/* Which words of the stack a report shows. */
#include "x86/backtrace.h"

#include "core/crash/return_address.h"
#include "x86/panic.h"
#include "x86/section.h"
#include "x86/stack.h"

#define WORDS_MAX  64 /* shown whatever they are */
#define WORDS_LINE 4
#define LIKELY_MAX 32 /* shown after these */

static bool is_likely(u64 word)
{
	struct return_address_code text = {
		.bytes = section_text_start,
		.base = (u64)section_text_start,
		.len = (u64)(section_text_end - section_text_start),
	};

	return return_address_is_likely(&text, word);
}

static const char *mark(u64 word)
{
	return is_likely(word) ? "?" : "";
}

static u64 word_at(u64 at, u64 end)
{
	return at < end ? *(const u64 *)at : 0;
}

static void print_words(u64 from, u64 end)
{
	for (u64 at = from; at < end; at += WORDS_LINE * sizeof(u64)) {
		u64 w[WORDS_LINE];

		for (u64 i = 0; i < WORDS_LINE; i++) {
			w[i] = word_at(at + i * sizeof(u64), end);
		}
		panic_line("stack 0x%lx: 0x%lx%s 0x%lx%s 0x%lx%s 0x%lx%s", at,
			   w[0], mark(w[0]), w[1], mark(w[1]), w[2], mark(w[2]),
			   w[3], mark(w[3]));
	}
}

static void print_likely(u64 from, u64 end)
{
	u32 left = LIKELY_MAX;

	for (u64 at = from; at < end && left > 0; at += sizeof(u64)) {
		u64 word = word_at(at, end);

		if (is_likely(word)) {
			panic_line("stack 0x%lx: 0x%lx?", at, word);
			left--;
		}
	}
}

void backtrace_print(u64 rsp)
{
	u64 first;
	u64 at = (rsp + sizeof(u64) - 1) & ~(sizeof(u64) - 1);
	u64 end = stack_bounds(at, &first);
	u64 middle;

	if (end == 0) {
		panic_line("rsp=0x%lx is in no stack", rsp);
		return;
	}
	at = at < first ? first : at;
	middle = at + WORDS_MAX * sizeof(u64);
	middle = middle < end ? middle : end;
	print_words(at, middle);
	print_likely(middle, end);
}
