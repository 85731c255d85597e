/* SPDX-License-Identifier: MIT */
/*
 * Published paging registers: who publishes, who kicks, and that no reader gets
 * a mixture of old and new values.
 */
#include "core/paging/published.h"
#include "core/partition/access.h"

#include <string.h>

#include "support/call.h"
#include "support/check.h"
#include "support/fake_vmcs.h"
#include "tlfs/cpuid.h"
#include "x86/cr.h"
#include "x86/msr.h"

static struct partition *p;

/* Fills the VMCS with values that tell their VP and field. */
static void load_vmcs(u64 mark)
{
	fake_vmcs_reset();
	port_vmcs_set(VMCS_GUEST_CR0, CR0_PG | mark);
	port_vmcs_set(VMCS_GUEST_CR3, mark + 1);
	port_vmcs_set(VMCS_GUEST_CR4, CR4_PAE | mark << 32);
	port_vmcs_set(VMCS_GUEST_EFER, mark << 32);
	port_vmcs_set(VMCS_GUEST_RFLAGS, mark + 4);
	port_vmcs_set(VMCS_GUEST_SS_ACCESS, mark + 5);
	port_vmcs_set(VMCS_GUEST_PAT, mark + 6);
	for (u32 i = 0; i < 4; i++) {
		port_vmcs_set(VMCS_GUEST_PDPTE0 + 2 * i, mark + 7 + i);
	}
}

static void check_regs(const struct published *regs, u64 mark)
{
	CHECK_EQ(regs->cr0, CR0_PG | mark);
	CHECK_EQ(regs->cr3, mark + 1);
	CHECK_EQ(regs->cr4, CR4_PAE | mark << 32);
	CHECK_EQ(regs->efer, mark << 32);
	CHECK_EQ(regs->rflags, mark + 4);
	CHECK_EQ(regs->ss_access, mark + 5);
	CHECK_EQ(regs->pat, mark + 6);
	for (u32 i = 0; i < 4; i++) {
		CHECK_EQ(regs->pdpte[i], mark + 7 + i);
	}
}

static void setup(void)
{
	fake_cpus(2);
	p = call_partition(3, 1);
	access_plan_publishing();
}

static void t_only_watched_partitions_publish(void)
{
	fake_cpus(2);
	p = call_partition(1, 1);
	struct partition *q = call_partition(1, 1);
	struct partition *r = call_partition(1, 1);

	fake_config(q)->privileges.mask &= ~HV_PRIV_ACCESS_VP_REGISTERS;
	fake_config(r)->privileges.mask &= ~HV_PRIV_ACCESS_VP_REGISTERS;
	fake_config(r)->controls = (u32)BIT(q->number);
	access_plan_publishing();
	CHECK(p->publishes_regs);
	CHECK(q->publishes_regs);
	CHECK(!r->publishes_regs);
	load_vmcs(0x10);
	published_update(r->vps[0]);
	CHECK_EQ(r->vps[0]->own.published_seq, 0);
	CHECK_EQ(r->vps[0]->own.published.cr3, 0);
	published_update(q->vps[0]);
	CHECK_EQ(q->vps[0]->own.published_seq, 2);
	check_regs(&q->vps[0]->own.published, 0x10);
}

static void t_own_registers_come_from_the_vmcs(void)
{
	struct published regs;

	setup();
	load_vmcs(0x10);
	published_update(p->vps[0]);
	load_vmcs(0x20);
	published_read(p->vps[0], p->vps[0], &regs);
	check_regs(&regs, 0x20);
	CHECK_EQ(fake.kick_count, 0);
}

static void t_others_are_the_published(void)
{
	struct published regs;

	setup();
	load_vmcs(0x10);
	published_update(p->vps[1]);
	load_vmcs(0x30);
	published_update(p->vps[2]);
	load_vmcs(0x20);
	published_read(p->vps[0], p->vps[1], &regs);
	check_regs(&regs, 0x10);
	/* VP 2 shares the CPU of VP 0 */
	published_read(p->vps[0], p->vps[2], &regs);
	check_regs(&regs, 0x30);
	/* the other CPU runs another VP: no kick */
	fake_enter(p->vps[1]);
	published_read(p->vps[1], p->vps[2], &regs);
	CHECK_EQ(fake.kick_count, 0);
}

