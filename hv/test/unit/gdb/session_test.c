/* SPDX-License-Identifier: MIT */
/* The stub's packets: framing, threads, registers, memory. */
#include "core/gdb/gdb.h"

#include <stdio.h>
#include <string.h>

#include "core/events/hold.h"
#include "core/gdb/packet.h"
#include "support/check.h"
#include "support/fake_partition.h"
#include "support/fake_vmcs.h"
#include "support/gdb_line.h"
#include "tlfs/msr.h"

static struct partition *p;

static void setup(u32 vps)
{
	p = gdb_line_new(vps);
	gdb_line_attach();
}

/* ---- framing ---- */

static void t_acknowledges(void)
{
	(void)gdb_line_new(1);
	CHECK_STR(gdb_line_ask("vMustReplyEmpty"), "+$#00");
	CHECK_STR(gdb_line_send("$?#00"), "-");
	CHECK_STR(gdb_line_send("$?#zz"), "-");
	CHECK_STR(gdb_line_send("noise"), "");
	/* a packet that broke off */
	CHECK_STR(gdb_line_send("$qSuppo$vMustReplyEmpty#3a"), "+$#00");
	CHECK_STR(gdb_line_ask("qAttached"), "+$1#31");
	CHECK_STR(gdb_line_send("-"), "$1#31");
	CHECK_STR(gdb_line_send("+"), "");
}

static void t_without_acknowledgements(void)
{
	(void)gdb_line_new(1);
	CHECK_STR(gdb_line_ask("QStartNoAckMode"), "+$OK#9a");
	CHECK_STR(gdb_line_ask("vMustReplyEmpty"), "$#00");
	/* another GDB, which expects them */
	CHECK_EQ(gdb_line_ask("qSupported")[0], '+');
	CHECK_STR(gdb_line_ask("vMustReplyEmpty"), "+$#00");
}

static void t_a_long_packet_is_refused(void)
{
	static char body[GDB_PACKET_MAX + 8];

	(void)gdb_line_new(1);
	memset(body, 'q', GDB_PACKET_MAX);
	CHECK_STR(gdb_line_ask(body), "+$#00");
	memset(body, 'q', GDB_PACKET_MAX + 1);
	CHECK_STR(gdb_line_ask(body), "-");
}

static void t_no_debugger(void)
{
	fake_reset();
	p = fake_partition(1, 1);
	CHECK(!gdb_init());
	fake.com2.input = "$?#3f";
	gdb_poll();
	CHECK_EQ(fake.com2.len, 0);
	CHECK_EQ(gdb_interval(0), ~0ull);
}

/* ---- threads ---- */

static void t_threads(void)
{
	setup(3);
	gdb_line_expect("qfThreadInfo", "mp1.1,p1.2,p1.3");
	gdb_line_expect("qsThreadInfo", "l");
	gdb_line_expect("qC", "QCp1.1");
	gdb_line_expect("Hgp1.3", "OK");
	gdb_line_expect("qC", "QCp1.3");
	gdb_line_expect("Hgp1.4", "E03");
	gdb_line_expect("Hg0", "OK");
	gdb_line_expect("Hc-1", "OK");
	gdb_line_expect("Hx1", "E01");
	gdb_line_expect("Tp1.2", "OK");
	gdb_line_expect("Tp1.9", "E03");
}

static void t_says_what_a_thread_waits_for(void)
{
	setup(2);
	p->vps[1]->own.state = VP_SUSPENDED;
	p->vps[1]->own.waits_for = p->vps[0];
	/* "vp 1 cpu 1: suspended by the inhibit of vp 0" */
	gdb_line_expect(
		"qThreadExtraInfo,p1.2",
		"767020312063707520313a2073757370656e646564206279207468652069"
		"6e6869626974206f662076702030");
}

/* ---- registers ---- */

static void t_registers(void)
{
	const char *all;

	setup(2);
	for (u32 i = 0; i < GPR_COUNT; i++) {
		p->vps[1]->own.gpr[i] = 0x1122334455667700 + i;
	}
	gdb_line_expect("Hgp1.2", "OK");
	gdb_line_expect("p1", "0377665544332211"); /* RBX */
	gdb_line_expect("p10", "0020000000000000");
	gdb_line_expect("p4d", "E03");
	gdb_line_expect("p", "E03");
	all = gdb_line_ask("g");
	CHECK(strncmp(all, "$0077665544332211", 17) == 0);
	/* not those of the VP before */
	gdb_line_expect("Hgp1.1", "OK");
	gdb_line_expect("p1", "0000000000000000");
}

static void t_registers_are_set(void)
{
	static char body[8192];
	const char *all;

	setup(1);
	gdb_line_expect("P8=8877665544332211", "OK");
	CHECK_EQ(p->vps[0]->own.gpr[GPR_R8], 0x1122334455667788);
	gdb_line_expect("P10=3412000000000000", "OK");
	CHECK_EQ(port_vmcs_get(VMCS_GUEST_RIP), 0x1234);
	/* what VM entry would refuse, and what is no value */
	gdb_line_expect("P11=ffffffff", "E03");
	CHECK_EQ(port_vmcs_get(VMCS_GUEST_RFLAGS), 2);
	gdb_line_expect("P8=887766554433221", "E01");
	gdb_line_expect("P8=88776655443322110", "E01");
	gdb_line_expect("P4d=00", "E01");
	/* all as they are, but for R8 */
	all = gdb_line_ask("g");
	snprintf(body, sizeof(body), "G%.*s", (int)(strchr(all, '#') - all - 1),
		 all + 1);
	memcpy(body + 1 + 8 * 16, "0000000000000001", 16);
	gdb_line_expect(body, "OK");
	CHECK_EQ(p->vps[0]->own.gpr[GPR_R8], 0x0100000000000000);
	body[strlen(body) - 1] = 0;
	gdb_line_expect(body, "E01");
}

