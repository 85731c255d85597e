/* SPDX-License-Identifier: MIT */
/* The stub stops and resumes: breakpoints, interrupts, the end. */
#include "core/gdb/at_vp.h"
#include "core/gdb/breakpoints.h"

#include <stdio.h>
#include <string.h>

#include "core/events/hold.h"
#include "core/gdb/gdb.h"
#include "core/lifecycle/stop.h"
#include "core/run/service.h"
#include "support/check.h"
#include "support/fake_partition.h"
#include "support/fake_vmcs.h"
#include "support/gdb_line.h"
#include "support/soft_tlb.h"
#include "tlfs/msr.h"
#include "x86/cr.h"

#define CODE 0x2000 /* where RIP is */
#define ROOT 0x180000

static struct partition *p;

static void setup(u32 vps)
{
	p = gdb_line_new(vps);
	gdb_line_attach();
}

static u8 byte_at(u64 gpa)
{
	return *(u8 *)fake_ram(p, gpa);
}

static bool runs(u32 number)
{
	return hold_may_run(p->vps[number]);
}

/* ---- software breakpoints ---- */

static void t_a_breakpoint_is_hidden(void)
{
	setup(1);
	memcpy(fake_ram(p, CODE), "\x55\x48\x89\xe5", 4);
	gdb_line_expect("Z0,2001,1", "OK");
	gdb_line_expect("Z0,2001,1", "OK");
	CHECK_EQ(byte_at(CODE + 1), 0xcc);
	gdb_line_expect("m2000,4", "554889e5");
	gdb_line_expect("m2001,1", "48");
	gdb_line_expect("M2000,4:01020304", "OK");
	CHECK_EQ(byte_at(CODE + 1), 0xcc);
	CHECK_EQ(byte_at(CODE + 2), 3);
	gdb_line_expect("m2000,4", "01020304");
	gdb_line_expect("z0,2001,1", "OK");
	CHECK_EQ(byte_at(CODE + 1), 2);
	gdb_line_expect("z0,2001,1", "E03");
}

static void t_what_the_guest_wrote_stays(void)
{
	setup(1);
	gdb_line_expect("Z0,2001,1", "OK");
	*(u8 *)fake_ram(p, CODE + 1) = 0x99;
	gdb_line_expect("m2001,1", "99");
	gdb_line_expect("z0,2001,1", "OK");
	CHECK_EQ(byte_at(CODE + 1), 0x99);
}

static void t_no_breakpoint_there(void)
{
	char body[64];

	setup(1);
	snprintf(body, sizeof(body), "Z0,%lx,1", (unsigned long)p->memory_len);
	gdb_line_expect(body, "E02");
	p->hypercall_msr = 0x5000 | HV_HYPERCALL_MSR_ENABLE;
	gdb_line_expect("Z0,5004,1", "E02");
	for (u32 i = 0; i < GDB_SOFTWARE_MAX; i++) {
		snprintf(body, sizeof(body), "Z0,%x,1", 0x3000 + i);
		gdb_line_expect(body, "OK");
	}
	gdb_line_expect("Z0,2000,1", "E04");
	gdb_line_expect("Z0,2000", "E01");
}

