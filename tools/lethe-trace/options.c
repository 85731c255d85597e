/* SPDX-License-Identifier: MIT */
/* One table of options: where the value goes, and what it may be. */
#include "options.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "model.h"
#include "output.h"
#include "say.h"

struct option {
	const char *name;
	size_t at; /* offset in struct options */
	enum { FLAG, NUMBER, MARK, TIME, TEXT } kind;
	const char *help;
};

#define AT(_field) offsetof(struct options, _field)

/* clang-format off */
static const struct option table[] = {
	{"--output", AT(output), TEXT,
	 "FILE     write to this file; for ctf: a folder (stdout)"},
	{"--dump", AT(dump), NUMBER,
	 "N          the Nth dump of the log, from 1 (the last)"},
	{"--vp", AT(filter.vp), TEXT,
	 "P:N          only records of VP index N of partition P, its name\n"
	 "                    or number"},
	{"--cpu", AT(filter.cpu), NUMBER,
	 "N           only records of this CPU"},
	{"--event", AT(filter.event), TEXT,
	 "NAME,...  only these events: exit, kick, drained, ..."},
	{"--from", AT(filter.from), TIME,
	 "TIME       only records from this time after the start on, such as\n"
	 "                    1.5s, 20ms, 300us; without a unit, seconds"},
	{"--to", AT(filter.to), TIME, "TIME         only records up to this time"},
	{"--mark", AT(mark), MARK,
	 "N          text: times since mark N (since the last mark)"},
	{"--ticks", AT(ticks), FLAG, "          text: times in TSC ticks"},
	{"--call", AT(call), NUMBER,
	 "N          svg-call: hypercall N, which text shows as call=N (1)"},
	{"--help", AT(help), FLAG, "           print this text"},
	{"--version", AT(version), FLAG, "        print the version"},
};
/* clang-format on */

void options_help(void)
{
	printf("usage: lethe-trace [OPTION]... FORMAT [LOG]\n"
	       "Reads the trace dumps in the log of Lethe's console, or on "
	       "stdin, and writes\none of them as FORMAT:\n\n"
	       "  summary        counts of frames and records\n"
	       "  text           a line for each record\n"
	       "  jsonl          the same for programs: JSON Lines\n"
	       "  chrome         JSON for ui.perfetto.dev and "
	       "chrome://tracing\n"
	       "  ctf            a folder for babeltrace2 (needs --output)\n"
	       "  svg-call       a picture of one hypercall\n"
	       "  svg-histogram  a picture of the ticks of all hypercalls\n\n");
	for (size_t i = 0; i < ARRAY_SIZE(table); i++) {
		printf("  %s %s\n", table[i].name, table[i].help);
	}
	printf("\nExit status: %d; %d if frames or records of the dump are "
	       "missing or damaged,\nwhich stderr tells; %d if there is no "
	       "output, with the reason on stderr.\n",
	       SAY_COMPLETE, SAY_INCOMPLETE, SAY_FAILED);
}

static u32 parse_number(const struct option *option, const char *text)
{
	char *end;
	unsigned long value = strtoul(text, &end, 10);

	if (text[0] < '0' || text[0] > '9' || *end != 0 || value >= 1u << 31) {
		say_failed("%s: expected a number, found `%s`", option->name,
			   text);
	}
	return (u32)value;
}

/* A time with a unit, as nanoseconds. */
static s64 parse_time(const struct option *option, const char *text)
{
	static const struct {
		const char *name;
		double ns;
	} units[] = {
		{"", 1e9}, {"s", 1e9}, {"ms", 1e6}, {"us", 1e3}, {"ns", 1}};
	char *end;
	double value = strtod(text, &end);

	for (size_t i = 0; end != text && i < ARRAY_SIZE(units); i++) {
		double ns = value * units[i].ns;

		if (strcmp(end, units[i].name) == 0 && ns > -1e18 &&
		    ns < 1e18) {
			return (s64)(ns < 0 ? ns - 0.5 : ns + 0.5);
		}
	}
	say_failed("%s: expected a time such as 1.5s, 20ms or 300us, found "
		   "`%s`",
		   option->name, text);
}

static const struct option *find(const char *name)
{
	const struct option *option = table;

	while (option < &table[ARRAY_SIZE(table)] &&
	       strcmp(option->name, name) != 0) {
		option++;
	}
	if (option == &table[ARRAY_SIZE(table)]) {
		say_failed("unknown option `%s`; lethe-trace --help lists them",
			   name);
	}
	return option;
}

static void store(struct options *o, const struct option *option,
		  const char *value)
{
	void *field = (char *)o + option->at;

	switch (option->kind) {
	case NUMBER:
		*(u32 *)field = parse_number(option, value);
		break;
	case MARK:
		*(s64 *)field = parse_number(option, value);
		break;
	case TIME:
		*(s64 *)field = parse_time(option, value);
		break;
	case TEXT:
		*(const char **)field = value;
		break;
	case FLAG:
	default:
		*(bool *)field = true;
		break;
	}
}

static void store_word(struct options *o, const char *word)
{
	if (o->format == NULL) {
		o->format = word;
	} else if (o->log == NULL) {
		o->log = word;
	} else {
		say_failed("expected one log, found `%s` and `%s`", o->log,
			   word);
	}
}

struct options options_parse(int argc, char **argv)
{
	struct options o = {
		.dump = MODEL_LAST,
		.call = 1,
		.mark = OUTPUT_ANY_MARK,
		.filter = {.cpu = FILTER_ANY,
			   .from = INT64_MIN,
			   .to = INT64_MAX},
	};

	for (int i = 1; i < argc; i++) {
		const struct option *option;

		if (argv[i][0] != '-' || argv[i][1] == 0) {
			store_word(&o, argv[i]);
			continue;
		}
		option = find(argv[i]);
		if (option->kind != FLAG && i + 1 == argc) {
			say_failed("%s: expected a value, found none",
				   option->name);
		}
		store(&o, option, option->kind != FLAG ? argv[++i] : NULL);
	}
	if (o.log == NULL) {
		o.log = "-";
	}
	return o;
}
