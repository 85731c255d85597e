/* SPDX-License-Identifier: MIT */
/* Bytes in, bytes out, and when. */
#include "core/gdb/gdb.h"

#include "common/lib/mem.h"
#include "core/emulate/console_input.h"
#include "core/events/hold.h"
#include "core/gdb/job.h"
#include "core/gdb/link.h"
#include "core/gdb/run.h"
#include "core/gdb/session.h"
#include "core/port/port.h"
#include "core/state/machine.h"
#include "core/state/partition.h"

#define BURST 16 /* bytes: the FIFO of a 16550A */

#define BUSY_DIVISOR 2880 /* looks per second: 4 characters at 115200 baud */

/* How long GDB counts as busy after its last byte: seconds */
#define BUSY_SECONDS 2

struct gdb_link gdb_link;

static struct gdb_stub stub;
static u64 busy_until; /* TSC */

/* As if it had been stopped before its first instruction. */
static void wait_for_gdb(struct gdb_stub *s)
{
	s->phase = GDB_STOPPED;
	s->signal = GDB_SIGNAL_TRAP;
	for (u32 i = 0; i < s->partition->vp_count; i++) {
		struct vp *vp = s->partition->vps[i];

		vp->shared.hold |= HOLD_GDB;
		hold_note(vp);
	}
}

bool gdb_init(void)
{
	memset(&stub, 0, sizeof(stub));
	memset(&gdb_link, 0, sizeof(gdb_link));
	for (u32 i = 0; i < machine.partition_count; i++) {
		struct partition *p = machine.partitions[i];

		if (p->config->gdb != CONFIG_GDB_OFF) {
			stub.partition = p;
			stub.current = p->vps[0];
			stub.focus = p->vps[0];
		}
	}
	if (stub.partition != NULL &&
	    stub.partition->config->gdb == CONFIG_GDB_COM2_WAIT) {
		wait_for_gdb(&stub);
	}
	if (stub.partition != NULL) {
		console_input_for_debugger();
	}
	return stub.partition != NULL;
}

/* ---- output ---- */

/* True if nothing is left to send. */
static bool send(struct gdb_stub *s)
{
	struct gdb_reply *r = &s->reply;

	for (u32 i = 0; i < BURST && port_uart_can_put(PORT_UART_COM2); i++) {
		if (s->ack != 0) {
			port_uart_put(PORT_UART_COM2, s->ack);
			s->ack = 0;
		} else if (r->sent < r->len) {
			port_uart_put(PORT_UART_COM2, (u8)r->text[r->sent++]);
		} else {
			return true;
		}
	}
	return s->ack == 0 && r->sent == r->len;
}

/* ---- input ---- */

static void acknowledge(struct gdb_stub *s, char with)
{
	if (!s->no_acks) {
		s->ack = (u8)with;
	}
}

static void packet(struct gdb_stub *s)
{
	acknowledge(s, '+');
	gdb_session_answer(s);
}

/* True: there is an answer, so the next byte has to wait. */
static bool take(struct gdb_stub *s, u8 byte)
{
	switch (gdb_packet_byte(&s->packet, byte)) {
	case GDB_INPUT_PACKET:
		packet(s);
		return true;
	case GDB_INPUT_BAD:
		acknowledge(s, '-');
		return true;
	case GDB_INPUT_NAK:
		s->reply.sent = 0;
		return true;
	case GDB_INPUT_INTERRUPT:
		if (s->phase == GDB_RUNNING) {
			s->asked = true;
			gdb_run_stop(s, GDB_SIGNAL_INT);
		}
		return true;
	case GDB_INPUT_ACK:
	case GDB_INPUT_NONE:
		break;
	}
	return false;
}

static void receive(struct gdb_stub *s)
{
	u8 byte;

	for (u32 i = 0; i < BURST && console_input_take_debugger(&byte); i++) {
		busy_until = port_tsc() + BUSY_SECONDS * machine.tsc_hz;
		if (take(s, byte)) {
			return;
		}
	}
}

void gdb_poll(void)
{
	struct gdb_stub *s = &stub;

	if (s->partition == NULL || !send(s)) {
		return;
	}
	if (s->again) {
		if (gdb_job_is_done(s)) {
			gdb_session_answer(s);
		}
	} else {
		gdb_run_poll(s);
		if (s->phase != GDB_STOPPING && s->reply.sent == s->reply.len) {
			receive(s);
		}
	}
	(void)send(s);
}

u64 gdb_interval(u64 now)
{
	const struct gdb_stub *s = &stub;
	bool busy = s->phase == GDB_STOPPING || s->phase == GDB_STOPPED ||
		    s->reply.sent < s->reply.len || now < busy_until;

	return s->partition != NULL && busy ? machine.tsc_hz / BUSY_DIVISOR
					    : ~0ull;
}
