/* SPDX-License-Identifier: MIT */
/* Runs a line of the debug console, with the VP's CPU played by the caller. */
#ifndef HV_TEST_SUPPORT_COMMAND_H
#define HV_TEST_SUPPORT_COMMAND_H

#include "base/types.h"

struct partition;

/* A partition of 2 VPs on 2 CPUs, which it returns; nobody looks at a VP. */
struct partition *command_setup(void);

/* The last answer, and how often the command's function was called for it. */
extern char command_text[];
extern u32 command_calls;

/* The whole answer to a line that is right; also in command_text. */
const char *command_answer(const char *line);

/* Expects that the answer to `line` contains `part`. */
#define COMMAND_HAS(line, part) command_has(line, part, __FILE__, __LINE__)
void command_has(const char *line, const char *part, const char *file,
		 unsigned at);

#endif
