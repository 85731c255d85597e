/* SPDX-License-Identifier: MIT */
/* One function for each kind of argument; each says what it expected. */
#include "core/debug/parse.h"

#include "common/lib/digit.h"
#include "common/lib/mem.h"
#include "common/lib/text.h"
#include "core/debug/msr_names.h"
#include "core/state/machine.h"
#include "core/state/partition.h"
#include "core/state/vp.h"

struct parse {
	const char *line;
	size_t len;
	struct debug_call *call;
	struct parse_error *error;
};

/* One word of the line, for an argument. */
struct parse_word {
	const struct parse *parse;
	const struct debug_argument *argument;
	u32 number; /* of the argument */
	struct word at;
	const char *text;
	size_t len;
};

static struct text expect(struct parse_error *error)
{
	return text_start(error->expected, sizeof(error->expected));
}

/* ---- the kinds ---- */

struct partition *debug_parse_partition(const char *word, size_t len)
{
	u64 number;

	for (u32 i = 0; i < machine.partition_count; i++) {
		if (word_is(word, len, machine.partitions[i]->config->name)) {
			return machine.partitions[i];
		}
	}
	return word_number(word, len, &number) &&
			       number < machine.partition_count
		       ? machine.partitions[number]
		       : NULL;
}

static void put_partitions(struct text *t)
{
	for (u32 i = 0; i < machine.partition_count; i++) {
		text_put(t, i == 0 ? "" : ", ");
		text_put(t, machine.partitions[i]->config->name);
	}
}

/* Position of the colon, or `len`. */
static size_t colon_of(const struct parse_word *w)
{
	size_t colon = 0;

	while (colon < w->len && w->text[colon] != ':') {
		colon++;
	}
	return colon;
}

static bool refuse_partition(const struct parse_word *w, size_t len)
{
	struct text t = expect(w->parse->error);

	w->parse->error->word = (struct word){w->at.at, (u32)len};
	text_put(&t, "a partition: ");
	put_partitions(&t);
	return false;
}

static bool take_partition(const struct parse_word *w)
{
	w->parse->call->partition = debug_parse_partition(w->text, w->len);
	return w->parse->call->partition != NULL || refuse_partition(w, w->len);
}

/*
 * The partition before the colon. With one partition its name may be left out.
 * *rest: where the word goes on.
 */
static bool take_owner(const struct parse_word *w, size_t *rest)
{
	size_t colon = colon_of(w);
	struct debug_call *call = w->parse->call;

	if (machine.partition_count == 1 && (colon == 0 || colon == w->len)) {
		call->partition = machine.partitions[0];
	} else {
		call->partition = debug_parse_partition(w->text, colon);
	}
	if (call->partition == NULL) {
		return refuse_partition(w, colon);
	}
	*rest = colon == w->len ? 0 : colon + 1;
	if (colon == w->len && machine.partition_count != 1) {
		*rest = w->len;
	}
	return true;
}

static bool take_vp(const struct parse_word *w)
{
	struct debug_call *call = w->parse->call;
	struct text t;
	size_t rest;
	u64 number;

	if (!take_owner(w, &rest)) {
		return false;
	}
	if (word_number(w->text + rest, w->len - rest, &number) &&
	    number < call->partition->vp_count) {
		call->vp = call->partition->vps[number];
		return true;
	}
	t = expect(w->parse->error);
	w->parse->error->word =
		(struct word){w->at.at + (u32)rest, (u32)(w->len - rest)};
	text_put(&t, "a VP of ");
	text_put(&t, call->partition->config->name);
	text_put(&t, ": 0 to ");
	text_dec(&t, call->partition->vp_count - 1);
	return false;
}

/* A number alone is a VP where there is one partition, as in take_vp(). */
static bool take_vps(const struct parse_word *w)
{
	u64 number;

	if (colon_of(w) != w->len || (machine.partition_count == 1 &&
				      word_number(w->text, w->len, &number))) {
		return take_vp(w);
	}
	return take_partition(w);
}

/* What the argument's kind accepts besides a number */
static const char *or_else(const struct parse_word *w, size_t rest)
{
	const struct partition *p = w->parse->call->partition;

	if (w->argument->kind == DEBUG_MSR) {
		return ", or a name such as IA32_EFER";
	}
	if (w->argument->kind == DEBUG_NUMBER) {
		return "";
	}
	if (p->symbols != NULL) {
		return ", or a symbol with +OFFSET";
	}
	return rest == w->len || digit_value(w->text[rest]) < 10
		       ? ""
		       : "; names need the key symbols";
}

static bool take_number_at(const struct parse_word *w, size_t rest)
{
	u64 *value = &w->parse->call->value[w->number];
	u64 max = w->argument->max != 0 ? w->argument->max : ~0ull;
	struct text t;

	if (word_number(w->text + rest, w->len - rest, value) &&
	    *value <= max) {
		return true;
	}
	t = expect(w->parse->error);
	w->parse->error->word =
		(struct word){w->at.at + (u32)rest, (u32)(w->len - rest)};
	text_put(&t, w->argument->name);
	text_put(&t, ": a number from 0 to ");
	text_hex(&t, max);
	text_put(&t, ", decimal or 0x");
	text_put(&t, or_else(w, rest));
	return false;
}

/* Position of the + that ends the name of a symbol, or the word's length. */
static size_t plus_of(const struct parse_word *w, size_t rest)
{
	while (rest < w->len && w->text[rest] != '+') {
		rest++;
	}
	return rest;
}

/*
 * NAME or NAME+OFFSET. What address the name has is found later: looking is too
 * much work for one call.
 */
