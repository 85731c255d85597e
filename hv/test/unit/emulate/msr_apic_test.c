/* SPDX-License-Identifier: MIT */
/* The MSRs of AccessIntrCtrlRegs: EOI, ICR, TPR, VP_ASSIST_PAGE. */
#include "core/apic/interrupts.h"
#include "core/emulate/msr.h"

#include <string.h>

#include "support/check.h"
#include "support/fake_partition.h"
#include "tlfs/cpuid.h"
#include "tlfs/msr.h"
#include "x86/msr.h"

static struct partition *p;
static struct vp *vp;

static void start(void)
{
	p = fake_partition(3, 1);
	for (u32 i = 0; i < 3; i++) {
		vapic_reset(&p->vps[i]->own.vapic, i, i == 0);
		CHECK_EQ(msr_write(p->vps[i], MSR_IA32_X2APIC_SIVR, 0x1ff),
			 MSR_OK);
	}
	vp = p->vps[1];
}

static void reads(u32 msr, u64 want)
{
	u64 value = ~want;

	CHECK_EQ(msr_read(vp, msr, &value), MSR_OK);
	CHECK_EQ(value, want);
}

static void t_eoi_ends_the_interrupt(void)
{
	u64 value = 4711;

	start();
	vapic_post(&vp->own.vapic, 0x51);
	vapic_accept(&vp->own.vapic, 0x51);
	vapic_post(&vp->own.vapic, 0x61);
	vapic_accept(&vp->own.vapic, 0x61);
	CHECK_EQ(msr_write(vp, HV_X64_MSR_EOI, BIT(32)), MSR_GP);
	CHECK_EQ(msr_write(vp, HV_X64_MSR_EOI, BIT(63)), MSR_GP);
	CHECK_EQ(vp->own.vapic.isr[1], BIT(0x61 - 64) | BIT(0x51 - 64));
	CHECK_EQ(msr_write(vp, HV_X64_MSR_EOI, 0), MSR_OK);
	CHECK_EQ(vp->own.vapic.isr[1], BIT(0x51 - 64));
	CHECK_EQ(msr_write(vp, HV_X64_MSR_EOI, 0xffffffff), MSR_OK);
	CHECK_EQ(vp->own.vapic.isr[1], 0);
	CHECK_EQ(msr_read(vp, HV_X64_MSR_EOI, &value), MSR_GP);
	CHECK_EQ(value, 4711);
}

static void t_icr_is_the_x2apics(void)
{
	start();
	CHECK_EQ(msr_write(vp, HV_X64_MSR_ICR, 2ull << 32 | 0x4042), MSR_OK);
	CHECK_EQ(p->vps[2]->shared.posted_irr[1], BIT(2));
	CHECK_EQ(p->vps[0]->shared.events | vp->shared.events, 0);
	reads(HV_X64_MSR_ICR, 2ull << 32 | 0x4042);
	reads(MSR_IA32_X2APIC_ICR, 2ull << 32 | 0x4042);
	/* delivery status and reserved bits, as there */
	CHECK_EQ(msr_write(vp, HV_X64_MSR_ICR, BIT(20)), MSR_GP);
	reads(HV_X64_MSR_ICR, 2ull << 32 | 0x4042);
}

static void t_tpr_is_the_x2apics(void)
{
	start();
	CHECK_EQ(msr_write(vp, HV_X64_MSR_TPR, 0x73), MSR_OK);
	reads(MSR_IA32_X2APIC_TPR, 0x73);
	CHECK_EQ(msr_write(vp, MSR_IA32_X2APIC_TPR, 0x20), MSR_OK);
	reads(HV_X64_MSR_TPR, 0x20);
	for (u32 bit = 8; bit < 64; bit++) {
		CHECK_EQ(msr_write(vp, HV_X64_MSR_TPR, BIT(bit)), MSR_GP);
	}
	reads(HV_X64_MSR_TPR, 0x20);
}

