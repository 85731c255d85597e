/* SPDX-License-Identifier: MIT */
/*
 * Fuzz target: any bytes typed into the debug console, while the VPs' CPUs
 * answer or do not. The output of a look is bounded and, but for clearing the
 * screen, shows on any terminal; afterwards the console still answers.
 */
#include "core/debug/shell.h"

#include <string.h>

#include "core/console/answer.h"
#include "core/debug/at_vp.h"
#include "core/debug/command.h"
#include "core/debug/editor.h"
#include "core/paging/ept.h"
#include "fuzz/fuzz.h"
#include "support/fake_partition.h"

#define STEPS_MAX 4096

static void make_partition(u32 vps)
{
	struct partition *p = fake_partition(vps, 1);

	FUZZ_EXPECT(ept_build(&p->ept, p->memory, p->memory_len) == ERR_OK);
}

/* Everything that was printed since the last call. */
static void check_output(void)
{
	static const char clear[] = SCREEN_CLEAR;
	u32 matched = 0;
	char byte;

	while (console_answer_take(&byte)) {
		if (byte == clear[matched]) {
			matched++;
			matched %= sizeof(clear) - 1;
			continue;
		}
		FUZZ_EXPECT_EQ(matched, 0);
		FUZZ_EXPECT((byte >= ' ' && byte < 0x7f) || byte == '\r' ||
			    byte == '\n' || byte == '\b' || byte == '\a');
	}
}

static void look(u64 ticks)
{
	size_t before = console_answer_room();

	fake.tsc += ticks;
	shell_poll(fake.tsc);
	/* 16 keys at most, or one call of a command */
	FUZZ_EXPECT(before - console_answer_room() <=
		    16 * SCREEN_MAX + 2 * DEBUG_TEXT_MAX);
	check_output();
}

static void serve_all(void)
{
	for (u32 i = 0; i < machine.partition_count; i++) {
		struct partition *p = machine.partitions[i];

		for (u32 n = 0; n < p->vp_count; n++) {
			debug_at_vp_serve(p->vps[n]);
		}
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	fake_reset();
	fake_cpus(2);
	make_partition(2);
	make_partition(3);
	check_output();
	shell_init(false);
	for (size_t i = 0; i < len && i < STEPS_MAX; i++) {
		/* bytes that no key sends stand for time and answers */
		if (data[i] == 0xff) {
			serve_all();
		} else if (data[i] == 0xfe) {
			look(FAKE_TSC_HZ);
		} else {
			shell_input(data[i]);
		}
		look(1000);
	}
	shell_input(3);
	look(1000);
	shell_input('\r');
	look(1000);
	return 0;
}
