/* SPDX-License-Identifier: MIT */
/* The command line. */
#ifndef TOOLS_LETHE_TRACE_OPTIONS_H
#define TOOLS_LETHE_TRACE_OPTIONS_H

#include "filter.h"

struct options {
	const char *format;
	const char *log;    /* "-": stdin */
	const char *output; /* NULL: stdout */
	u32 dump;           /* MODEL_LAST */
	u32 call;
	s64 mark; /* OUTPUT_ANY_MARK */
	bool ticks;
	bool help;
	bool version;
	struct filter filter;
};

/* Ends the program, after a message, if the command line is wrong. */
struct options options_parse(int argc, char **argv);

void options_help(void);

#endif
