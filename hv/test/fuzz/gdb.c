/* SPDX-License-Identifier: MIT */
/*
 * Fuzz target: any bytes and any packets on COM2, while VPs hit breakpoints and
 * end steps. What comes back must be whole packets with the right sum, none
 * longer than the stub has promised; a guest that is not held is as before.
 */
#include "core/gdb/at_vp.h"

#include <string.h>

#include "core/events/hold.h"
#include "core/gdb/packet.h"
#include "fuzz/fuzz.h"
#include "support/fake_vmcs.h"
#include "support/gdb_line.h"
#include "x86/cr.h"

#define STEPS_MAX 48
#define BODY_MAX  200
#define VPS       3

static struct fuzz_bytes bytes;
static struct partition *p;

static u64 below(u64 limit)
{
	return fuzz_below(&bytes, limit);
}

/* Bodies begin with one of these, so that fields are reached at once. */
static const char *const starts[] = {
	"",
	"g",
	"G",
	"p",
	"P1=",
	"m2000,",
	"M2000,2:",
	"X2000,2:",
	"Z0,2000,",
	"Z2,",
	"z0,2000",
	"vCont;",
	"vCont;s:",
	"Hgp1.",
	"?",
	"D",
	"qRcmd,",
	"qXfer:",
	"qSupported:multiprocess+",
	"qThreadExtraInfo,p1.",
	"T",
	"qXfer:features:read:target.xml:",
	"vKill;",
};

static void add_bytes(char *body)
{
	size_t len = strlen(body);
	u64 count = below(BODY_MAX - 64);

	while (count-- > 0 && bytes.len > 0) {
		char c = (char)below(256);

		if (c != 0 && c != '#' && c != '$' && c != '}') {
			body[len++] = c;
		}
	}
	body[len] = 0;
}

static void check_output(const char *at)
{
	while (*at != 0) {
		const char *end;
		u8 sum = 0;
		unsigned want;

		if (*at == '+' || *at == '-') {
			at++;
			continue;
		}
		FUZZ_EXPECT_EQ(*at, '$');
		end = strchr(at, '#');
		FUZZ_EXPECT(end != NULL);
		FUZZ_EXPECT(end - at - 1 <= (long)GDB_PACKET_MAX);
		for (at++; at < end; at++) {
			sum = (u8)(sum + (u8)*at);
		}
		FUZZ_EXPECT(sscanf(end + 1, "%2x", &want) == 1);
		FUZZ_EXPECT_EQ(want, sum);
		at = end + 3;
	}
}

static void talk(void)
{
	static char body[BODY_MAX + 64];

	if (below(4) == 0) {
		body[0] = 0;
		add_bytes(body);
		check_output(gdb_line_send(body));
		return;
	}
	(void)snprintf(body, sizeof(body), "%s",
		       starts[below(ARRAY_SIZE(starts))]);
	add_bytes(body);
	check_output(gdb_line_ask(body));
}

/* What a VP that runs may do. */
static void act(struct vp *vp)
{
	if (!hold_may_run(vp)) {
		return;
	}
	switch (below(4)) {
	case 0:
		if (!gdb_at_vp_break(vp)) {
			FUZZ_EXPECT(hold_may_run(vp));
		}
		break;
	case 1:
		(void)!gdb_at_vp_debug(vp, below(16) | DR6_BS);
		break;
	case 2:
		port_vmcs_set(VMCS_GUEST_RIP, below(0x8000));
		vp->own.state = (enum vp_state)below(VP_STOPPED);
		vp->own.waits_for =
			vp->own.state == VP_SUSPENDED ? p->vps[0] : NULL;
		break;
	default:
		break;
	}
	check_output(gdb_line_wait());
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	bytes = (struct fuzz_bytes){data, len};
	p = gdb_line_new(VPS);
	machine.partitions_running = 2; /* `kill` does not end the machine */
	for (u32 i = 0; i < STEPS_MAX && bytes.len > 0; i++) {
		if (below(3) == 0) {
			act(p->vps[below(VPS)]);
		} else {
			talk();
		}
	}
	return 0;
}
