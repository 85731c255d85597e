/* SPDX-License-Identifier: MIT */
/*
 * Decides whose each received byte is. It is decided when the byte is taken
 * from the UART, so a byte belongs to who had the line when it was typed.
 */
#include "core/emulate/console_input.h"

#include "core/console/log.h"
#include "core/emulate/guest_serial.h"
#include "core/state/machine.h"
#include "core/state/partition.h"

#define BURST 32u /* bytes of a port at one poll: two FIFOs */

#define FLOW_SECONDS 2 /* input flows for so long after a byte */

/* Character times in which nobody looks, if console_input_keep_up() is called
 */
#define KEEP_UP 4

#define QUIET 2 /* character times, less than three */

/* The longest that a time-out of Bochs outlives its byte: three character times
   until it comes, then until the next look while input flows */
#define STALE 8

struct queue {
	struct partition *to; /* NULL: the debug console, or nobody */
	u32 first;
	u32 count;
	u8 bytes[CONSOLE_INPUT_QUEUE];
};

static struct queue debug; /* for the debug console */
static struct queue guests[PORT_UART_COUNT];
static struct queue debugger; /* COM2's, if `has_debugger` */
static bool has_debugger;
static bool to_guest;  /* COM1: guests[] has it, not `debug` */
static bool has_debug; /* the key switches */
static u64 lost;

static u64 flows_until; /* TSC */
static u64 looked;      /* TSC of the last poll; 0: none yet */
static u64 line_end;    /* console_input_line_end() */
static u64 longest;     /* ticks between two polls */
static u64 recent;      /* the same, since somebody asked */

static struct partition *raw_partition(const struct config *config)
{
	for (u32 i = 0; i < config->partition_count; i++) {
		if (config->partition[i].output == CONFIG_OUTPUT_COM2) {
			return machine.partitions[i];
		}
	}
	return NULL;
}

void console_input_init(const struct config *config)
{
	u32 first = config->input != 0 ? config->input - 1 : 0;

	debug = (struct queue){.to = NULL};
	guests[PORT_UART_COM1] =
		(struct queue){.to = machine.partitions[first]};
	guests[PORT_UART_COM2] = (struct queue){.to = raw_partition(config)};
	has_debug = config->console != CONFIG_CONSOLE_OFF;
	to_guest = config->input != 0 || !has_debug;
	debugger = (struct queue){.to = NULL};
	has_debugger = false;
	lost = 0;
	flows_until = 0;
	looked = 0;
	line_end = 0;
	longest = 0;
	recent = 0;
}

void console_input_for_debugger(void)
{
	debugger = (struct queue){.to = NULL};
	has_debugger = true;
}

bool console_input_reads(enum port_uart port)
{
	return port == PORT_UART_COM1 || has_debugger ||
	       guests[port].to != NULL;
}

void console_input_after_panic(void)
{
	for (u32 i = 0; i < PORT_UART_COUNT; i++) {
		guests[i] = (struct queue){.to = NULL};
	}
	has_debugger = false;
	has_debug = false;
	to_guest = false;
}

struct partition *console_input_owner(void)
{
	return to_guest ? guests[PORT_UART_COM1].to : NULL;
}

void console_input_give(struct partition *p)
{
	if (p != guests[PORT_UART_COM1].to) {
		guests[PORT_UART_COM1] = (struct queue){.to = p};
	}
	to_guest = true;
	log_line("console", "input goes to %s; Ctrl-T takes it back",
		 p->config->name);
}

static void take_back(void)
{
	to_guest = false;
	log_line("console",
		 "input goes to the debug console; Ctrl-T gives it "
		 "to %s",
		 guests[PORT_UART_COM1].to->config->name);
}

static void add(struct queue *queue, u8 byte)
{
	if (queue->count == CONSOLE_INPUT_QUEUE) {
		lost++;
		return;
	}
	queue->bytes[(queue->first + queue->count) % CONSOLE_INPUT_QUEUE] =
		byte;
	queue->count++;
}

static void drop_first(struct queue *queue)
{
	queue->first = (queue->first + 1) % CONSOLE_INPUT_QUEUE;
	queue->count--;
}