static void t_vp_assist_is_kept(void)
{
	static const u64 values[] = {
		0,
		0x5000,
		0x5001,
		0xabcdef5ffe, /* not enabled: bits are only kept */
		0x5fff,       /* 11:1 are preserved */
		FAKE_RAM - 0x1000 + 1,
		~1ull,
	};

	start();
	reads(HV_X64_MSR_VP_ASSIST_PAGE, 0);
	for (size_t i = 0; i < ARRAY_SIZE(values); i++) {
		CHECK_EQ(msr_write(vp, HV_X64_MSR_VP_ASSIST_PAGE, values[i]),
			 MSR_OK);
		reads(HV_X64_MSR_VP_ASSIST_PAGE, values[i]);
	}
	/* one for each VP */
	vp = p->vps[2];
	reads(HV_X64_MSR_VP_ASSIST_PAGE, 0);
	/* a page that is not there */
	CHECK_EQ(msr_write(vp, HV_X64_MSR_VP_ASSIST_PAGE, 0x6001), MSR_OK);
	CHECK_EQ(msr_write(vp, HV_X64_MSR_VP_ASSIST_PAGE, FAKE_RAM + 1),
		 MSR_GP);
	CHECK_EQ(msr_write(vp, HV_X64_MSR_VP_ASSIST_PAGE, ~0ull), MSR_GP);
	reads(HV_X64_MSR_VP_ASSIST_PAGE, 0x6001);
}

/* NoEoiRequired is 0 when the page is enabled; nothing else changes. */
static void t_no_eoi_required_is_cleared(void)
{
	u8 *page;
	u8 want[PAGE_SIZE];

	start();
	page = fake_ram(p, 0x5000);
	memset(page, 0xff, PAGE_SIZE);
	memset(want, 0xff, PAGE_SIZE);
	CHECK_EQ(msr_write(vp, HV_X64_MSR_VP_ASSIST_PAGE, 0x5000), MSR_OK);
	CHECK_EQ(memcmp(page, want, PAGE_SIZE), 0);
	CHECK_EQ(msr_write(vp, HV_X64_MSR_VP_ASSIST_PAGE, 0x5001), MSR_OK);
	memset(want, 0, 4);
	CHECK_EQ(memcmp(page, want, PAGE_SIZE), 0);
}

static void t_without_the_privilege(void)
{
	static const u32 msrs[] = {HV_X64_MSR_EOI, HV_X64_MSR_ICR,
				   HV_X64_MSR_TPR, HV_X64_MSR_VP_ASSIST_PAGE};

	start();
	fake_config(p)->privileges.mask = ~HV_PRIV_ACCESS_INTR_CTRL_REGS;
	for (size_t i = 0; i < ARRAY_SIZE(msrs); i++) {
		u64 value = 4711;

		CHECK_EQ(msr_read(vp, msrs[i], &value), MSR_GP);
		CHECK_EQ(value, 4711);
		CHECK_EQ(msr_write(vp, msrs[i], 0), MSR_GP);
	}
	fake_config(p)->privileges.mask = HV_PRIV_ACCESS_INTR_CTRL_REGS;
	CHECK_EQ(msr_write(vp, HV_X64_MSR_EOI, 0), MSR_OK);
	reads(HV_X64_MSR_TPR, 0);
	reads(HV_X64_MSR_ICR, 0);
	reads(HV_X64_MSR_VP_ASSIST_PAGE, 0);
}

static const struct test tests[] = {
	{"eoi_ends_the_interrupt", t_eoi_ends_the_interrupt},
	{"icr_is_the_x2apics", t_icr_is_the_x2apics},
	{"tpr_is_the_x2apics", t_tpr_is_the_x2apics},
	{"vp_assist_is_kept", t_vp_assist_is_kept},
	{"no_eoi_required_is_cleared", t_no_eoi_required_is_cleared},
	{"without_the_privilege", t_without_the_privilege},
};

const struct suite suite_msr_apic = SUITE("msr_apic", tests);