/* A reserved bit in MXCSR would be #GP in root mode. */
static void t_mxcsr_is_masked(void)
{
	setup(1);
	fake_vmcs.fxsave[0] = 0x7f;
	gdb_line_expect("P38=ffffffff", "OK");
	CHECK_EQ(*(u32 *)&fake_vmcs.fxsave[24], 0xffbf);
	fake_vmcs.fxsave[28] = 0xff;
	gdb_line_expect("P38=ffffffff", "OK");
	CHECK_EQ(*(u32 *)&fake_vmcs.fxsave[24], 0xff);
	/* the tag word: two bits for each register */
	fake_vmcs.fxsave[4] = 0x81;
	gdb_line_expect("Hg1", "OK");
	gdb_line_expect("P22=0f000000", "OK");
	CHECK_EQ(fake_vmcs.fxsave[4], 0xfc);
}

static void t_the_description_comes_in_pieces(void)
{
	static char whole[16384];
	size_t len = 0;
	char body[64];
	const char *got;

	setup(1);
	do {
		snprintf(body, sizeof(body),
			 "qXfer:features:read:target.xml:%zx,100", len);
		got = gdb_line_ask(body);
		CHECK_EQ(got[0], '$');
		memcpy(whole + len, got + 2, strchr(got, '#') - got - 2);
		len += (size_t)(strchr(got, '#') - got - 2);
	} while (got[1] == 'm');
	whole[len] = 0;
	CHECK(strncmp(whole, "<?xml", 5) == 0);
	CHECK_STR(whole + len - 19, "</feature></target>");
	CHECK(strstr(whole, "<reg name=\"st0\" bitsize=\"80\"") != NULL);
	gdb_line_expect("qXfer:features:read:target.xml:ffff,100", "l");
	gdb_line_expect("qXfer:features:read:target.xml:0", "E01");
	gdb_line_expect("qXfer:features:read:other.xml:0,10", "");
}

/* ---- memory ---- */

static void t_memory(void)
{
	setup(1);
	memcpy(fake_ram(p, 0x1ffe), "abcd", 4);
	gdb_line_expect("m1ffe,4", "61626364");
	gdb_line_expect("M1fff,2:7879", "OK");
	CHECK_EQ(memcmp(fake_ram(p, 0x1ffe), "axyd", 4), 0);
	gdb_line_expect("X1ffe,2:}\x03z", "OK"); /* an escaped '#' */
	CHECK_EQ(memcmp(fake_ram(p, 0x1ffe), "#zyd", 4), 0);
	gdb_line_expect("m1ffe", "E01");
	gdb_line_expect("M1ffe,2:61", "E01");
	gdb_line_expect("M1ffe,801:61", "E01");
	gdb_line_expect("mffffffffffffffff,4", "E02");
	gdb_line_expect("Mfffffffffff0,1:61", "E02");
}

static void t_memory_ends_where_ram_does(void)
{
	char body[64];

	setup(1);
	snprintf(body, sizeof(body), "m%lx,10",
		 (unsigned long)p->memory_len - 4);
	/* the page is whole, so it is read up to its end */
	CHECK_EQ(strlen(gdb_line_ask(body)), 1 + 8 + 3);
	snprintf(body, sizeof(body), "M%lx,8:0000000000000001",
		 (unsigned long)p->memory_len - 4);
	((u8 *)fake_ram(p, p->memory_len - 4))[0] = 0x55;
	gdb_line_expect(body, "E02");
	CHECK_EQ(((u8 *)fake_ram(p, p->memory_len - 4))[0], 0x55);
}

static void t_nothing_while_it_runs(void)
{
	setup(1);
	CHECK_STR(gdb_line_ask("vCont;c"), "");
	gdb_line_expect("g", "E03");
	gdb_line_expect("m0,1", "E03");
	gdb_line_expect("Z0,0,1", "E03");
	gdb_line_expect("vCont;c", "E03");
}

static void t_physical_addresses(void)
{
	const char *got;

	setup(1);
	/* "physical on": "Addresses are guest-physical.\n" */
	gdb_line_expect("qRcmd,706879736963616c206f6e",
			"416464726573736573206172652067756573742d706879736963"
			"616c2e0a");
	gdb_line_expect("m1ffe,1", "00");
	/* "version": packets O, then OK */
	got = gdb_line_ask("qRcmd,76657273696f6e");
	CHECK(strncmp(got, "$O", 2) == 0);
	CHECK_STR(got + strlen(got) - 6, "$OK#9a");
	/* "xyz": "expected …" */
	CHECK(strncmp(gdb_line_ask("qRcmd,78797a"), "$6578706563746564", 17) ==
	      0);
	gdb_line_expect("qRcmd,7z", "E01");
}

static const struct test tests[] = {
	{"acknowledges", t_acknowledges},
	{"without-acknowledgements", t_without_acknowledgements},
	{"a-long-packet-is-refused", t_a_long_packet_is_refused},
	{"no-debugger", t_no_debugger},
	{"threads", t_threads},
	{"says-what-a-thread-waits-for", t_says_what_a_thread_waits_for},
	{"registers", t_registers},
	{"registers-are-set", t_registers_are_set},
	{"mxcsr-is-masked", t_mxcsr_is_masked},
	{"the-description-comes-in-pieces", t_the_description_comes_in_pieces},
	{"memory", t_memory},
	{"memory-ends-where-ram-does", t_memory_ends_where_ram_does},
	{"nothing-while-it-runs", t_nothing_while_it_runs},
	{"physical-addresses", t_physical_addresses},
};

const struct suite suite_gdb = SUITE("gdb", tests);
