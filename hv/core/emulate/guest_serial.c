/* SPDX-License-Identifier: MIT */
/*
 * Decides when a guest's output goes to the log: each byte at once, as long as
 * the log takes complete lines; until then the next ones wait in the UART's
 * FIFO.
 */
#include "core/emulate/guest_serial.h"

#include "core/console/log.h"
#include "core/emulate/guest_line.h"
#include "core/emulate/uart.h"
#include "core/state/machine.h"

/* Longest guest_serial_flush(): the log's reserve takes 0.4 s at 115200 baud */
#define FLUSH_SECONDS 2

/* Any CPU, atomic: partitions in guest_serial_flush(). Lines of others are held
   back then: short ones would take the room of a long one. */
static u32 endings;

void guest_serial_init(struct guest_serial *serial, const char *name)
{
	*serial = (struct guest_serial){.name = name};
	uart_init(&serial->uart);
}

/* Needs no order: one line more or less does not matter. */
static bool must_stand_back(const struct guest_serial *serial)
{
	return !serial->ending && __atomic_load_n(&endings, __ATOMIC_RELAXED);
}

/* Hands a complete line to the log; false if it still has no room. */
static bool settle_line(struct guest_serial *serial)
{
	const struct guest_line *line = &serial->line;

	if (line->done) {
		if (must_stand_back(serial) ||
		    !log_guest_line(serial->name, line->text, line->len)) {
			return false;
		}
		guest_line_next(&serial->line);
	}
	return true;
}

/* Sends what the log takes. */
static void drain(struct guest_serial *serial)
{
	u8 byte;

	while (settle_line(serial) && uart_take(&serial->uart, &byte)) {
		guest_line_put(&serial->line, byte);
	}
	uart_set_sending(&serial->uart, serial->line.done);
}

u8 guest_serial_read(struct guest_serial *serial, u16 reg)
{
	lock_acquire(&serial->lock);
	drain(serial);
	u8 value = uart_read(&serial->uart, reg);

	lock_release(&serial->lock);
	return value;
}

void guest_serial_write(struct guest_serial *serial, u16 reg, u8 value)
{
	lock_acquire(&serial->lock);
	drain(serial);
	if (!uart_write(&serial->uart, reg, value)) {
		serial->lost++;
	}
	drain(serial);
	lock_release(&serial->lock);
}

bool guest_serial_receive(struct guest_serial *serial, u8 byte)
{
	lock_acquire(&serial->lock);
	bool taken = uart_receive(&serial->uart, byte);

	lock_release(&serial->lock);
	return taken;
}

/* True if everything is sent. */
static bool send_rest(struct guest_serial *serial)
{
	lock_acquire(&serial->lock);
	serial->ending = true;
	drain(serial);
	if (uart_tx_empty(&serial->uart)) {
		guest_line_end(&serial->line);
		drain(serial);
	}
	bool sent = uart_tx_empty(&serial->uart);

	lock_release(&serial->lock);
	return sent;
}

/* Counts and forgets what could not be sent; returns all that was dropped. */
static u64 drop_rest(struct guest_serial *serial)
{
	u8 byte;

	lock_acquire(&serial->lock);
	u64 dropped = serial->lost + serial->line.len;

	while (uart_take(&serial->uart, &byte)) {
		dropped++;
	}
	guest_line_next(&serial->line);
	uart_set_sending(&serial->uart, false);
	serial->ending = false;
	serial->lost = 0;
	lock_release(&serial->lock);
	return dropped;
}

void guest_serial_flush(struct guest_serial *serial)
{
	u64 start = port_tsc();

	__atomic_fetch_add(&endings, 1, __ATOMIC_RELAXED);
	while (!send_rest(serial) && !port_panicking() &&
	       port_tsc() - start < FLUSH_SECONDS * machine.tsc_hz) {
		log_drain(UART_FIFO_SIZE);
		port_pause();
	}
	__atomic_fetch_sub(&endings, 1, __ATOMIC_RELAXED);
	u64 dropped = drop_rest(serial);

	if (dropped != 0) {
		log_line(serial->name, "console bytes dropped=%lu", dropped);
	}
}
