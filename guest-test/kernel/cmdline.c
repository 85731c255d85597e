/* SPDX-License-Identifier: MIT */
/* One table of keys; numbers are decimal or 0x… */
#include "kernel/cmdline.h"

struct key {
	const char *name;
	u64 *number; /* one of the three is set */
	bool *flag;
	char *text;
	size_t text_max;
};

static struct cmdline line;
static const char unknown_key[] = "a key";

/* clang-format off */
static const struct key keys[] = {
	{"suite",      .text = line.suites, .text_max = sizeof(line.suites)},
	{"only",       .text = line.only, .text_max = sizeof(line.only)},
	{"skip",       .text = line.skip, .text_max = sizeof(line.skip)},
	{"invvpid",    .text = line.invvpid, .text_max = sizeof(line.invvpid)},
	{"profile",    .text = line.profile, .text_max = sizeof(line.profile)},
	{"cpus",       .number = &line.cpus},
	{"seed",       .number = &line.seed},
	{"rounds",     .number = &line.rounds},
	{"stride",     .number = &line.stride},
	{"watchdog",   .number = &line.watchdog},
	{"at",         .number = &line.at},
	{"slice",      .number = &line.slice},
	{"memory",     .number = &line.memory},
	{"partition",  .number = &line.partition},
	{"partitions", .number = &line.partitions},
	{"idle",       .flag = &line.idle_hlt},
	{"force",      .flag = &line.force},
	{"overcommit", .flag = &line.overcommit},
	{"headings",   .flag = &line.headings},
	{"whole",      .flag = &line.whole},
};
/* clang-format on */

bool cmdline_equal(const char *a, const char *b)
{
	while (*a != '\0' && *a == *b) {
		a++;
		b++;
	}
	return *a == *b;
}

bool cmdline_matches(const char *pattern, const char *text)
{
	while (*pattern != '\0' && *pattern == *text) {
		pattern++;
		text++;
	}
	return *pattern == *text || (pattern[0] == '*' && pattern[1] == '\0');
}

static bool parse_number(const char *text, u64 *number)
{
	u64 base = 10;

	*number = 0;
	if (text[0] == '0' && text[1] == 'x') {
		base = 16;
		text += 2;
	}
	if (*text == '\0') {
		return false;
	}
	for (; *text != '\0'; text++) {
		u64 digit = 99;

		if (*text >= '0' && *text <= '9') {
			digit = (u64)(*text - '0');
		} else if (*text >= 'a' && *text <= 'f') {
			digit = (u64)(*text - 'a') + 10;
		}
		if (digit >= base) {
			return false;
		}
		*number = *number * base + digit;
	}
	return true;
}

static bool parse_flag(const char *text, bool *flag)
{
	*flag = cmdline_equal(text, "1") || cmdline_equal(text, "hlt");
	return *flag || cmdline_equal(text, "0") || cmdline_equal(text, "spin");
}

static bool copy_text(char *to, size_t max, const char *from)
{
	size_t i = 0;

	for (; from[i] != '\0' && i + 1 < max; i++) {
		to[i] = from[i];
	}
	to[i] = '\0';
	return from[i] == '\0';
}

/* What was expected instead of the word; NULL if the word is right. */
static const char *parse_word(const char *name, const char *value)
{
	for (size_t i = 0; i < ARRAY_SIZE(keys); i++) {
		const struct key *key = &keys[i];

		if (!cmdline_equal(name, key->name)) {
			continue;
		}
		if (key->number != NULL) {
			return parse_number(value, key->number)
				       ? NULL
				       : "a number, decimal or 0x...";
		}
		if (key->flag != NULL) {
			return parse_flag(value, key->flag)
				       ? NULL
				       : "0, 1, spin or hlt";
		}
		return copy_text(key->text, key->text_max, value)
			       ? NULL
			       : "a shorter text";
	}
	return unknown_key;
}

/* Cuts the word at `at` into name and value; returns what follows it. */
static char *next_word(char *at, char **name, char **value)
{
	static char empty[1];

	*name = at;
	*value = empty;
	for (; *at != '\0' && *at != ' '; at++) {
		if (*at == '=' && *value == empty) {
			*at = '\0';
			*value = at + 1;
		}
	}
	if (*at == ' ') {
		*at++ = '\0';
	}
	return at;
}

/* Keeps the first error. */
static void note_error(const char *name, const char *expected)
{
	if (expected != NULL && line.error == NULL) {
		line.error = name;
		line.error_expected = expected == unknown_key ? NULL : expected;
	}
}

void cmdline_init(const char *text)
{
	static char words[CMDLINE_MAX];

	line.cpus = 1;
	line.seed = 1;
	line.stride = 1;
	line.partition = 1;
	line.partitions = 1;
	line.watchdog = 400000000;
	line.slice = 5000;
	copy_text(line.suites, sizeof(line.suites), "boot");
	copy_text(line.profile, sizeof(line.profile), "all");
	copy_text(line.invvpid, sizeof(line.invvpid), "0123");
	copy_text(line.text, sizeof(line.text), text);
	if (!copy_text(words, sizeof(words), text)) {
		note_error("length", "1023 characters at most");
	}

	char *at = words;

	while (*at != '\0') {
		char *name;
		char *value;

		at = next_word(at, &name, &value);
		if (*name != '\0') {
			note_error(name, parse_word(name, value));
		}
	}
	/* a VP that waits must not take CPU time from those it waits for */
	line.idle_hlt |= line.overcommit;
}

const struct cmdline *cmdline_get(void)
{
	return &line;
}

static bool has_word(const char *at, const char *name)
{
	while (*at != '\0') {
		const char *n = name;

		while (*n != '\0' && *n == *at) {
			n++;
			at++;
		}
		if (*n == '\0' && (*at == ',' || *at == '\0')) {
			return true;
		}
		while (*at != '\0' && *at != ',') {
			at++;
		}
		if (*at == ',') {
			at++;
		}
	}
	return false;
}

const char *cmdline_next(const char *list, char *name, size_t max)
{
	size_t at = 0;

	for (; *list != '\0' && *list != ','; list++) {
		if (at + 1 < max) {
			name[at++] = *list;
		}
	}
	name[at] = '\0';
	return *list == ',' ? list + 1 : NULL;
}

const char *cmdline_key(size_t i)
{
	return i < ARRAY_SIZE(keys) ? keys[i].name : NULL;
}

bool cmdline_has_suite(const char *name)
{
	return has_word(line.suites, name);
}

bool cmdline_skips(const char *tag)
{
	return has_word(line.skip, tag);
}

u64 cmdline_rounds(u64 fallback)
{
	return line.rounds != 0 ? line.rounds : fallback;
}