static struct queue *queue_of(enum port_uart port)
{
	if (port == PORT_UART_COM1) {
		return to_guest ? &guests[port] : &debug;
	}
	return has_debugger ? &debugger : &guests[port];
}

static void route(enum port_uart port, u8 byte)
{
	if (port == PORT_UART_COM1 && has_debug && byte == CONSOLE_INPUT_KEY) {
		if (to_guest) {
			take_back();
		} else {
			console_input_give(guests[port].to);
		}
		return;
	}
	if (port == PORT_UART_COM1 && !to_guest && byte == '\r' &&
	    line_end == 0) {
		line_end = looked;
	}
	add(queue_of(port), byte);
}

u64 console_input_line_end(void)
{
	u64 end = line_end;

	line_end = 0;
	return end;
}

/* A debugger waits for answers, so it sends no more than there is room for. */
static bool has_room(enum port_uart port)
{
	return port != PORT_UART_COM2 || !has_debugger ||
	       debugger.count < CONSOLE_INPUT_QUEUE;
}

/*
 * The time-out of Bochs's UART goes on when its bytes have been read, and then
 * shows a byte that nobody sent: the 0 that was left at the end of the FIFO. Of
 * other UARTs a 0 that times out so soon is rare, and no key.
 */
static bool may_be_stale(enum port_uart port, u64 apart)
{
	return apart < machine.tsc_hz * STALE / CONSOLE_INPUT_CHARACTERS &&
	       port_uart_timed_out(port);
}

/* `apart`: ticks since the FIFO was left empty. */
static bool receive(enum port_uart port, u64 apart)
{
	bool moved = false;

	for (u32 i = 0; i < BURST && has_room(port) && port_uart_can_get(port);
	     i++) {
		bool stale = i == 0 && may_be_stale(port, apart);
		u8 byte = port_uart_get(port);

		if (byte != 0 || !stale) {
			route(port, byte);
			moved = true;
		}
	}
	return moved;
}

static bool hand_on(struct queue *queue)
{
	bool moved = false;

	while (queue->to != NULL && queue->count > 0 &&
	       guest_serial_receive(&queue->to->serial,
				    queue->bytes[queue->first])) {
		drop_first(queue);
		moved = true;
	}
	return moved;
}

static void note_look(u64 now, u64 apart)
{
	looked = now;
	recent = apart > recent ? apart : recent;
	longest = apart > longest ? apart : longest;
}

bool console_input_poll(void)
{
	u64 now = port_tsc();
	u64 apart = looked != 0 ? now - looked : 0;
	bool received = receive(PORT_UART_COM1, apart);
	bool moved;

	note_look(now, apart);
	if (console_input_reads(PORT_UART_COM2)) {
		received |= receive(PORT_UART_COM2, apart);
	}
	moved = received;
	for (u32 i = 0; i < PORT_UART_COUNT; i++) {
		moved |= hand_on(&guests[i]);
	}
	if (moved) {
		flows_until = now + FLOW_SECONDS * machine.tsc_hz;
	}
	return received;
}

u64 console_input_quiet(void)
{
	return machine.tsc_hz * QUIET / CONSOLE_INPUT_CHARACTERS;
}

bool console_input_waits(void)
{
	return port_uart_can_get(PORT_UART_COM1) ||
	       (console_input_reads(PORT_UART_COM2) &&
		port_uart_can_get(PORT_UART_COM2));
}

void console_input_keep_up(void)
{
	if (port_tsc() - looked >=
	    machine.tsc_hz * KEEP_UP / CONSOLE_INPUT_CHARACTERS) {
		(void)console_input_poll();
	}
}

bool console_input_flows(u64 now)
{
	return now < flows_until;
}

static bool take(struct queue *queue, u8 *byte)
{
	if (queue->count == 0) {
		return false;
	}
	*byte = queue->bytes[queue->first];
	drop_first(queue);
	return true;
}

bool console_input_take(u8 *byte)
{
	return take(&debug, byte);
}

bool console_input_take_debugger(u8 *byte)
{
	return take(&debugger, byte);
}

u64 console_input_longest(void)
{
	return longest;
}

u64 console_input_longest_recent(void)
{
	u64 ticks = recent;

	recent = 0;
	return ticks;
}

u64 console_input_lost(void)
{
	return lost;
}
