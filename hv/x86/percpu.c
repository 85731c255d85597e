/* SPDX-License-Identifier: MIT */
/* What every CPU has of its own, and how root mode's registers are set. */
#include "x86/percpu.h"

#include "core/port/port.h"
#include "core/state/machine.h"
#include "core/trace/record.h"
#include "x86/cpuid.h"
#include "x86/cr.h"
#include "x86/gdt.h"
#include "x86/idt.h"
#include "x86/insn.h"
#include "x86/msr.h"
#include "x86/paging.h"
#include "x86/section.h"
#include "x86/stack.h"

/* %gs is valid on the boot CPU; on an AP it is before any C code runs */
static bool percpu_ready __ro_after_launch;

/* Both rings of all CPUs, each aligned to its length. */
static void add_rings(void)
{
	size_t pages = RECORD_RING_LEN / PAGE_SIZE;
	size_t count = 2 * pages * machine.cpu_count;
	u64 at = (u64)port_pool_pages(count + pages - 1);

	if (at == 0) {
		port_panic("pool used up by the rings of the trace");
	}
	at = (at + RECORD_RING_LEN - 1) & ~(u64)(RECORD_RING_LEN - 1);
	for (u32 i = 0; i < machine.cpu_count; i++) {
		record_init(machine.cpus[i], (void *)at,
			    (void *)(at + RECORD_RING_LEN));
		at += 2 * RECORD_RING_LEN;
	}
}

static struct cpu *make(u32 number, u32 apic_id)
{
	struct cpu *cpu =
		port_pool_pages((sizeof(*cpu) + PAGE_SIZE - 1) / PAGE_SIZE);

	if (cpu == NULL) {
		port_panic("pool used up by cpu %u", number);
	}
	stack_map(number);
	const u64 ist_top[3] = {
		[IST_NMI - 1] = stack_top(number, STACK_NMI),
		[IST_DOUBLE_FAULT - 1] = stack_top(number, STACK_DOUBLE_FAULT),
		[IST_MACHINE_CHECK - 1] =
			stack_top(number, STACK_MACHINE_CHECK),
	};

	gdt_build(number, ist_top);
	cpu->self = cpu;
	cpu->number = number;
	cpu->apic_id = apic_id;
	cpu->host_stack_top = stack_top(number, STACK_ROOT);
	return cpu;
}

void percpu_init(const struct handoff *handoff)
{
	HV_ASSERT(handoff->cpu_count >= 1 && handoff->cpu_count <= CPUS_MAX);
	idt_build();
	for (u32 i = 0; i < handoff->cpu_count; i++) {
		machine.cpus[i] = make(i, handoff->apic_id[i]);
	}
	machine.cpu_count = handoff->cpu_count;
	add_rings();
	percpu_load(machine.cpus[0]);
	percpu_ready = true;
}

/*
 * No user pages exist, so SMEP and SMAP cost nothing; with them a jump through
 * a bad pointer faults in one more case. OSFXSR: FXSAVE of the guest's XMM.
 */
static u64 cr4_wanted(void)
{
	u64 cr4 = CR4_PAE | CR4_OSFXSR | CR4_OSXMMEXCPT;
	u32 regs[4];

	port_cpuid(CPUID_LEAF_FEATURES, 0, regs);
	cr4 |= (regs[3] & CPUID_1_EDX_MCE) ? CR4_MCE : 0;
	port_cpuid(CPUID_LEAF_MAX, 0, regs);
	if (regs[0] < CPUID_LEAF_EXTENDED) {
		return cr4;
	}
	port_cpuid(CPUID_LEAF_EXTENDED, 0, regs);
	cr4 |= (regs[1] & CPUID_7_EBX_SMEP) ? CR4_SMEP : 0;
	cr4 |= (regs[1] & CPUID_7_EBX_SMAP) ? CR4_SMAP : 0;
	cr4 |= (regs[2] & CPUID_7_ECX_UMIP) ? CR4_UMIP : 0;
	return cr4;
}

void percpu_load(struct cpu *cpu)
{
	gdt_load(cpu->number);
	/* after gdt_load(), which clears the base with the selector */
	insn_wrmsr(MSR_IA32_GS_BASE, (u64)cpu);
	idt_load();
	insn_write_cr0(CR0_PE | CR0_MP | CR0_ET | CR0_NE | CR0_WP | CR0_PG);
	insn_write_cr4(cr4_wanted());
	if (insn_rdmsr(MSR_IA32_PAT) != PAT_RESET) {
		insn_wrmsr(MSR_IA32_PAT, PAT_RESET);
		paging_load();
	}
}

bool percpu_is_ready(void)
{
	return percpu_ready;
}

void percpu_restore(void)
{
	u32 number = percpu_ready ? gdt_number() : CPUS_MAX;

	if (number < machine.cpu_count) {
		insn_wrmsr(MSR_IA32_GS_BASE, (u64)machine.cpus[number]);
	}
}

void percpu_run(struct cpu *cpu, void (*fn)(struct cpu *cpu))
{
	start_on_stack(cpu->host_stack_top, (void (*)(void *))fn, cpu);
}

u32 port_cpu_number(void)
{
	return percpu_ready ? this_cpu()->number : 0;
}
