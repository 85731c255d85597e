/* SPDX-License-Identifier: MIT */
/* The shell between its bytes and its answer, with the clock played here. */
#include "support/shell_line.h"

#include "core/console/answer.h"
#include "core/debug/shell.h"
#include "core/paging/ept.h"
#include "support/check.h"
#include "support/fake_partition.h"

char shell_line_output[1u << 16];
size_t shell_line_len;

/* Takes what the answer has. */
static void drain(void)
{
	char byte;

	while (console_answer_take(&byte)) {
		CHECK(shell_line_len + 1 < sizeof(shell_line_output));
		shell_line_output[shell_line_len++] = byte;
	}
	shell_line_output[shell_line_len] = 0;
}

struct partition *shell_line_partition(u32 vps)
{
	struct partition *made = fake_partition(vps, 1);

	CHECK_EQ(ept_build(&made->ept, made->memory, made->memory_len), ERR_OK);
	return made;
}

struct partition *shell_line_setup(u32 cpus, u32 vps)
{
	struct partition *p;

	fake_cpus(cpus);
	p = shell_line_partition(vps);
	fake.tsc = 1000000;
	drain();
	shell_init(false);
	shell_line_len = 0;
	return p;
}

void shell_line_type(const char *text)
{
	for (; *text != 0; text++) {
		shell_input((u8)*text);
	}
}

void shell_line_poll(u32 times)
{
	for (u32 i = 0; i < times; i++) {
		fake.tsc += 1000;
		shell_poll(fake.tsc);
		drain();
	}
}

const char *shell_line_answer(const char *text)
{
	shell_line_len = 0;
	shell_line_output[0] = 0;
	shell_line_type(text);
	shell_line_poll(200);
	return shell_line_output;
}
