/* SPDX-License-Identifier: MIT */
/*
 * INIT-SIPI-SIPI: SDM 3A, "Typical BSP Initialization Sequence". One CPU at a
 * time, so that one trampoline page serves all.
 */
#include "x86/ap.h"

#include "common/lib/mem.h"
#include "core/port/port.h"
#include "core/state/machine.h"
#include "x86/lapic.h"
#include "x86/paging.h"
#include "x86/percpu.h"
#include "x86/section.h"
#include "x86/stack.h"
#include "x86/tsc.h"

#define INIT_DELAY_US 10000
#define SIPI_DELAY_US 200
#define AP_TIMEOUT_US 1000000
#define AP_POLL_US    10

/* trampoline.S */
extern const u8 trampoline_start[], trampoline_end[];
extern const u8 trampoline_stack[], trampoline_function[];
extern const u8 trampoline_argument[], trampoline_entry[];
extern const u8 trampoline_root[], trampoline_jump[], trampoline_gdtr[];

static void (*ap_entry)(struct cpu *cpu) __ro_after_launch;

static u32 ap_arrived; /* written by the newest AP: its number */

/* First C code of an AP, on its root stack, under the trampoline's tables. */
static void ap_main(void *argument)
{
	struct cpu *cpu = argument;

	paging_load();
	percpu_load(cpu);
	lapic_enable();
	/* Release: pairs with the boot CPU in ap_start_one() */
	__atomic_store_n(&ap_arrived, cpu->number, __ATOMIC_RELEASE);
	ap_entry(cpu);
	port_panic("cpu_entry returned");
}

/* Where the copy of `label` is. */
static void *in_copy(u8 *copy, const u8 *label)
{
	return copy + (label - trampoline_start);
}

static void put64(u8 *copy, const u8 *label, u64 value)
{
	memcpy(in_copy(copy, label), &value, sizeof(value));
}

static void put32(u8 *copy, const u8 *label, u32 value)
{
	memcpy(in_copy(copy, label), &value, sizeof(value));
}

static void add32(u8 *copy, const u8 *label, u32 value)
{
	u32 old;

	memcpy(&old, in_copy(copy, label), sizeof(old));
	put32(copy, label, old + value);
}

static u8 *trampoline_prepare(hpa_t page)
{
	u8 *copy = paging_direct(page);

	memcpy(copy, trampoline_start,
	       (size_t)(trampoline_end - trampoline_start));
	put64(copy, trampoline_entry, (u64)start_on_stack);
	put64(copy, trampoline_function, (u64)ap_main);
	put32(copy, trampoline_root, paging_trampoline_root(page));
	add32(copy, trampoline_jump, (u32)page.v);
	add32(copy, trampoline_gdtr + 2, (u32)page.v);
	return copy;
}

static bool has_arrived(const struct cpu *cpu)
{
	/* Acquire: pairs with ap_main() */
	return __atomic_load_n(&ap_arrived, __ATOMIC_ACQUIRE) == cpu->number;
}

static void ap_start_one(const struct cpu *cpu, u8 sipi_vector)
{
	lapic_send_init(cpu->apic_id);
	tsc_wait_us(INIT_DELAY_US);
	for (u32 i = 0; i < 2 && !has_arrived(cpu); i++) {
		lapic_send_startup(cpu->apic_id, sipi_vector);
		tsc_wait_us(SIPI_DELAY_US);
	}
	for (u32 us = 0; !has_arrived(cpu); us += AP_POLL_US) {
		if (us >= AP_TIMEOUT_US) {
			port_panic("cpu %u apic_id=%u does not start",
				   cpu->number, cpu->apic_id);
		}
		tsc_wait_us(AP_POLL_US);
	}
}

void ap_start(const struct handoff *handoff, void (*cpu_entry)(struct cpu *cpu))
{
	hpa_t page = {handoff->trampoline.base};

	ap_entry = cpu_entry;
	if (machine.cpu_count == 1) {
		return;
	}
	u8 *copy = trampoline_prepare(page);

	for (u32 n = 1; n < machine.cpu_count; n++) {
		struct cpu *cpu = machine.cpus[n];

		put64(copy, trampoline_stack, stack_top(n, STACK_ROOT));
		put64(copy, trampoline_argument, (u64)cpu);
		ap_start_one(cpu, (u8)(page.v >> PAGE_SHIFT));
	}
}