/* The guest has changed its tables, and the VP still uses what it has. */
static void t_a_hit_by_an_old_translation(void)
{
	struct vp *vp;

	setup(1);
	vp = p->vps[0];
	soft_tlb_convert(vp);
	soft_tlb_use(vp, ROOT);
	port_vmcs_set(VMCS_ENTRY_CONTROLS, VMX_ENTRY_IA32E);
	port_vmcs_set(VMCS_GUEST_CS_ACCESS, 0xa09b);
	soft_tlb_map(p, ROOT, CODE, 0);
	soft_tlb_read(vp, CODE);
	gdb_line_expect("Z0,2008,1", "OK");
	CHECK_EQ(byte_at(SOFT_TLB_PAGE + 8), 0xcc);
	CHECK_STR(gdb_line_ask("vCont;c"), "");
	port_vmcs_set(VMCS_GUEST_RIP, CODE + 8);
	/* all else is as the tables say */
	memset(fake_ram(p, ROOT), 0, PAGE_SIZE);
	CHECK(gdb_at_vp_break(vp));
	CHECK_STR(gdb_line_wait(), "$T05thread:p1.1;core:0;swbreak:;#58");
	CHECK_STR(gdb_line_ask("m2008,1"), "$E02#a7");
	/* without paging the software TLB says nothing */
	port_vmcs_set(VMCS_CR0_SHADOW, CR0_PE | CR0_ET);
	port_vmcs_set(VMCS_GUEST_CR0, CR0_PE | CR0_ET | CR0_NE);
	CHECK(!gdb_at_vp_break(vp));
}

static void t_a_hit_stops_all(void)
{
	setup(3);
	gdb_line_expect("Z0,2000,1", "OK");
	CHECK_STR(gdb_line_ask("vCont;c"), "");
	CHECK(runs(0) && runs(1) && runs(2));
	CHECK(gdb_at_vp_break(p->vps[1]));
	CHECK_STR(gdb_line_wait(), "$T05thread:p1.2;core:1;swbreak:;#5a");
	CHECK(!runs(0) && !runs(1) && !runs(2));
	gdb_line_expect("?", "T05thread:p1.2;core:1;swbreak:;");
	/* INT3 of the guest's own */
	port_vmcs_set(VMCS_GUEST_RIP, CODE + 1);
	CHECK(!gdb_at_vp_break(p->vps[1]));
}

/* A VP that has stopped is not entered until it is continued. */
static void t_only_the_named_go_on(void)
{
	setup(3);
	CHECK_STR(gdb_line_ask("vCont;c:p1.2"), "");
	CHECK(!runs(0) && runs(1) && !runs(2));
	CHECK_STR(gdb_line_send("\x03"), "$T02thread:p1.1;core:0;#f1");
	CHECK_STR(gdb_line_ask("vCont;s:p1.3;c:p1.3;c:p1.1"), "");
	CHECK(runs(0) && !runs(1) && runs(2));
	CHECK(p->vps[2]->own.gdb.stepping);
	CHECK(!p->vps[0]->own.gdb.stepping);
}

static void t_bad_actions(void)
{
	char body[512] = "vCont";

	setup(2);
	gdb_line_expect("vCont;t", "E01");
	gdb_line_expect("vCont;c:p1.9", "E01");
	gdb_line_expect("vCont;C", "E01");
	gdb_line_expect("vCont", "E01");
	gdb_line_expect("c1234", "E01");
	for (u32 i = 0; i < 65; i++) {
		body[5 + 2 * i] = ';';
		body[6 + 2 * i] = 'c';
	}
	gdb_line_expect(body, "E01");
	CHECK(!runs(0) && !runs(1));
	CHECK_STR(gdb_line_ask("C05"), "");
	CHECK(runs(0) && runs(1));
}

/*
 * Where RIP is an offset in CS, GDB finds no breakpoint at it and would run on
 * for ever: it is told of a signal, and where it is.
 */
