/* SPDX-License-Identifier: MIT */
/*
 * lethe-trace reads the dumps of Lethe's trace from a serial log. The log is
 * not trusted: anything may stand in it.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "input.h"
#include "options.h"
#include "output.h"
#include "say.h"

struct format {
	const char *name;
	void (*write)(const struct output *o);
	bool is_folder;
};

static const struct format formats[] = {
	{"summary", summary_write, false},
	{"text", lines_write, false},
	{"jsonl", jsonl_write, false},
	{"chrome", chrome_write, false},
	{"ctf", ctf_write, true},
	{"svg-call", svg_call_write, false},
	{"svg-histogram", svg_histogram_write, false},
};

static const struct format *find_format(const char *name)
{
	for (size_t i = 0; name != NULL && i < ARRAY_SIZE(formats); i++) {
		if (strcmp(formats[i].name, name) == 0) {
			return &formats[i];
		}
	}
	say_failed("expected a format (summary, text, jsonl, chrome, ctf, "
		   "svg-call, svg-histogram), found %s",
		   name != NULL ? name : "none; see lethe-trace --help");
}

static void check_model(const struct model *m, const char *log, u32 wanted)
{
	if (m->dumps == 0) {
		say_failed("%s: expected a dump of the trace, found none (%llu "
			   "damaged frames)",
			   log, (unsigned long long)m->damaged);
	}
	if (wanted > m->dumps) {
		say_failed("--dump: expected 1 to %u, found %u", m->dumps,
			   wanted);
	}
}

static void say_what_is_missing(const struct model *m)
{
	say("the dump is not complete: %llu damaged frames, %llu missing "
	    "frames, %llu lost records%s%s",
	    (unsigned long long)m->damaged, (unsigned long long)m->missing,
	    (unsigned long long)m->total.lost,
	    m->about.known ? ""
			   : ", no begin (times are from the first "
			     "record, 1 tick is taken as 1 ns)",
	    m->total.known ? "" : ", no end");
}

static void write_output(const struct format *format, struct output *out,
			 const char *path)
{
	if (format->is_folder && path == NULL) {
		say_failed("%s: expected --output FOLDER, found none",
			   format->name);
	}
	out->path = path;
	if (!format->is_folder) {
		out->to = path != NULL ? fopen(path, "w") : stdout;
		if (out->to == NULL) {
			say_failed("%s: expected a file that can be written, "
				   "found: %s",
				   path, strerror(errno));
		}
	}
	format->write(out);
	if (out->to != NULL && (fflush(out->to) != 0 || ferror(out->to))) {
		say_failed("%s: expected room for the output, found: %s",
			   path != NULL ? path : "stdout", strerror(errno));
	}
}

int main(int argc, char **argv)
{
	struct options o = options_parse(argc, argv);
	struct output out = {
		.filter = &o.filter,
		.call = o.call,
		.mark = o.mark,
		.ticks = o.ticks,
	};
	const struct format *format;
	struct model m;
	struct input input;
	bool is_complete;

	if (o.help || o.version) {
		if (o.help) {
			options_help();
		} else {
			printf("lethe-trace " LETHE_VERSION "\n");
		}
		return SAY_COMPLETE;
	}
	format = find_format(o.format);
	input = input_read(o.log);
	model_read(&m, input.bytes, input.len, o.dump);
	free(input.bytes);
	check_model(&m, o.log, o.dump);
	filter_prepare(&o.filter, &m);
	out.m = &m;
	write_output(format, &out, o.output);
	is_complete = model_is_complete(&m);
	if (!is_complete) {
		say_what_is_missing(&m);
	}
	model_free(&m);
	return is_complete ? SAY_COMPLETE : SAY_INCOMPLETE;
}
