/* SPDX-License-Identifier: MIT */
/*
 * Who has what is typed: on COM1 the debug console or one partition, which a
 * key changes; on COM2 the partition whose port it is. Boot CPU only.
 */
#ifndef HV_CORE_EMULATE_CONSOLE_INPUT_H
#define HV_CORE_EMULATE_CONSOLE_INPUT_H

#include "base/types.h"
#include "config.h"
#include "core/port/port.h"

struct partition;

/* Ctrl-T: the input changes between the debug console and a partition. */
#define CONSOLE_INPUT_KEY 0x14

/*
 * Bytes for a guest that does not take them yet: at 115200 baud the UART's FIFO
 * is full after 16 character times, whatever the guest does.
 */
#define CONSOLE_INPUT_QUEUE 1024u

/* Characters in a second: 115200 baud, 8N1 */
#define CONSOLE_INPUT_CHARACTERS 11520u

/* As lethe.conf says. Pre: all partitions are built. */
void console_input_init(const struct config *config);

/* The partition that has COM1's input; NULL: the debug console has it. */
struct partition *console_input_owner(void);

/* COM1's input goes to `p`; prints which key takes it back. */
void console_input_give(struct partition *p);

/* COM2's input is for a debugger. Before launch. */
void console_input_for_debugger(void);

/*
 * True if somebody may read what the port receives. Without a reader it may be
 * absent, or somebody else's.
 */
bool console_input_reads(enum port_uart port);

/*
 * On the CPU that panicked, all others have stopped: COM1 is the debug
 * console's, and no guest gets anything.
 */
void console_input_after_panic(void);

/*
 * Takes what COM1 and COM2 have received and hands guests what they take. True
 * if something was received. Root mode, run word even, no lock held.
 */
bool console_input_poll(void);

/*
 * TSC ticks after a poll, which leaves the FIFOs empty, in which no UART
 * interrupts for a byte that waits: it does so for the fourth, or for fewer
 * that have waited for three character times.
 */
u64 console_input_quiet(void);

/* True if a port that somebody reads has received a byte. */
bool console_input_waits(void);

/*
 * console_input_poll() if the last time is 4 character times ago. For stretches
 * of root mode of the boot CPU that last longer than a UART's FIFO of 16 bytes:
 * called so often that 8 character times do not pass without it.
 */
void console_input_keep_up(void);

/* True for 2 s after a byte came or went. */
bool console_input_flows(u64 now);

/* The next byte for the debug console; false: there is none. */
bool console_input_take(u8 *byte);

/*
 * TSC of the poll before the one that took the end of a line for the debug
 * console: the end came no earlier. 0: none since it was asked last.
 */
u64 console_input_line_end(void);

/* The next byte for the debugger; false: there is none. */
bool console_input_take_debugger(u8 *byte);

/* Bytes that were lost because nobody read them in time. */
u64 console_input_lost(void);

/* TSC ticks between two polls, the most so far; and since it was asked last. */
u64 console_input_longest(void);
u64 console_input_longest_recent(void);

#endif
