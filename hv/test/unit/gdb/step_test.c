/* SPDX-License-Identifier: MIT */
/* One instruction of a VP at a time, whatever it does. */
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
#include "tlfs/msr.h"
#include "x86/cr.h"

#define CODE 0x2000 /* where RIP is */

static struct partition *p;

static void setup(u32 vps)
{
	p = gdb_line_new(vps);
	gdb_line_attach();
}

static void step(void)
{
	CHECK_STR(gdb_line_ask("vCont;s:p1.1"), "");
	CHECK(hold_may_run(p->vps[0]));
	CHECK(p->vps[0]->own.gdb.stepping);
}

static bool tf(void)
{
	return (port_vmcs_get(VMCS_GUEST_RFLAGS) & RFLAGS_TF) != 0;
}

static void t_a_step(void)
{
	setup(1);
	port_vmcs_set(VMCS_GUEST_INTERRUPTIBILITY, VMX_BLOCKING_STI);
	step();
	CHECK(tf());
	CHECK_EQ(port_vmcs_get(VMCS_EXCEPTION_BITMAP), 0xffffffff);
	CHECK_EQ(port_vmcs_get(VMCS_GUEST_INTERRUPTIBILITY), 0);
	CHECK(p->vps[0]->own.due);
	CHECK(gdb_at_vp_debug(p->vps[0], DR6_BS));
	CHECK(!tf());
	CHECK_EQ(port_vmcs_get(VMCS_EXCEPTION_BITMAP), 0x6000a);
	CHECK_STR(gdb_line_wait(), "$T05thread:p1.1;core:0;#f4");
}

/* The guest steps itself: it gets its #DB too. */
static void t_a_step_of_a_guest_that_steps(void)
{
	setup(1);
	port_vmcs_set(VMCS_GUEST_RFLAGS, RFLAGS_FIXED | RFLAGS_TF);
	step();
	CHECK(!gdb_at_vp_debug(p->vps[0], DR6_BS));
	CHECK(tf());
}

/* An exit emulated the instruction. */
static void t_a_step_over_an_exit(void)
{
	setup(1);
	step();
	service_vp(p->vps[0]);
	CHECK_STR(gdb_line_wait(), "");
	port_vmcs_set(VMCS_GUEST_RIP, CODE + 3);
	service_vp(p->vps[0]);
	CHECK(!tf());
	CHECK_STR(gdb_line_wait(), "$T05thread:p1.1;core:0;#f4");
}

static void t_a_step_that_suspends(void)
{
	const char *got;

	setup(2);
	step();
	p->vps[0]->own.state = VP_SUSPENDED;
	p->vps[0]->own.waits_for = p->vps[1];
	service_vp(p->vps[0]);
	got = gdb_line_wait();
	CHECK(strncmp(got, "$O546865", 8) == 0);
	CHECK_STR(strchr(got + 1, '$'), "$T05thread:p1.1;core:0;#f4");
	CHECK(!tf());
	/* the next step waits for the end of the suspension */
	CHECK_STR(gdb_line_ask("vCont;s:p1.1"), "");
	service_vp(p->vps[0]);
	CHECK_STR(gdb_line_wait(), "");
	p->vps[0]->own.state = VP_RUNNABLE;
	port_vmcs_set(VMCS_GUEST_RIP, CODE + 3);
	service_vp(p->vps[0]);
	CHECK_STR(gdb_line_wait(), "$T05thread:p1.1;core:0;#f4");
}

/* What is pushed must not have the flag. */
static void t_a_step_with_an_exception(void)
{
	struct vp *vp;

	setup(1);
	vp = p->vps[0];
	step();
	vp->own.entry_event = 0x80000306;
	service_vp(vp);
	CHECK(!tf());
	CHECK_EQ(port_vmcs_get(VMCS_EXCEPTION_BITMAP), 0x6000a);
	CHECK(vp->own.proc_controls & VMX_PROC_NMI_WINDOW);
	vp->own.entry_event = 0;
	port_vmcs_set(VMCS_GUEST_RIP, 0x4000);
	service_vp(vp);
	CHECK_STR(gdb_line_wait(), "$T05thread:p1.1;core:0;#f4");
}

static void t_pushf_and_syscall(void)
{
	setup(1);
	*(u8 *)fake_ram(p, CODE) = 0x9c;
	step();
	port_vmcs_set(VMCS_GUEST_RIP, CODE + 1);
	port_vmcs_set(VMCS_GUEST_RSP, 0x7ffc);
	memcpy(fake_ram(p, 0x7ffc), "\x46\x01\x00\x00", 4);
	CHECK(gdb_at_vp_debug(p->vps[0], DR6_BS));
	CHECK_EQ(*(u8 *)fake_ram(p, 0x7ffd), 0);
	CHECK_EQ(*(u8 *)fake_ram(p, 0x7ffc), 0x46);
	(void)gdb_line_wait();
	/* POPF: the flag is what it loaded */
	*(u8 *)fake_ram(p, CODE + 1) = 0x9d;
	step();
	port_vmcs_set(VMCS_GUEST_RIP, CODE + 2);
	CHECK(gdb_at_vp_debug(p->vps[0], DR6_BS));
	CHECK(tf());
}

static void t_int_n_is_injected(void)
{
	setup(1);
	memcpy(fake_ram(p, CODE), "\xcd\x80", 2);
	step();
	CHECK_EQ(p->vps[0]->own.entry_event, 0x80000480);
	CHECK_EQ(port_vmcs_get(VMCS_ENTRY_INSTRUCTION_LENGTH), 2);
	CHECK(!tf());
}

/* Another VP stops first: nothing of the step is left. */
static void t_a_step_is_given_up(void)
{
	setup(2);
	CHECK_STR(gdb_line_ask("vCont;s:p1.1;c"), "");
	(void)gdb_line_send("\x03");
	CHECK(p->vps[0]->own.gdb.stepping);
	gdb_line_expect("p11", "02000000");
	CHECK(!p->vps[0]->own.gdb.stepping);
	CHECK(!tf());
}

static const struct test tests[] = {
	{"a-step", t_a_step},
	{"a-step-of-a-guest-that-steps", t_a_step_of_a_guest_that_steps},
	{"a-step-over-an-exit", t_a_step_over_an_exit},
	{"a-step-that-suspends", t_a_step_that_suspends},
	{"a-step-with-an-exception", t_a_step_with_an_exception},
	{"pushf-and-syscall", t_pushf_and_syscall},
	{"int-n-is-injected", t_int_n_is_injected},
	{"a-step-is-given-up", t_a_step_is_given_up},
};

const struct suite suite_gdb_step = SUITE("gdb_step", tests);
