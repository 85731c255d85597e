/* SPDX-License-Identifier: MIT */
/*
 * The states between which shell_poll() moves. Whatever it does takes its
 * output's room first, so that nothing of an answer is lost.
 */
#include "core/debug/shell.h"

#include "common/lib/format.h"
#include "common/lib/mem.h"
#include "core/console/answer.h"
#include "core/debug/at_vp.h"
#include "core/debug/complete.h"
#include "core/debug/editor.h"
#include "core/debug/parse.h"
#include "core/debug/run.h"
#include "core/emulate/console_input.h"
#include "core/state/machine.h"

#define BYTES_PER_POLL 16
#define CTRL_C         3

/* Of the line that is typed, while the log prints */
#define REDRAWS_PER_SECOND 4

/* Room for what a step prints: each \n of the text becomes CR and LF */
#define ROOM_FOR_KEY  (SCREEN_MAX + DEBUG_TEXT_MAX)
#define ROOM_FOR_STEP (2 * DEBUG_TEXT_MAX)

#define NAMES_MAX 512 /* characters of a list of names */

enum shell_state {
	SHELL_TYPING,
	SHELL_RUN,   /* a command is carried out */
	SHELL_PAUSE, /* `watch`: until the next screen */
};

static struct {
	enum shell_state state;
	bool readonly;
	bool dead;        /* after a panic */
	bool prompted;    /* prompt and line are on the terminal */
	bool interrupted; /* Ctrl-C came */
	u64 redrawn;      /* TSC: when the line was drawn, … */
	u64 began;        /* … and the screen of `watch` began */
	u64 asked;        /* TSC: the line ended, its answer has not begun */

	/* bytes that wait: a ring */
	u32 put;
	u32 taken;
	u32 lost;
	u8 last;
	u8 typed[SHELL_TYPED_MAX];

	/* `watch`: the command's place in the line; 0: none */
	u32 watched;

	u32 line_len;
	char line[DEBUG_LINE_MAX];
	struct debug_run run;
	struct editor editor;
	struct history history;
	struct screen screen;
} shell;

void shell_init(bool readonly)
{
	memset(&shell, 0, sizeof(shell));
	shell.readonly = readonly;
	debug_at_vp_init();
	editor_reset(&shell.editor, &shell.history);
}

void shell_after_panic(void)
{
	shell.dead = true;
	debug_run_end(&shell.run);
	shell.state = SHELL_TYPING;
	shell.watched = 0;
	shell.prompted = false;
	shell.screen.len = 0;
	editor_reset(&shell.editor, &shell.history);
}

/* ---- output ---- */

static void flush_screen(void)
{
	console_answer_put(shell.screen.bytes, shell.screen.len);
	shell.screen.len = 0;
	console_input_keep_up();
}

/* Text whose lines end with \n. */
static void put_lines(const char *text, size_t len)
{
	size_t from = 0;

	if (shell.asked != 0 && len != 0) {
		console_answer_begins(shell.asked);
		shell.asked = 0;
	}
	for (size_t i = 0; i < len; i++) {
		if (text[i] == '\n') {
			console_answer_put(text + from, i - from);
			console_answer_put("\r\n", 2);
			from = i + 1;
			console_input_keep_up();
		}
	}
	console_answer_put(text + from, len - from);
}

static __printf(1, 2) void print(const char *fmt, ...)
{
	char text[NAMES_MAX + 8];
	va_list args;

	va_start(args, fmt);
	size_t len = log_format(text, sizeof(text), fmt, args);

	va_end(args);
	put_lines(text, len);
}

static void show_line(u64 now)
{
	editor_show(&shell.editor, &shell.screen);
	flush_screen();
	shell.prompted = true;
	shell.redrawn = now;
}

/* ---- input ---- */

void shell_input(u8 byte)
{
	bool ends_cr = byte == '\n' && shell.last == '\r';

	if (byte == 0) {
		return; /* no key, but what a disturbed line may show */
	}
	shell.last = byte;
	if (ends_cr) {
		return; /* CR and LF end one line */
	}
	if (byte == CTRL_C) {
		shell.taken = shell.put;
		shell.interrupted = true;
		return;
	}
	if (shell.put - shell.taken == SHELL_TYPED_MAX) {
		shell.lost++;
		return;
	}
	shell.typed[shell.put++ % SHELL_TYPED_MAX] = byte;
}

/* ---- running a command ---- */

static void prompt(u64 now)
{
	shell.state = SHELL_TYPING;
	shell.watched = 0;
	editor_reset(&shell.editor, &shell.history);
	if (shell.lost != 0) {
		print("%u characters lost: more than %u waited\n", shell.lost,
		      SHELL_TYPED_MAX);
		shell.lost = 0;
	}
	show_line(now);
}

static void finish(u64 now)
{
	/* a line that was typed ahead waited for this command */
	(void)console_input_line_end();
	if (shell.watched != 0) {
		shell.state = SHELL_PAUSE;
	} else if (console_input_owner() != NULL && !shell.dead) {
		/* `console P`: the next key of the shell shows the prompt */
		shell.state = SHELL_TYPING;
		editor_reset(&shell.editor, &shell.history);
	} else {
		prompt(now);
	}
}

/* Marks the word under the line, which is still on the terminal. */
static void show_error(const struct parse_error *error)
{
	u32 column = (u32)sizeof(EDITOR_PROMPT) - 1 + error->word.at;
	u32 len = error->word.len == 0 ? 1 : error->word.len;

	/* a line that was longer than the terminal has no place to point at */
	if (column + len <= EDITOR_COLUMNS) {
		screen_repeat(&shell.screen, ' ', column);
		screen_repeat(&shell.screen, '^', len);
		flush_screen();
		print("\n");
	}
	print("expected %s\n", error->expected);
}