static bool take_symbol(const struct parse_word *w, size_t rest)
{
	struct debug_call *call = w->parse->call;
	size_t plus = plus_of(w, rest);
	size_t len = plus - rest;
	u64 *value = &call->value[w->number];

	*value = 0;
	if (call->partition->symbols == NULL || len == 0 ||
	    len >= DEBUG_SYMBOL_MAX || digit_value(w->text[rest]) < 10 ||
	    (plus < w->len &&
	     !word_number(w->text + plus + 1, w->len - plus - 1, value))) {
		return false;
	}
	memcpy(call->symbol.name, w->text + rest, len);
	call->symbol.len = (u32)len;
	call->symbol.of = w->number;
	call->symbol.at = w->at.at + (u32)rest;
	return true;
}

static bool take_address_at(const struct parse_word *w, size_t rest)
{
	return take_symbol(w, rest) || take_number_at(w, rest);
}

static bool take_address(const struct parse_word *w)
{
	return take_address_at(w, 0);
}

static bool take_msr(const struct parse_word *w)
{
	const struct msr_name *row = msr_name_find(w->text, w->len);

	if (row != NULL) {
		w->parse->call->value[w->number] = row->msr;
		return true;
	}
	return take_number_at(w, 0);
}

static bool take_number(const struct parse_word *w)
{
	return take_number_at(w, 0);
}

static bool take_place(const struct parse_word *w)
{
	size_t rest;

	return take_owner(w, &rest) && take_address_at(w, rest);
}

/* The words of a choice are its name, separated by |. */
static bool take_choice(const struct parse_word *w)
{
	const char *name = w->argument->name;
	struct text t;
	u64 number = 0;

	while (*name != 0) {
		if (word_begins(w->text, w->len, name) &&
		    (name[w->len] == 0 || name[w->len] == '|')) {
			w->parse->call->value[w->number] = number;
			return true;
		}
		while (*name != 0 && *name++ != '|') {
		}
		number++;
	}
	t = expect(w->parse->error);
	text_put(&t, w->argument->name);
	return false;
}

static bool take_command(const struct parse_word *w)
{
	struct text t;

	w->parse->call->about = debug_command_find(w->text, w->len);
	if (w->parse->call->about != NULL) {
		return true;
	}
	t = expect(w->parse->error);
	text_put(&t, "a command; `help` lists them");
	return false;
}

static bool take_rest(const struct parse_word *w)
{
	w->parse->call->rest = w->at.at;
	return true;
}

static bool (*const takers[])(const struct parse_word *w) = {
	[DEBUG_VP] = take_vp,
	[DEBUG_VPS] = take_vps,
	[DEBUG_PARTITION] = take_partition,
	[DEBUG_PLACE] = take_place,
	[DEBUG_NUMBER] = take_number,
	[DEBUG_ADDRESS] = take_address,
	[DEBUG_MSR] = take_msr,
	[DEBUG_CHOICE] = take_choice,
	[DEBUG_COMMAND] = take_command,
	[DEBUG_REST] = take_rest,
};

/* ---- the line ---- */

void debug_parse_usage(const struct debug_command *command, char *to,
		       size_t room)
{
	struct text t = text_start(to, room);

	text_put(&t, command->name);
	for (u32 i = 0; i < DEBUG_ARGUMENTS; i++) {
		const struct debug_argument *argument = &command->argument[i];

		if (argument->kind == DEBUG_NONE) {
			break;
		}
		text_put(&t, argument->optional ? " [" : " ");
		text_put(&t, argument->name);
		text_put(&t, argument->optional ? "]" : "");
	}
}

/* The end of the line where it should go on, or a word where it should end. */
static enum parse_end refuse_count(const struct parse *parse, struct word word)
{
	struct text t = expect(parse->error);
	char usage[PARSE_EXPECTED_MAX / 2];

	parse->error->word = word;
	debug_parse_usage(parse->call->command, usage, sizeof(usage));
	text_put(&t, word.len == 0 ? "more words: " : "the end of the line: ");
	text_put(&t, usage);
	return PARSE_ERROR;
}

static enum parse_end take_arguments(const struct parse *parse, u32 from)
{
	struct debug_call *call = parse->call;
	struct word word = word_next(parse->line, parse->len, from);

	for (u32 i = 0; i < DEBUG_ARGUMENTS; i++) {
		const struct debug_argument *argument =
			&call->command->argument[i];
		struct parse_word w = {
			parse,   argument, i, word, parse->line + word.at,
			word.len};

		if (argument->kind == DEBUG_NONE) {
			break;
		}
		if (word.len == 0) {
			return argument->optional ? PARSE_OK
						  : refuse_count(parse, word);
		}
		parse->error->word = word;
		if (!takers[argument->kind](&w)) {
			return PARSE_ERROR;
		}
		call->given++;
		if (argument->kind == DEBUG_REST) {
			return PARSE_OK;
		}
		word = word_next(parse->line, parse->len, word.at + word.len);
	}
	return word.len == 0 ? PARSE_OK : refuse_count(parse, word);
}

enum parse_end debug_parse(const char *line, size_t len,
			   struct debug_call *call, struct parse_error *error)
{
	struct parse parse = {line, len, call, error};
	struct word word = word_next(line, len, 0);
	struct text t;

	*call = (struct debug_call){0};
	if (word.len == 0) {
		return PARSE_EMPTY;
	}
	call->command = debug_command_find(line + word.at, word.len);
	if (call->command != NULL) {
		return take_arguments(&parse, word.at + word.len);
	}
	error->word = word;
	t = expect(error);
	text_put(&t, "a command; `help` lists them");
	return PARSE_ERROR;
}
