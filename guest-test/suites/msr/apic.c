/* SPDX-License-Identifier: MIT */
/* The MSRs of AccessIntrCtrlRegs: APIC registers, and the VP assist page. */
#include "harness/tap.h"
#include "kernel/apic.h"
#include "kernel/cpu.h"
#include "kernel/host.h"
#include "kernel/irq.h"
#include "kernel/page.h"
#include "kernel/trap.h"
#include "kernel/vp.h"
#include "suites/msr/msr_suite.h"

#include "tlfs/cpuid.h"
#include "tlfs/msr.h"
#include "x86/msr.h"

#define VECTOR 0x55

static bool lacks_privilege(void)
{
	if (host_get()->privileges & HV_PRIV_ACCESS_INTR_CTRL_REGS) {
		return false;
	}
	tap_skip("not granted");
	return true;
}

static void ended_by_msr(struct trap_frame *frame)
{
	vp_self()->irq_count[frame->vector]++;
	cpu_wrmsr(HV_X64_MSR_EOI, 0);
}

/* The second interrupt comes only if the first one has ended. */
void msr_check_apic_eoi(const void *arg)
{
	(void)arg;
	if (lacks_privilege()) {
		return;
	}
	trap_set_handler(VECTOR, ended_by_msr);
	irq_reset();
	cpu_sti();
	for (u32 i = 1; i <= 2; i++) {
		apic_send(0, APIC_ICR_ASSERT | VECTOR);
		irq_wait(0, VECTOR, i);
	}
	tap_equal("interrupts", irq_got(0, VECTOR), 2);
	tap_equal("none in service", apic_read(APIC_ISR + VECTOR / 32), 0);
}

void msr_check_apic_icr(const void *arg)
{
	(void)arg;
	if (lacks_privilege()) {
		return;
	}
	irq_count(VECTOR);
	irq_reset();
	cpu_sti();
	cpu_wrmsr(HV_X64_MSR_ICR, APIC_ICR_ASSERT | VECTOR);
	irq_wait(0, VECTOR, 1);
	tap_equal("interrupt", irq_got(0, VECTOR), 1);
	tap_equal("ICR", cpu_rdmsr(HV_X64_MSR_ICR), APIC_ICR_ASSERT | VECTOR);
	tap_equal("x2APIC's ICR", cpu_rdmsr(MSR_IA32_X2APIC_ICR),
		  APIC_ICR_ASSERT | VECTOR);
}

void msr_check_apic_tpr(const void *arg)
{
	(void)arg;
	if (lacks_privilege()) {
		return;
	}
	cpu_wrmsr(HV_X64_MSR_TPR, 0x70);
	tap_equal("x2APIC's TPR", apic_read(APIC_TPR), 0x70);
	apic_write(APIC_TPR, 0x20);
	tap_equal("TPR", cpu_rdmsr(HV_X64_MSR_TPR), 0x20);
	apic_write(APIC_TPR, 0);
}

/* Reserved bits that are zero, and the direction that is not there. */
void msr_check_apic_reserved(const void *arg)
{
	u64 value;

	(void)arg;
	if (lacks_privilege()) {
		return;
	}
	tap_equal("read EOI", trap_rdmsr(HV_X64_MSR_EOI, &value), TRAP_GP);
	tap_equal("EOI bit 32", trap_wrmsr(HV_X64_MSR_EOI, BIT(32)), TRAP_GP);
	tap_equal("TPR bit 8", trap_wrmsr(HV_X64_MSR_TPR, BIT(8)), TRAP_GP);
	tap_equal("TPR bit 63", trap_wrmsr(HV_X64_MSR_TPR, BIT(63)), TRAP_GP);
	tap_equal("page beyond RAM",
		  trap_wrmsr(HV_X64_MSR_VP_ASSIST_PAGE,
			     page_memory_end() | HV_VP_ASSIST_MSR_ENABLE),
		  TRAP_GP);
}

void msr_check_vp_assist(const void *arg)
{
	u64 *page = (u64 *)vp_self()->input;
	u64 enable = (u64)page | HV_VP_ASSIST_MSR_ENABLE;

	(void)arg;
	if (lacks_privilege()) {
		return;
	}
	page[0] = 0;
	cpu_wrmsr(HV_X64_MSR_VP_ASSIST_PAGE, enable);
	tap_equal("reads back", cpu_rdmsr(HV_X64_MSR_VP_ASSIST_PAGE), enable);
	/* an interrupt, and no EOI is spared */
	irq_count(VECTOR);
	irq_reset();
	cpu_sti();
	apic_send(0, APIC_ICR_ASSERT | VECTOR);
	irq_wait(0, VECTOR, 1);
	tap_equal("NoEoiRequired", page[0], 0);
	page[0] = ~0ull;
	tap_equal("RAM", page[0], ~0ull);
	cpu_wrmsr(HV_X64_MSR_VP_ASSIST_PAGE, enable);
	tap_equal("ApicAssist is cleared", page[0], 0xffffffff00000000);
	cpu_wrmsr(HV_X64_MSR_VP_ASSIST_PAGE, 0);
	tap_equal("off", cpu_rdmsr(HV_X64_MSR_VP_ASSIST_PAGE), 0);
}
