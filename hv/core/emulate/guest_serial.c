/* SPDX-License-Identifier: MIT */
/*
 * Decides when a guest's output goes to its room in the log, or to COM2: each
 * byte at once, as long as that takes complete lines, or bytes; until then the
 * next ones wait in the UART's FIFO, for the guest's next access or a poll.
 * Nobody but this guest is held back.
 */
#include "core/emulate/guest_serial.h"

#include "core/console/log.h"
#include "core/console/raw.h"
#include "core/emulate/guest_line.h"
#include "core/emulate/uart.h"

void guest_serial_init(struct guest_serial *serial, const char *name, bool raw)
{
	*serial = (struct guest_serial){.name = name, .raw = raw};
	uart_init(&serial->uart);
}

void guest_serial_reset(struct guest_serial *serial)
{
	lock_acquire(&serial->lock);
	uart_init(&serial->uart);
	serial->line = (struct guest_line){.len = 0};
	serial->lost = 0;
	lock_release(&serial->lock);
}

/* Hands a complete line to the log; false if it still has no room. */
static bool settle_line(struct guest_serial *serial)
{
	const struct guest_line *line = &serial->line;

	if (line->done) {
		if (!log_guest_line(serial->name, line->text, line->len,
				    serial->ending)) {
			return false;
		}
		guest_line_next(&serial->line);
	}
	return true;
}

/* While COM2's ring is full, bytes wait in the transmitter: THRE is 0. */
static void drain_raw(struct guest_serial *serial)
{
	u8 byte;

	while (raw_room() > 0 && uart_take(&serial->uart, &byte)) {
		raw_put(byte);
	}
}

/* Sends what the log takes. */
static void drain(struct guest_serial *serial)
{
	u8 byte;

	if (serial->raw) {
		drain_raw(serial);
		return;
	}
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

void guest_serial_poll(struct guest_serial *serial)
{
	/* hints: what is missed comes at the next poll */
	if (!__atomic_load_n(&serial->line.done, __ATOMIC_RELAXED) &&
	    __atomic_load_n(&serial->uart.tx.count, __ATOMIC_RELAXED) == 0) {
		return;
	}
	lock_acquire(&serial->lock);
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

/* Counts and forgets what could not be sent; returns all that was dropped. */
static u64 drop_rest(struct guest_serial *serial)
{
	u64 dropped = serial->lost + serial->line.len;
	u8 byte;

	while (uart_take(&serial->uart, &byte)) {
		dropped++;
	}
	guest_line_next(&serial->line);
	uart_set_sending(&serial->uart, false);
	serial->ending = false;
	serial->lost = 0;
	return dropped;
}

void guest_serial_end(struct guest_serial *serial)
{
	lock_acquire(&serial->lock);
	serial->ending = true;
	drain(serial);
	if (uart_tx_empty(&serial->uart)) {
		guest_line_end(&serial->line);
		drain(serial);
	}
	u64 dropped = drop_rest(serial);

	lock_release(&serial->lock);
	if (dropped != 0) {
		log_last_line(serial->name, "console bytes dropped=%lu",
			      dropped);
	}
}
