/* SPDX-License-Identifier: MIT */
/* A line of the debug console, run to its end. */
#include "support/command.h"

#include <string.h>

#include "core/console/first_use.h"
#include "core/debug/at_vp.h"
#include "core/debug/parse.h"
#include "core/paging/ept.h"
#include "core/paging/overlay.h"
#include "support/check.h"
#include "support/fake_partition.h"
#include "support/fake_vmcs.h"

char command_text[1u << 14];
u32 command_calls;

struct partition *command_setup(void)
{
	struct partition *p;

	fake_cpus(2);
	fake_vmcs_reset();
	p = fake_partition(2, 1);
	CHECK(overlay_init());
	CHECK_EQ(ept_build(&p->ept, p->memory, p->memory_len), ERR_OK);
	first_use_reset(p);
	debug_at_vp_init();
	return p;
}

const char *command_answer(const char *line)
{
	static struct debug_call call;
	struct parse_error error;
	size_t len = 0;

	CHECK_EQ(debug_parse(line, strlen(line), &call, &error), PARSE_OK);
	do {
		call.len = 0;
		call.end = call.command->fn(&call);
		call.steps++;
		CHECK(call.len <= DEBUG_TEXT_MAX);
		CHECK(len + call.len < sizeof(command_text));
		memcpy(command_text + len, call.text, call.len);
		len += call.len;
	} while (call.end == DEBUG_MORE);
	command_calls = call.steps;
	command_text[len] = 0;
	return command_text;
}

void command_has(const char *line, const char *part, const char *file,
		 unsigned at)
{
	check_true(strstr(command_answer(line), part) != NULL, part, file, at);
}
