/* SPDX-License-Identifier: MIT */
/* Drives core/gdb through COM2 of the fake machine. */
#include "support/gdb_line.h"

#include <stdio.h>
#include <string.h>

#include "core/emulate/console_input.h"
#include "core/gdb/gdb.h"
#include "core/run/service.h"
#include "support/check.h"
#include "support/fake_partition.h"
#include "support/fake_vmcs.h"
#include "support/reg_vp.h"
#include "x86/cr.h"
#include "x86/msr.h"

/* Rounds in which nothing moves: nothing will, and nothing of 1 KiB is left */
#define QUIET 80

static struct partition *p;

struct partition *gdb_line_new(u32 vp_count)
{
	p = reg_vp_new(vp_count)->partition;
	port_vmcs_set(VMCS_GUEST_CR0, CR0_PE | CR0_NE | CR0_ET);
	port_vmcs_set(VMCS_CR0_SHADOW, CR0_PE | CR0_ET);
	port_vmcs_set(VMCS_GUEST_EFER, EFER_SCE);
	port_vmcs_set(VMCS_ENTRY_CONTROLS, 0);
	port_vmcs_set(VMCS_GUEST_CS_ACCESS, 0xc09b);
	port_vmcs_set(VMCS_EXCEPTION_BITMAP, 0x6000a);
	port_vmcs_set(VMCS_GUEST_RIP, 0x2000);
	port_vmcs_set(VMCS_GUEST_RSP, 0x8000);
	port_vmcs_set(VMCS_GUEST_DR7, DR7_RESET);
	fake_config(p)->gdb = CONFIG_GDB_COM2;
	for (u32 i = 0; i < vp_count; i++) {
		p->vps[i]->own.state = VP_RUNNABLE;
		p->vps[i]->own.deadline = ~0ull;
	}
	CHECK(gdb_init());
	return p;
}

static void forget_output(void)
{
	fake.com2.len = 0;
	fake.com2.output[0] = 0;
}

static void work(void)
{
	size_t len = fake.com2.len;
	u32 quiet = 0;

	while (quiet < QUIET) {
		bool moves = port_uart_can_get(PORT_UART_COM2);

		console_input_poll();
		gdb_poll();
		quiet = moves || fake.com2.len != len ? 0 : quiet + 1;
		len = fake.com2.len;
		for (u32 i = 0; i < p->vp_count; i++) {
			if (p->vps[i]->shared.events != 0) {
				service_vp(p->vps[i]);
			}
		}
	}
}

const char *gdb_line_wait(void)
{
	forget_output();
	work();
	return fake.com2.output;
}

const char *gdb_line_send(const char *bytes)
{
	fake.com2.input = bytes;
	return gdb_line_wait();
}

static char packet[16384];

/* The packet with that body. */
static const char *wrap(const char *body)
{
	u8 sum = 0;

	for (const char *at = body; *at != 0; at++) {
		sum = (u8)(sum + (u8)*at);
	}
	snprintf(packet, sizeof(packet), "$%s#%02x", body, sum);
	return packet;
}

const char *gdb_line_ask(const char *body)
{
	return gdb_line_send(wrap(body));
}

void gdb_line_expect(const char *body, const char *answer)
{
	static char got[16384];

	snprintf(got, sizeof(got), "%s", gdb_line_ask(body));
	CHECK_STR(got, wrap(answer));
}

void gdb_line_attach(void)
{
	(void)gdb_line_ask("qSupported:multiprocess+;swbreak+");
	(void)gdb_line_ask("QStartNoAckMode");
	gdb_line_expect("?", "T05thread:p1.1;core:0;");
}