/* Says why the command must not run now; false: it may. */
static bool refuse(const struct debug_command *command)
{
	u32 flags = command->flags;

	if (shell.dead && !(flags & DEBUG_DEAD_OK)) {
		print("after a panic: %s needs what has stopped\n",
		      command->name);
		return true;
	}
	if (shell.dead || !shell.readonly ||
	    !(flags & (DEBUG_CHANGES | DEBUG_ENDS))) {
		return false;
	}
	print("console = readonly: %s %s\n", command->name,
	      flags & DEBUG_ENDS ? "ends the machine" : "changes the guest");
	return true;
}

static bool begin(u64 now)
{
	if (refuse(shell.run.call.command)) {
		return false;
	}
	shell.state = SHELL_RUN;
	debug_run_begin(&shell.run, now);
	return true;
}

/* Parses the line from `from` on and starts the command; false: it is over. */
static bool start(u32 from, u64 now)
{
	struct parse_error error;
	enum parse_end end =
		debug_parse(shell.line + from, shell.line_len - from,
			    &shell.run.call, &error);

	if (end == PARSE_ERROR) {
		error.word.at += from;
		show_error(&error);
	}
	return end == PARSE_OK && (shell.run.call.rest != 0 || begin(now));
}

static void start_screen(u64 now)
{
	shell.began = now;
	console_answer_put(SCREEN_CLEAR, sizeof(SCREEN_CLEAR) - 1);
	if (!start(shell.watched, now)) {
		prompt(now);
	}
}

static void enter(u64 now)
{
	u32 watched;

	shell.asked = console_input_line_end();
	shell.line_len = shell.editor.len;
	memcpy(shell.line, shell.editor.text, shell.line_len);
	history_add(&shell.history, shell.line, shell.line_len);
	shell.prompted = false;
	if (!start(0, now)) {
		prompt(now);
		return;
	}
	watched = shell.run.call.rest;
	if (watched == 0) {
		return;
	}
	/* the line is known to be good before a screen is cleared */
	if (!start(watched, now)) {
		prompt(now);
	} else if (shell.run.call.rest != 0) {
		print("expected a command that does not repeat another one\n");
		prompt(now);
	} else {
		shell.watched = watched;
		shell.began = now;
		console_answer_put(SCREEN_CLEAR, sizeof(SCREEN_CLEAR) - 1);
	}
}

static void poll_run(u64 now)
{
	if (console_answer_room() < ROOM_FOR_STEP) {
		return;
	}
	debug_run_step(&shell.run, now);
	put_lines(shell.run.call.text, shell.run.call.len);
	shell.run.call.len = 0;
	if (shell.run.state == DEBUG_RUN_IDLE) {
		if (shell.run.refused) {
			shell.run.error.word.at += shell.watched;
			show_error(&shell.run.error);
		}
		finish(now);
	}
}

static void poll_pause(u64 now)
{
	if (shell.put != shell.taken) {
		prompt(now); /* any key ends it, and is not lost */
	} else if (now - shell.began >= machine.tsc_hz &&
		   console_answer_room() >= ROOM_FOR_STEP) {
		start_screen(now);
	}
}

/* ---- typing ---- */

static void list_names(u64 now)
{
	char names[NAMES_MAX];

	complete_list(shell.editor.text, shell.editor.cursor, names,
		      sizeof(names));
	print("\n%s\n", names);
	show_line(now);
}

static void complete(u64 now)
{
	struct complete c;
	u32 more;

	complete_line(shell.editor.text, shell.editor.cursor, &c);
	more = c.common > c.word.len ? c.common - c.word.len : 0;
	if (more != 0) {
		editor_insert(&shell.editor, c.name + c.word.len, more,
			      &shell.screen);
	}
	if (c.count == 1 && c.name[c.common - 1] != ':') {
		editor_insert(&shell.editor, " ", 1, &shell.screen);
	}
	flush_screen();
	if (more == 0 && c.count > 1) {
		list_names(now);
	}
}

static void take_key(u8 byte, u64 now)
{
	enum editor_event event;

	if (!shell.prompted || console_answer_is_hidden()) {
		show_line(now);
	}
	event = editor_key(&shell.editor, byte, &shell.screen);
	flush_screen();
	if (event == EDITOR_ENTER) {
		enter(now);
	} else if (event == EDITOR_TAB) {
		complete(now);
	}
}

static void poll_typing(u64 now)
{
	/* lines of the log came below the prompt */
	if (shell.prompted && console_answer_is_hidden() &&
	    now - shell.redrawn >= machine.tsc_hz / REDRAWS_PER_SECOND &&
	    console_answer_room() >= ROOM_FOR_KEY) {
		show_line(now);
	}
	for (u32 i = 0; i < BYTES_PER_POLL && shell.put != shell.taken &&
			shell.state == SHELL_TYPING &&
			console_answer_room() >= ROOM_FOR_KEY;
	     i++) {
		console_input_keep_up();
		take_key(shell.typed[shell.taken++ % SHELL_TYPED_MAX], now);
	}
}

static void interrupt(u64 now)
{
	shell.interrupted = false;
	debug_run_end(&shell.run);
	print("^C\n");
	prompt(now);
}

void shell_poll(u64 now)
{
	static void (*const polls[])(u64 now) = {
		[SHELL_TYPING] = poll_typing,
		[SHELL_RUN] = poll_run,
		[SHELL_PAUSE] = poll_pause,
	};

	if (shell.interrupted && console_answer_room() >= ROOM_FOR_KEY) {
		interrupt(now);
	}
	polls[shell.state](now);
}
