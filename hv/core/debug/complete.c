/* SPDX-License-Identifier: MIT */
/*
 * Candidates are numbered. Each kind of argument has a function that makes the
 * name of a number, or an empty one where it has none.
 */
#include "core/debug/complete.h"

#include "common/image/elf_symbols_find.h"
#include "common/lib/mem.h"
#include "common/lib/text.h"
#include "core/debug/msr_names.h"
#include "core/debug/parse.h"
#include "core/debug/symbol.h"
#include "core/state/machine.h"
#include "core/state/partition.h"

/* The word to be completed, and what it is. */
struct place {
	const char *line;
	struct word word;
	const struct debug_argument *argument;
	const struct partition *owner; /* of the VP that is the first word */
};

static const struct debug_argument a_command = {.kind = DEBUG_COMMAND,
						.name = "COMMAND"};

static bool name_command(const struct place *place, u32 number, struct text *t)
{
	const struct debug_command *command = debug_command_at(number);

	(void)place;
	if (command != NULL) {
		text_put(t, command->name);
	}
	return command != NULL;
}

static bool name_partition(const struct place *place, u32 number,
			   struct text *t)
{
	bool before_colon = place->argument->kind != DEBUG_PARTITION;

	if (number >= machine.partition_count) {
		return false;
	}
	text_put(t, machine.partitions[number]->config->name);
	text_put(t, before_colon ? ":" : "");
	return true;
}

/* Once the word has a colon: the VPs of the partition before it. */
static bool name_vp(const struct place *place, u32 number, struct text *t)
{
	const char *word = place->line + place->word.at;
	const struct partition *p;
	u32 colon = 0;

	while (colon < place->word.len && word[colon] != ':') {
		colon++;
	}
	if (colon == place->word.len) {
		return name_partition(place, number, t);
	}
	p = debug_parse_partition(word, colon);
	if (p == NULL || number >= p->vp_count) {
		return false;
	}
	text_quote(t, word, colon, colon);
	text_put(t, ":");
	text_dec(t, number);
	return true;
}

static bool name_msr(const struct place *place, u32 number, struct text *t)
{
	const struct msr_name *row = msr_name_at(number);

	(void)place;
	if (row != NULL) {
		text_put(t, row->name);
	}
	return row != NULL;
}

static bool is_shown(const char *name, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		if (name[i] <= ' ' || name[i] >= 0x7f) {
			return false;
		}
	}
	return true;
}

/*
 * Symbols that begin with `len` characters of `from`, among the first ones of
 * the table. `before` comes before each name.
 */
static bool name_symbol(const struct elf_symbols *s, u32 number,
			const struct word *from, const struct place *place,
			struct text *t)
{
	u32 before = from->at - place->word.at;
	const char *name;
	size_t len;
	u64 value;

	if (s == NULL || number >= s->count ||
	    number >= DEBUG_SYMBOLS_TO_COMPLETE) {
		return false;
	}
	if (elf_symbols_entry(s, number, &name, &len, &value) &&
	    len >= from->len && before + len < COMPLETE_NAME_MAX &&
	    memcmp(name, place->line + from->at, from->len) == 0 &&
	    is_shown(name, len)) {
		text_quote(t, place->line + place->word.at, before, before);
		text_quote(t, name, len, len);
	}
	return true;
}

static bool name_address(const struct place *place, u32 number, struct text *t)
{
	const struct partition *p = place->owner;

	return p != NULL &&
	       name_symbol(p->symbols, number, &place->word, place, t);
}

/* Once the word has a colon: the symbols of the partition before it. */
static bool name_place(const struct place *place, u32 number, struct text *t)
{
	const char *word = place->line + place->word.at;
	const struct partition *p;
	struct word from = place->word;
	u32 colon = 0;

	while (colon < place->word.len && word[colon] != ':') {
		colon++;
	}
	if (colon == place->word.len) {
		return name_partition(place, number, t);
	}
	p = debug_parse_partition(word, colon);
	from.at += colon + 1;
	from.len -= colon + 1;
	return p != NULL && name_symbol(p->symbols, number, &from, place, t);
}

static bool name_choice(const struct place *place, u32 number, struct text *t)
{
	const char *at = place->argument->name;
	size_t len = 0;

	for (; number > 0 && *at != 0; at++) {
		number -= *at == '|';
	}
	while (at[len] != 0 && at[len] != '|') {
		len++;
	}
	text_quote(t, at, len, len);
	return len != 0;
}