static void publish_and_leave(u64 pauses)
{
	if (pauses == 20) {
		load_vmcs(0x40);
		published_update(p->vps[1]);
		fake_leave(machine.cpus[1]);
	}
}

static void t_in_guest_mode_it_is_kicked(void)
{
	struct published regs;

	setup();
	load_vmcs(0x10);
	published_update(p->vps[1]);
	fake_enter(p->vps[1]);
	fake.kick_delay = FAKE_KICK_RECORD;
	fake.on_pause = publish_and_leave;
	published_read(p->vps[0], p->vps[1], &regs);
	check_regs(&regs, 0x40);
	CHECK_EQ(fake_kicks_of(1), 1);
	CHECK_EQ(fake.kick_count, 1);
	CHECK_EQ(p->vps[0]->cpu->kicks_sent, 1);
}

/* As at a VM exit: others may go on before the registers are published. */
static void leave_then_publish(u64 pauses)
{
	if (pauses == 20) {
		load_vmcs(0x60);
		published_begin(p->vps[1]);
		fake_leave(machine.cpus[1]);
	} else if (pauses == 30) {
		published_end(p->vps[1]);
	}
}

static void t_out_of_guest_mode_it_is_waited_for(void)
{
	struct published regs;

	setup();
	load_vmcs(0x10);
	published_update(p->vps[1]);
	fake_enter(p->vps[1]);
	fake.kick_delay = FAKE_KICK_RECORD;
	fake.on_pause = leave_then_publish;
	published_read(p->vps[0], p->vps[1], &regs);
	check_regs(&regs, 0x60);
	CHECK_EQ(fake.pauses, 30);
}

/* The copy changes while it is read: its count is odd, then even. */
static void finish_publishing(u64 pauses)
{
	if (pauses == 5) {
		load_vmcs(0x50);
		p->vps[1]->own.published_seq--;
		published_update(p->vps[1]);
	}
}

static void t_nothing_torn_is_returned(void)
{
	struct published regs;

	setup();
	load_vmcs(0x10);
	published_update(p->vps[1]);
	p->vps[1]->own.published_seq++;
	p->vps[1]->own.published.cr3 = 0xbad;
	fake.on_pause = finish_publishing;
	published_read(p->vps[0], p->vps[1], &regs);
	check_regs(&regs, 0x50);
	CHECK_EQ(fake.pauses, 5);
	CHECK_EQ(p->vps[1]->own.published_seq & 1, 0);
}

static void t_pdptes_only_with_pae_paging(void)
{
	setup();
	load_vmcs(0x10);
	port_vmcs_set(VMCS_GUEST_CR0, 0);
	published_update(p->vps[0]);
	CHECK_EQ(p->vps[0]->own.published.pdpte[3], 0);
	load_vmcs(0x10);
	port_vmcs_set(VMCS_GUEST_EFER, EFER_LMA);
	published_update(p->vps[0]);
	CHECK_EQ(p->vps[0]->own.published.pdpte[0], 0);
	load_vmcs(0x10);
	port_vmcs_set(VMCS_GUEST_CR4, 0);
	published_update(p->vps[0]);
	CHECK_EQ(p->vps[0]->own.published.pdpte[0], 0);
	load_vmcs(0x10);
	published_update(p->vps[0]);
	CHECK_EQ(p->vps[0]->own.published.pdpte[3], 0x1a);
	/* paging is off again: the published PDPTEs are cleared */
	port_vmcs_set(VMCS_GUEST_EFER, EFER_LMA);
	published_update(p->vps[0]);
	for (u32 i = 0; i < 4; i++) {
		CHECK_EQ(p->vps[0]->own.published.pdpte[i], 0);
	}
}

static const struct test tests[] = {
	{"only-watched-partitions-publish", t_only_watched_partitions_publish},
	{"own-registers-come-from-the-vmcs",
	 t_own_registers_come_from_the_vmcs},
	{"others-are-the-published", t_others_are_the_published},
	{"in-guest-mode-it-is-kicked", t_in_guest_mode_it_is_kicked},
	{"out-of-guest-mode-it-is-waited-for",
	 t_out_of_guest_mode_it_is_waited_for},
	{"nothing-torn-is-returned", t_nothing_torn_is_returned},
	{"pdptes-only-with-pae-paging", t_pdptes_only_with_pae_paging},
};

const struct suite suite_published = SUITE("published", tests);