static void t_breakpoints_in_real_mode(void)
{
	const char *got;
	struct vp *vp;

	setup(1);
	vp = p->vps[0];
	port_vmcs_set(VMCS_GUEST_CS_BASE, 0x1f00);
	port_vmcs_set(VMCS_GUEST_RIP, 0x100);
	gdb_line_expect("Z0,2000,1", "OK");
	CHECK_STR(gdb_line_ask("vCont;c"), "");
	CHECK(gdb_at_vp_break(vp));
	got = gdb_line_wait();
	/* "0x2000" */
	CHECK(strstr(got, "307832303030") != NULL);
	CHECK_STR(strrchr(got, '$'), "$T05thread:p1.1;core:0;#f4");
	gdb_line_expect("?", "T05thread:p1.1;core:0;");
	gdb_line_expect("z0,2000,1", "OK");
	gdb_line_expect("Z1,2000,1", "OK");
	CHECK_STR(gdb_line_ask("vCont;c"), "");
	CHECK_EQ(port_vmcs_get(VMCS_GUEST_RFLAGS) & RFLAGS_RF, 0);
	CHECK(gdb_at_vp_debug(vp, BIT(0)));
	CHECK_STR(strrchr(gdb_line_wait(), '$'), "$T05thread:p1.1;core:0;#f4");
	/* GDB does not step over it */
	CHECK_STR(gdb_line_ask("vCont;c"), "");
	CHECK_EQ(port_vmcs_get(VMCS_GUEST_RFLAGS) & RFLAGS_RF, RFLAGS_RF);
}

/* The guest's tables lead elsewhere by now. */
static void t_a_breakpoint_goes_by_its_name(void)
{
	setup(1);
	soft_tlb_convert(p->vps[0]);
	soft_tlb_use(p->vps[0], ROOT);
	soft_tlb_map(p, ROOT, CODE, 0);
	*(u8 *)fake_ram(p, SOFT_TLB_PAGE) = 0x55;
	gdb_line_expect("Z0,2000,1", "OK");
	CHECK_EQ(byte_at(SOFT_TLB_PAGE), 0xcc);
	memset(fake_ram(p, ROOT), 0, PAGE_SIZE);
	gdb_line_expect("Z0,2000,1", "E02");
	CHECK_EQ(byte_at(SOFT_TLB_PAGE), 0xcc);
	/* GDB puts it again: VPs may have either translation */
	soft_tlb_map(p, ROOT, CODE, PAGE_SIZE);
	*(u8 *)fake_ram(p, SOFT_TLB_PAGE + PAGE_SIZE) = 0x44;
	gdb_line_expect("Z0,2000,1", "OK");
	CHECK_EQ(byte_at(SOFT_TLB_PAGE + PAGE_SIZE), 0xcc);
	gdb_line_expect("z0,2000,1", "OK");
	CHECK_EQ(byte_at(SOFT_TLB_PAGE), 0x55);
	CHECK_EQ(byte_at(SOFT_TLB_PAGE + PAGE_SIZE), 0x44);
	memset(fake_ram(p, ROOT), 0, PAGE_SIZE);
	gdb_line_expect("z0,2000,1", "E02");
}

/* ---- hardware breakpoints ---- */

static void t_hardware_breakpoints(void)
{
	struct vp *vp;

	setup(2);
	vp = p->vps[1];
	port_register_set(PORT_DR0, 0x77);
	port_vmcs_set(VMCS_GUEST_DR7, DR7_RESET | 1);
	gdb_line_expect("Z1,2000,1", "OK");
	gdb_line_expect("Z2,3000,4", "OK");
	gdb_line_expect("Z4,3008,8", "OK");
	gdb_line_expect("Z2,3001,2", "E03");
	gdb_line_expect("Z2,3000,3", "E03");
	gdb_line_expect("Z3,3000,4", "E03");
	gdb_line_expect("Z2,3010,1", "OK");
	gdb_line_expect("Z2,3020,1", "E04");
	gdb_line_expect("z2,3020,1", "E03");
	CHECK_STR(gdb_line_ask("vCont;c:p1.2"), "");
	CHECK_EQ(port_register_get(PORT_DR0), 0x2000);
	CHECK_EQ(port_register_get(PORT_DR2), 0x3008);
	/* G0-G3; W4 in 1, RW8 in 2, W1 in 3 */
	CHECK_EQ(port_vmcs_get(VMCS_GUEST_DR7),
		 DR7_RESET | 0xaa | 0xdull << 20 | 0xbull << 24 | 0x1ull << 28);
	CHECK(!gdb_at_vp_debug(vp, 0));
	CHECK(gdb_at_vp_debug(vp, BIT(2)));
	CHECK_STR(gdb_line_wait(), "$T05thread:p1.2;core:1;awatch:3008;#ae");
	/* the guest's own come back */
	gdb_line_expect("D", "OK");
	CHECK_EQ(port_register_get(PORT_DR0), 0x77);
	CHECK_EQ(port_vmcs_get(VMCS_GUEST_DR7), DR7_RESET | 1);
	CHECK(!gdb_at_vp_debug(vp, BIT(2)));
}