static bool (*const namers[])(const struct place *place, u32 number,
			      struct text *t) = {
	[DEBUG_VP] = name_vp,
	[DEBUG_VPS] = name_vp,
	[DEBUG_PARTITION] = name_partition,
	[DEBUG_PLACE] = name_place,
	[DEBUG_ADDRESS] = name_address,
	[DEBUG_MSR] = name_msr,
	[DEBUG_CHOICE] = name_choice,
	[DEBUG_COMMAND] = name_command,
	[DEBUG_REST] = name_command,
};

/* The argument that a word is, after the command's name. NULL: none. */
static const struct debug_argument *
argument_of(const struct place *place, u32 from, u32 len, struct word *command)
{
	struct word word = word_next(place->line, len, from);
	const struct debug_command *row;

	*command = word;
	if (word.at == place->word.at) {
		return &a_command;
	}
	row = debug_command_find(place->line + word.at, word.len);
	for (u32 i = 0; row != NULL && i < DEBUG_ARGUMENTS; i++) {
		word = word_next(place->line, len, word.at + word.len);
		if (word.at == place->word.at ||
		    row->argument[i].kind == DEBUG_REST) {
			*command = word;
			return &row->argument[i];
		}
	}
	return NULL;
}

/* The partition of the VP that comes before an address. */
static const struct partition *owner_of(const struct place *place, u32 len)
{
	struct word word = {.at = 0};
	u32 colon = 0;

	if (place->argument == NULL || place->argument->kind != DEBUG_ADDRESS) {
		return NULL;
	}
	for (struct word next = word_next(place->line, len, 0);
	     next.at < place->word.at;
	     next = word_next(place->line, len, next.at + next.len)) {
		word = next;
	}
	while (colon < word.len && place->line[word.at + colon] != ':') {
		colon++;
	}
	if (machine.partition_count == 1 && (colon == 0 || colon == word.len)) {
		return machine.partitions[0];
	}
	return debug_parse_partition(place->line + word.at, colon);
}

static void find_place(const char *line, u32 len, struct place *place)
{
	struct word command;

	place->line = line;
	place->word = (struct word){.at = len};
	while (place->word.at > 0 && line[place->word.at - 1] != ' ') {
		place->word.at--;
		place->word.len++;
	}
	place->argument = argument_of(place, 0, len, &command);
	if (place->argument != NULL && place->argument->kind == DEBUG_REST) {
		/* a command of its own */
		place->argument = argument_of(place, command.at, len, &command);
	}
	place->owner = owner_of(place, len);
}

bool complete_next(const char *line, u32 len, u32 *number,
		   char name[COMPLETE_NAME_MAX])
{
	struct place place;

	find_place(line, len, &place);
	if (place.argument == NULL ||
	    place.argument->kind >= ARRAY_SIZE(namers) ||
	    namers[place.argument->kind] == NULL) {
		return false;
	}
	for (;;) {
		struct text t = text_start(name, COMPLETE_NAME_MAX);

		if (!namers[place.argument->kind](&place, *number, &t)) {
			return false;
		}
		*number += 1;
		if (name[0] != 0 &&
		    word_begins(line + place.word.at, place.word.len, name)) {
			return true;
		}
	}
}

void complete_line(const char *line, u32 len, struct complete *c)
{
	struct place place;
	char name[COMPLETE_NAME_MAX];
	u32 number = 0;

	find_place(line, len, &place);
	*c = (struct complete){.word = place.word};
	while (complete_next(line, len, &number, name)) {
		u32 same = 0;

		if (c->count++ == 0) {
			for (; name[same] != 0; same++) {
				c->name[same] = name[same];
			}
			c->common = same;
			continue;
		}
		while (same < c->common && name[same] == c->name[same]) {
			same++;
		}
		c->common = same;
	}
}

void complete_list(const char *line, u32 len, char *to, size_t room)
{
	struct text t = text_start(to, room);
	char name[COMPLETE_NAME_MAX];
	u32 number = 0;

	while (complete_next(line, len, &number, name)) {
		if (room - t.len < COMPLETE_NAME_MAX + sizeof("  ...")) {
			text_put(&t, "...");
			return;
		}
		text_put(&t, name);
		text_put(&t, "  ");
	}
}
