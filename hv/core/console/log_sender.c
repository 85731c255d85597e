/* SPDX-License-Identifier: MIT */
/* Decides where a line may be interrupted, and how that is shown. */
#include "core/console/log_sender.h"

#include "core/console/answer.h"
#include "core/console/log_room.h"

#define PREFIX_MAX 64u

/* So many bytes of an answer, and the rest of its line, then a line */
#define ANSWER_BURST 4096u

static struct {
	struct log_room_line line;
	u32 left;  /* bytes of the line; 0: no line is under way */
	bool cut;  /* the line is cut, its rest waits for the end of the answer
		    */
	bool open; /* the last byte of the answer was not "\n" */
	u32 answered; /* bytes of answers since the last line */

	char prefix[PREFIX_MAX]; /* how the line began: its partition's name */

	/* goes before all else: marks */
	char marks[PREFIX_MAX + 8];
	u32 marks_len;
	u32 marks_sent;
} sender;

static void mark(const char *text, size_t len)
{
	if (sender.marks_sent == sender.marks_len) {
		sender.marks_len = 0;
		sender.marks_sent = 0;
	}
	for (size_t i = 0; i < len && sender.marks_len < sizeof(sender.marks);
	     i++) {
		sender.marks[sender.marks_len++] = text[i];
	}
}

/* Lines follow: below a prompt that has no end. */
static void close_answer(void)
{
	if (sender.open) {
		mark("\n", 1);
		sender.open = false;
		console_answer_hide();
	}
}

/* A long answer may not hold back all lines. */
static bool is_line_owed(void)
{
	return sender.answered >= ANSWER_BURST && !sender.open;
}

/* Cuts the line that is under way, if much of it is left. */
static void cut_line(void)
{
	u32 sent = sender.line.len - sender.left;

	if (!is_line_owed() && sender.left > LOG_SENDER_REST &&
	    sent > sender.line.prefix + sizeof(LOG_SENDER_CONTINUE)) {
		mark(LOG_SENDER_CUT, sizeof(LOG_SENDER_CUT) - 1);
		sender.cut = true;
	}
}

static void continue_line(void)
{
	close_answer();
	mark(sender.prefix,
	     sender.line.prefix < PREFIX_MAX ? sender.line.prefix : PREFIX_MAX);
	mark(LOG_SENDER_CONTINUE, sizeof(LOG_SENDER_CONTINUE) - 1);
	sender.cut = false;
}

static bool begin_line(void)
{
	if (!log_room_next(&sender.line)) {
		return false;
	}
	sender.left = sender.line.len;
	close_answer();
	return true;
}

static char take_from_line(void)
{
	struct log_ring *ring = &sender.line.room->ring;
	u32 sent = sender.line.len - sender.left;
	char byte = log_ring_peek(ring, 0);

	log_ring_drop(ring, 1);
	if (sent < PREFIX_MAX) {
		sender.prefix[sent] = byte;
	}
	sender.left--;
	if (sender.left == 0) {
		log_room_done(&sender.line);
		sender.answered = 0;
	}
	return byte;
}

static bool take_mark(char *byte)
{
	if (sender.marks_sent == sender.marks_len) {
		return false;
	}
	*byte = sender.marks[sender.marks_sent++];
	return true;
}

static bool take_answer(char *byte)
{
	if (!console_answer_take(byte)) {
		return false;
	}
	sender.open = *byte != '\n';
	sender.answered++;
	return true;
}

bool log_sender_next(char *byte)
{
	bool between = sender.left == 0 || sender.cut;

	if (take_mark(byte)) {
		return true;
	}
	if (between && !(is_line_owed() && log_room_any()) &&
	    take_answer(byte)) {
		return true;
	}
	if (sender.cut) {
		continue_line();
	} else if (sender.left == 0 && !begin_line()) {
		return false;
	} else if (console_answer_pending()) {
		cut_line();
	}
	if (!take_mark(byte)) {
		*byte = take_from_line();
	}
	return true;
}

bool log_sender_in_line(void)
{
	return sender.left != 0;
}

bool log_sender_pending(void)
{
	return log_room_any() || console_answer_pending();
}