/* An access that is done cannot be made again: it is reported later. */
static void t_two_watchpoints_at_once(void)
{
	setup(2);
	gdb_line_expect("Z2,3000,4", "OK");
	CHECK_STR(gdb_line_ask("vCont;c"), "");
	CHECK(gdb_at_vp_debug(p->vps[1], BIT(0)));
	CHECK(gdb_at_vp_debug(p->vps[0], BIT(0)));
	CHECK_STR(gdb_line_wait(), "$T05thread:p1.2;core:1;watch:3000;#45");
	gdb_line_expect("vCont;c", "T05thread:p1.1;core:0;watch:3000;");
	CHECK(!runs(0) && !runs(1));
	CHECK_STR(gdb_line_ask("vCont;c"), "");
	CHECK(runs(0) && runs(1));
}

/* ---- the end ---- */

static void t_the_partition_ends(void)
{
	setup(2);
	machine.partitions_running = 2; /* another one goes on */
	gdb_line_expect("Z0,2000,1", "OK");
	CHECK_STR(gdb_line_ask("vCont;c"), "");
	partition_stop(p, 3, "because");
	CHECK_STR(gdb_line_wait(), "$W03;process:1#5f");
	gdb_line_expect("?", "W03;process:1");
	gdb_line_expect("g", "E03");
	CHECK(!gdb_breakpoints_any());
	CHECK_EQ(hold_owners(p->vps[0]), 0);
}

/* As core/lifecycle/start.c leaves the VPs. */
static void start_again(void)
{
	p->life++;
	p->vps_running = p->vp_count;
	for (u32 i = 0; i < p->vp_count; i++) {
		p->vps[i]->own.state = VP_RUNNABLE;
		hold_note(p->vps[i]);
	}
}

/* What stopped the partition in one life says nothing about the next one. */
static void t_the_next_life_runs(void)
{
	setup(2);
	machine.partitions_running = 2;
	gdb_line_expect("Z0,2000,1", "OK");
	CHECK_STR(gdb_line_ask("vCont;c"), "");
	CHECK(gdb_at_vp_break(p->vps[1]));
	CHECK_STR(gdb_line_wait(), "$T05thread:p1.2;core:1;swbreak:;#5a");
	p->vps[1]->shared.gdb.action = GDB_STEP;
	CHECK_STR(gdb_line_ask("k"), "");
	start_again();
	CHECK_STR(gdb_line_wait(), "");
	CHECK(runs(0) && runs(1));
	CHECK_EQ(p->vps[1]->shared.gdb.action, GDB_STAY);
	gdb_line_expect("?", "T05thread:p1.2;core:1;");
}

/* The stub was busy with a long command of its monitor meanwhile. */
static void t_a_life_that_is_missed(void)
{
	setup(2);
	gdb_line_expect("Z0,2000,1", "OK");
	*(u8 *)fake_ram(p, CODE) = 0x55;
	start_again();
	p->state = PARTITION_RUNNING;
	CHECK_STR(gdb_line_wait(), "");
	CHECK(!runs(0) && !runs(1));
	CHECK(!gdb_breakpoints_any());
	gdb_line_expect("m2000,1", "55");
}

