/* SPDX-License-Identifier: MIT */
/*
 * From a line to a command with checked arguments, or to what was expected and
 * where. Looks at the names and numbers of partitions and VPs, at nothing else.
 */
#ifndef HV_CORE_DEBUG_PARSE_H
#define HV_CORE_DEBUG_PARSE_H

#include "core/debug/command.h"
#include "core/debug/word.h"

#define PARSE_EXPECTED_MAX 120

enum parse_end {
	PARSE_OK,
	PARSE_EMPTY, /* nothing but blanks */
	PARSE_ERROR,
};

struct parse_error {
	struct word word; /* the wrong word; len 0: it is missing */
	char expected[PARSE_EXPECTED_MAX];
};

/*
 * Parses `len` bytes of `line`. *call is filled with PARSE_OK, its text and
 * cursors empty; *error with PARSE_ERROR. DEBUG_REST is not looked into.
 */
enum parse_end debug_parse(const char *line, size_t len,
			   struct debug_call *call,
			   struct parse_error *error) __must_check;

/* "vp P:N" and the like: name and arguments, optional ones in brackets. */
void debug_parse_usage(const struct debug_command *command, char *to,
		       size_t room);

/*
 * The partition that a word names: by its name, else by its number from 0 on.
 * NULL: none.
 */
struct partition *debug_parse_partition(const char *word, size_t len);

#endif
