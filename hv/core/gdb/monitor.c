/* SPDX-License-Identifier: MIT */
/*
 * A command prints in pieces; each becomes a packet O, and the last answer is
 * OK. Commands that need a VP's CPU share its one place with the console.
 */
#include "core/gdb/monitor.h"

#include "core/debug/parse.h"
#include "core/debug/print.h"
#include "core/debug/run.h"
#include "core/port/port.h"

#define PIECE 1000u /* characters of a packet O */

#define LIFE_ENDS                                                              \
	"What GDB has read is of the life that ends. The next one waits "      \
	"before its first\ninstruction; then: maintenance flush "              \
	"register-cache\n"

#define NO_COMMAND "expected a command that ends; help lists them\n"

static struct debug_run run;
static size_t sent; /* of run.call.text */

static enum gdb_answer say(struct gdb_stub *s, const char *text)
{
	gdb_reply_text_bytes(&s->reply, text);
	return GDB_ANSWERED;
}

/* A debugger changes its own partition only. NULL: the command may run. */
static const char *refusal(const struct gdb_stub *s)
{
	const struct debug_command *command = run.call.command;

	if (command->fn == NULL) {
		return NO_COMMAND;
	}
	if (command->flags & DEBUG_ENDS) {
		return "refused: it ends the machine; type it on COM1\n";
	}
	if ((command->flags & DEBUG_CHANGES) &&
	    run.call.partition != s->partition) {
		return "refused: it changes another partition; type it on "
		       "COM1\n";
	}
	return NULL;
}

/* False: the line is refused, and the answer says why. */
static bool begin(struct gdb_stub *s, const char *line, size_t len)
{
	struct parse_error error;
	enum parse_end end;
	const char *why;

	debug_run_end(&run); /* of a life that is over */
	sent = 0;
	end = debug_parse(line, len, &run.call, &error);
	if (end == PARSE_ERROR) {
		(void)say(s, "expected ");
		(void)say(s, error.expected);
		(void)say(s, "\n");
		return false;
	}
	why = end == PARSE_OK ? refusal(s) : NO_COMMAND;
	if (why != NULL) {
		(void)say(s, why);
		return false;
	}
	debug_run_begin(&run, port_tsc());
	return true;
}

/* The next piece of the answer. */
static void next(const struct gdb_stub *s)
{
	run.call.len = 0;
	sent = 0;
	debug_run_step(&run, port_tsc());
	if (run.state == DEBUG_RUN_IDLE && run.refused) {
		debug_print(&run.call, "expected %s\n", run.error.expected);
	}
	if (run.state == DEBUG_RUN_IDLE && s->phase == GDB_STOPPED &&
	    (run.call.command->flags & DEBUG_ENDS_LIFE)) {
		debug_print(&run.call, LIFE_ENDS);
	}
}

enum gdb_answer gdb_monitor(struct gdb_stub *s, const char *line, size_t len)
{
	size_t piece;

	if (!s->again && !begin(s, line, len)) {
		return GDB_ANSWERED;
	}
	if (sent == run.call.len) {
		if (run.state == DEBUG_RUN_IDLE) {
			return gdb_stub_ok(s);
		}
		next(s);
	}
	piece = run.call.len - sent < PIECE ? run.call.len - sent : PIECE;
	if (piece == 0) {
		return GDB_AGAIN;
	}
	gdb_reply_char(&s->reply, 'O');
	gdb_reply_bytes(&s->reply, run.call.text + sent, piece);
	sent += piece;
	return GDB_MORE;
}