/* `monitor stop`: GDB has its prompt, and believes in the life before. */
static void t_a_life_ends_at_the_prompt(void)
{
	setup(2);
	machine.partitions_running = 2;
	gdb_line_expect("Z0,2000,1", "OK");
	partition_stop(p, 7, "because");
	CHECK_STR(gdb_line_wait(), "");
	gdb_line_expect("g", "E03");
	gdb_line_expect("m2000,4", "E03");
	gdb_line_expect("Z0,2000,1", "OK"); /* before it continues */
	gdb_line_expect("vCont;s:p1.1;c:p1.-1", "W07;process:1");
	/* it was told */
	gdb_line_expect("vCont;c", "E03");
	gdb_line_expect("c", "E03");
	gdb_line_expect("Z0,2000,1", "E03");
	start_again();
	CHECK_STR(gdb_line_wait(), "");
	CHECK(runs(0) && runs(1));
}

/* `monitor restart`: GDB has its prompt, and gets the next life there. */
static void t_a_restart_at_the_prompt(void)
{
	setup(2);
	machine.partitions_running = 2;
	gdb_line_expect("Z0,2000,1", "OK");
	CHECK_STR(gdb_line_ask("vCont;c"), "");
	CHECK(gdb_at_vp_break(p->vps[0]));
	CHECK_STR(gdb_line_wait(), "$T05thread:p1.1;core:0;swbreak:;#58");
	gdb_line_expect("Hgp1.2", "OK");
	partition_stop(p, 7, "because");
	CHECK_STR(gdb_line_wait(), "");
	start_again();
	p->vps[1]->own.gpr[GPR_RBX] = 0x55;
	p->state = PARTITION_RUNNING;
	CHECK_STR(gdb_line_wait(), "");
	CHECK(!runs(0) && !runs(1));
	CHECK(!gdb_breakpoints_any());
	gdb_line_expect("p1", "5500000000000000");
	*(u8 *)fake_ram(p, CODE) = 0x44; /* of the new life */
	gdb_line_expect("m2000,1", "44");
	CHECK_STR(gdb_line_ask("vCont;c"), "");
	CHECK(runs(0) && runs(1));
}

/* Hardware breakpoints of a life that the stub has not seen end. */
static void t_hardware_breakpoints_end_with_a_life(void)
{
	setup(2);
	gdb_line_expect("Z1,2000,1", "OK");
	CHECK_STR(gdb_line_ask("vCont;c"), "");
	p->life++;
	p->vps[1]->own.gdb.generation = 0; /* as renew_vp() leaves it */
	p->vps[1]->own.gdb.armed = false;
	port_register_set(PORT_DR0, 0x55);
	gdb_at_vp_init(p->vps[1]);
	CHECK_EQ(port_register_get(PORT_DR0), 0x55);
	CHECK(!gdb_at_vp_debug(p->vps[1], BIT(0)));
	CHECK_STR(gdb_line_wait(), "$W00;process:1#5c");
	CHECK_STR(gdb_line_ask("?"), "$T05thread:p1.1;core:0;#f4");
	gdb_line_expect("Z1,2000,1", "OK");
	CHECK_STR(gdb_line_ask("vCont;c"), "");
	CHECK_EQ(port_register_get(PORT_DR0), 0x2000);
}

static void t_kill(void)
{
	setup(1);
	machine.partitions_running = 2;
	CHECK_STR(gdb_line_ask("k"), "");
	CHECK_EQ(p->exit_code, 129);
	CHECK_EQ(p->vps[0]->own.state, VP_STOPPED);
}

static void t_detach(void)
{
	setup(2);
	*(u8 *)fake_ram(p, CODE) = 0x55;
	gdb_line_expect("Z0,2000,1", "OK");
	gdb_line_expect("D;1", "OK");
	CHECK_EQ(byte_at(CODE), 0x55);
	CHECK(runs(0) && runs(1));
}

