/* SPDX-License-Identifier: MIT */
/*
 * VMXON, and what comes before and after it. SDM 3C, "Enabling and Entering VMX
 * Operation".
 */
#include "vmx/cpu.h"

#include "core/console/log.h"
#include "core/port/port.h"
#include "core/state/machine.h"
#include "vmx/insn.h"
#include "x86/caps_read.h"
#include "x86/cr.h"
#include "x86/idt.h"
#include "x86/insn.h"
#include "x86/msr.h"
#include "x86/section.h"

static u32 *regions[CPUS_MAX] __ro_after_launch;

void vmx_cpu_prepare(void)
{
	for (u32 i = 0; i < machine.cpu_count; i++) {
		regions[i] = port_pool_pages(1);
		if (regions[i] == NULL) {
			port_panic("pool is used up: VMXON region");
		}
	}
}

static void report_missing(void *context, const char *text)
{
	const struct cpu *cpu = context;

	log_line("vmx", "cpu %u: missing: %s", cpu->number, text);
}

/*
 * Firmware has either locked IA32_FEATURE_CONTROL with VMX on, or left it
 * unlocked: then this function writes it.
 */
static void enable_feature(void)
{
	u64 control = insn_rdmsr(MSR_IA32_FEATURE_CONTROL);

	if (!(control & FEATURE_CONTROL_LOCK)) {
		insn_wrmsr(MSR_IA32_FEATURE_CONTROL,
			   control | FEATURE_CONTROL_LOCK |
				   FEATURE_CONTROL_VMX_OUTSIDE_SMX);
	}
}

static void invalidate_all(const struct caps_raw *caps)
{
	const struct vmx_descriptor none = {0, 0};

	if (caps_has_invept(caps, 2) && insn_invept(2, &none)) {
		port_panic("INVEPT all-context failed");
	}
	if (caps_has_invvpid(caps, INVVPID_ALL) &&
	    insn_invvpid(INVVPID_ALL, &none)) {
		port_panic("INVVPID all-context failed");
	}
}

void vmx_cpu_start(const struct cpu *cpu, struct caps_raw *caps)
{
	struct cpu *context = machine.cpus[cpu->number];
	u32 *region = regions[cpu->number];

	caps_read(caps);
	if (caps_check(caps, report_missing, context) != 0) {
		port_panic("cpu %u lacks what the loader's check found",
			   cpu->number);
	}
	enable_feature();
	insn_write_cr0(insn_read_cr0() | CR0_NE);
	insn_write_cr4(insn_read_cr4() | CR4_VMXE);
	*region = caps_revision(caps);
	if (insn_vmxon(port_hpa(region).v) != VMX_OK) {
		port_panic("cpu %u: VMXON failed", cpu->number);
	}
	invalidate_all(caps);
	/* firmware may have left NMIs blocked */
	iret_unblock_nmi();
}

void vmx_cpu_note_features(const struct caps_raw *caps)
{
	machine.invvpid_address = caps_has_invvpid(caps, INVVPID_ADDRESS);
	machine.invvpid_context = caps_has_invvpid(caps, INVVPID_SINGLE)
					  ? INVVPID_SINGLE
					  : INVVPID_ALL;
	machine.invvpid_all = caps_has_invvpid(caps, INVVPID_ALL);
	machine.invvpid_retain_globals =
		caps_has_invvpid(caps, INVVPID_SINGLE_RETAIN_GLOBALS);
	machine.invept_single = caps_has_invept(caps, 1);
	machine.preemption_shift = caps_preemption_shift(caps);
	machine.preemption_round = BIT(machine.preemption_shift) - 1;
}
