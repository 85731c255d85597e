/* SPDX-License-Identifier: MIT */
/* `monitor`: commands of the debug console, and those that are refused. */
#include "core/gdb/monitor.h"

#include <stdio.h>
#include <string.h>

#include "core/events/hold.h"
#include "core/state/machine.h"
#include "core/state/vp.h"
#include "support/check.h"
#include "support/fake_partition.h"
#include "support/gdb_line.h"

static struct partition *p;
static struct partition *other;

static void setup(void)
{
	p = gdb_line_new(2);
	other = fake_partition(1, 1);
	gdb_line_attach();
}

/* What a command prints: the text of the packets with hexadecimal digits. */
static const char *monitor(const char *line)
{
	static char text[8192];
	char body[256] = "qRcmd,";
	size_t len = strlen(body);
	size_t got = 0;
	const char *at;

	for (; *line != 0; line++) {
		len += (size_t)snprintf(body + len, sizeof(body) - len, "%02x",
					(unsigned)(u8)*line);
	}
	for (at = gdb_line_ask(body); (at = strchr(at, '$')) != NULL;) {
		unsigned byte;

		at += at[1] == 'O' && at[2] != 'K' ? 2 : 1;
		for (; sscanf(at, "%2x", &byte) == 1 && *at != '#'; at += 2) {
			CHECK(got + 1 < sizeof(text));
			text[got++] = (char)byte;
		}
	}
	text[got] = 0;
	return text;
}

static void t_commands_run(void)
{
	setup();
	CHECK(strstr(monitor("ps"), "vps=2") != NULL);
	CHECK(strstr(monitor("help"), "watch") != NULL);
	CHECK(strstr(monitor("nosuch"), "expected a command") != NULL);
	CHECK(strstr(monitor("watch ps"), "a command that ends") != NULL);
	CHECK(strstr(monitor(" "), "expected a command") != NULL);
}

static void t_own_partition_may_be_changed(void)
{
	setup();
	CHECK(strstr(monitor("suspend 0:1"), "held") != NULL);
	CHECK_EQ(hold_owners(p->vps[1]) & HOLD_CONSOLE, HOLD_CONSOLE);
}

/* rule of docs/debugging.md: another partition and the machine are not its. */
static void t_others_are_not_changed(void)
{
	setup();
	CHECK(strstr(monitor("suspend 1:0"), "another partition") != NULL);
	CHECK(strstr(monitor("stop 1"), "another partition") != NULL);
	CHECK(strstr(monitor("poweroff"), "ends the machine") != NULL);
	CHECK(strstr(monitor("panic"), "ends the machine") != NULL);
	CHECK_EQ(hold_owners(other->vps[0]), 0);
	CHECK(strstr(monitor("ps 1"), "vps=1") != NULL);
}

/* GDB keeps what it has read, so it is told. */
static void t_an_end_is_explained(void)
{
	setup();
	machine.partitions_running = 2;
	CHECK(strstr(monitor("stop 1"), "the life that ends") == NULL);
	CHECK(strstr(monitor("restart 0"), "the life that ends") != NULL);
	CHECK(strstr(monitor("stop 0"), "the life that ends") == NULL);
}

static const struct test tests[] = {
	{"commands-run", t_commands_run},
	{"own-partition-may-be-changed", t_own_partition_may_be_changed},
	{"others-are-not-changed", t_others_are_not_changed},
	{"an-end-is-explained", t_an_end_is_explained},
};

const struct suite suite_gdb_monitor = SUITE("gdb_monitor", tests);
