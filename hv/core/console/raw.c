/* SPDX-License-Identifier: MIT */
/* The ring of COM2. */
#include "core/console/raw.h"

#include "core/console/log_ring.h"
#include "core/port/port.h"

/* Attempts without progress before raw_flush() gives up */
#define PATIENCE (1u << 20)

static char bytes[RAW_SIZE];
static struct log_ring ring = {.bytes = bytes, .size = sizeof(bytes)};

/* Any CPU, atomic: 1 while a CPU drains */
static u32 draining;

size_t raw_room(void)
{
	return log_ring_room(&ring);
}

void raw_put(u8 byte)
{
	log_ring_put(&ring, 0, (char)byte);
	log_ring_commit(&ring, 1);
}

bool raw_pending(void)
{
	return log_ring_used(&ring) != 0;
}

void raw_drain(size_t max)
{
	/* Acquire and release: pair with each other on the next drainer */
	if (!raw_pending() ||
	    __atomic_exchange_n(&draining, 1, __ATOMIC_ACQUIRE) != 0) {
		return;
	}
	for (size_t sent = 0;
	     sent < max && raw_pending() && port_uart_can_put(PORT_UART_COM2);
	     sent++) {
		port_uart_put(PORT_UART_COM2, (u8)log_ring_peek(&ring, 0));
		log_ring_drop(&ring, 1);
	}
	__atomic_store_n(&draining, 0, __ATOMIC_RELEASE);
}

void raw_flush(void)
{
	u64 end = log_ring_end(&ring);
	u64 taken = log_ring_taken(&ring);

	for (u32 fruitless = 0; fruitless < PATIENCE && !port_panicking() &&
				(s64)(end - taken) > 0;
	     fruitless++) {
		raw_drain(RAW_SIZE);
		if (log_ring_taken(&ring) != taken) {
			taken = log_ring_taken(&ring);
			fruitless = 0;
		}
		port_pause();
	}
}