/* A GDB that went without a word leaves nothing behind for the next. */
static void t_the_next_gdb(void)
{
	setup(1);
	*(u8 *)fake_ram(p, CODE) = 0x55;
	gdb_line_expect("Z0,2000,1", "OK");
	(void)gdb_line_ask("qSupported:multiprocess+");
	CHECK_EQ(byte_at(CODE), 0x55);
	CHECK_STR(gdb_line_ask("Z0,2000,1"), "+$OK#9a");
	CHECK_STR(gdb_line_ask("vCont;c"), "+");
	(void)gdb_line_ask("qSupported:multiprocess+");
	CHECK_EQ(byte_at(CODE), 0xcc);
	(void)gdb_line_ask("?");
	CHECK_EQ(byte_at(CODE), 0x55);
}

static void t_waits_for_gdb(void)
{
	p = gdb_line_new(2);
	fake_config(p)->gdb = CONFIG_GDB_COM2_WAIT;
	CHECK(gdb_init());
	CHECK(!runs(0) && !runs(1));
	CHECK_STR(gdb_line_ask("?"), "+$T05thread:1;core:0;#25");
	CHECK_STR(gdb_line_ask("c"), "+");
	CHECK(runs(0) && runs(1));
}

/* ... in each life, whose VPs renew_vp() holds. */
static void t_each_life_waits_for_gdb(void)
{
	p = gdb_line_new(2);
	machine.partitions_running = 2;
	fake_config(p)->gdb = CONFIG_GDB_COM2_WAIT;
	CHECK(gdb_init());
	gdb_line_attach();
	CHECK_STR(gdb_line_ask("vCont;c"), "");
	CHECK(gdb_at_vp_break(p->vps[1]) == false);
	partition_stop(p, 3, "because");
	CHECK_STR(gdb_line_wait(), "$W03;process:1#5f");
	p->vps_running = 2;
	p->state = PARTITION_STARTING;
	CHECK_STR(gdb_line_wait(), "");
	gdb_line_expect("?", "W03;process:1");
	p->vps[0]->shared.hold |= HOLD_GDB;
	p->vps[1]->shared.hold |= HOLD_GDB;
	start_again();
	p->state = PARTITION_RUNNING;
	CHECK_STR(gdb_line_wait(), "");
	gdb_line_expect("?", "T05thread:p1.1;core:0;");
	CHECK(!runs(0) && !runs(1));
	CHECK_STR(gdb_line_ask("vCont;c"), "");
	CHECK(runs(0) && runs(1));
}

static const struct test tests[] = {
	{"a-breakpoint-is-hidden", t_a_breakpoint_is_hidden},
	{"what-the-guest-wrote-stays", t_what_the_guest_wrote_stays},
	{"no-breakpoint-there", t_no_breakpoint_there},
	{"a-hit-by-an-old-translation", t_a_hit_by_an_old_translation},
	{"breakpoints-in-real-mode", t_breakpoints_in_real_mode},
	{"a-breakpoint-goes-by-its-name", t_a_breakpoint_goes_by_its_name},
	{"a-hit-stops-all", t_a_hit_stops_all},
	{"only-the-named-go-on", t_only_the_named_go_on},
	{"bad-actions", t_bad_actions},
	{"hardware-breakpoints", t_hardware_breakpoints},
	{"two-watchpoints-at-once", t_two_watchpoints_at_once},
	{"the-partition-ends", t_the_partition_ends},
	{"the-next-life-runs", t_the_next_life_runs},
	{"a-life-that-is-missed", t_a_life_that_is_missed},
	{"a-life-ends-at-the-prompt", t_a_life_ends_at_the_prompt},
	{"a-restart-at-the-prompt", t_a_restart_at_the_prompt},
	{"hardware-breakpoints-end-with-a-life",
	 t_hardware_breakpoints_end_with_a_life},
	{"kill", t_kill},
	{"detach", t_detach},
	{"the-next-gdb", t_the_next_gdb},
	{"waits-for-gdb", t_waits_for_gdb},
	{"each-life-waits-for-gdb", t_each_life_waits_for_gdb},
};

const struct suite suite_gdb_run = SUITE("gdb_run", tests);
