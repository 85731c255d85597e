/* SPDX-License-Identifier: MIT */
/* Builders of CPUs, partitions and VPs for the tests (see fake.h). */
#include "support/fake.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "core/cpu/run_word.h"
#include "core/emulate/uart.h"
#include "core/hypercall/fast_path.h"
#include "core/partition/partition.h"

#include "tlfs/cpuid.h"

static struct partition *all_partitions[PARTITIONS_MAX];
static struct config_partition configs[PARTITIONS_MAX];
static u16 next_vpid;

void fake_partitions_free(void)
{
	for (u32 i = 0; i < PARTITIONS_MAX; i++) {
		if (all_partitions[i] != NULL) {
			munmap((u8 *)fake_ram(all_partitions[i], 0) - PAGE_SIZE,
			       FAKE_RAM + 2 * PAGE_SIZE);
		}
		all_partitions[i] = NULL;
	}
	memset(configs, 0, sizeof(configs));
	next_vpid = 1;
}

void fake_cpus(u32 count)
{
	for (u32 i = machine.cpu_count; i < count; i++) {
		struct cpu *cpu = fake_take(sizeof(*cpu));

		cpu->self = cpu;
		cpu->number = i;
		cpu->apic_id = 2 * i;
		machine.cpus[i] = cpu;
	}
	machine.cpu_count =
		count > machine.cpu_count ? count : machine.cpu_count;
}

static void *map_ram(void)
{
	size_t len = FAKE_RAM + 2 * PAGE_SIZE;
	u8 *base = mmap(NULL, len, PROT_NONE,
			MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

	if (base == MAP_FAILED ||
	    mprotect(base + PAGE_SIZE, FAKE_RAM, PROT_READ | PROT_WRITE) != 0) {
		fprintf(stderr, "fake: cannot map guest memory\n");
		abort();
	}
	return base + PAGE_SIZE;
}

static void add_vp(struct partition *p, u32 number)
{
	struct vp *vp = fake_take(sizeof(*vp));
	struct cpu *cpu = machine.cpus[number % machine.cpu_count];

	HV_ASSERT(cpu->vp_count < ARRAY_SIZE(cpu->vps));
	vp->vpid = next_vpid++;
	vp->state = VP_RUNNABLE;
	partition_add_vp(p, vp, cpu);
	cpu->vp = cpu->vps[0];
	run_assign(cpu, cpu->vp);
}

static void grant_all(struct config_partition *c, u32 number)
{
	snprintf(c->name, sizeof(c->name), "guest%u", number);
	c->memory = FAKE_RAM;
	c->privileges = (struct config_privileges){
		.mask = HV_PRIV_ACCESS_REFERENCE_COUNTER |
			HV_PRIV_ACCESS_INTR_CTRL_REGS |
			HV_PRIV_ACCESS_HYPERCALL_MSRS |
			HV_PRIV_ACCESS_VP_INDEX |
			HV_PRIV_ACCESS_FREQUENCY_REGS |
			HV_PRIV_ACCESS_TSC_INVARIANT_CONTROL |
			HV_PRIV_ACCESS_VP_REGISTERS |
			HV_PRIV_EXTENDED_HYPERCALLS,
		.features = HV_FEATURE_XMM_INPUT | HV_FEATURE_FREQUENCY_MSRS |
			    HV_FEATURE_EXTENDED_RANGES | HV_FEATURE_XMM_OUTPUT |
			    HV_FEATURE_HYPERCALL_LOCK,
		.hints = HV_HINT_REMOTE_FLUSH | HV_HINT_RELAXED_TIMING |
			 HV_HINT_CLUSTER_IPI | HV_HINT_EX_PROCESSOR_MASKS,
		.max_leaf = HV_CPUID_NESTED,
	};
	c->test_calls = true;
}

struct partition *fake_partition(u32 vp_count, u32 stride)
{
	struct partition *p = fake_take(sizeof(*p));
	u32 number = machine.partition_count++;
	struct config_partition *config = &configs[number];

	if (machine.cpu_count == 0) {
		fake_cpus(vp_count < CPUS_MAX ? vp_count : CPUS_MAX);
	}
	grant_all(config, number);
	config->vps = vp_count;
	config->vp_index_stride = stride;
	p->config = config;
	p->number = number;
	p->memory = port_hpa(map_ram());
	p->memory_len = FAKE_RAM;
	p->start_tsc = fake.tsc;
	uart_init(&p->uart, config->name);
	for (u32 i = 0; i < vp_count; i++) {
		add_vp(p, i);
	}
	all_partitions[number] = p;
	machine.partitions[number] = p;
	machine.partitions_running++;
	hc_fast_path_plan(p);
	return p;
}

struct config_partition *fake_config(struct partition *p)
{
	memset(p->fast_path_rows, 0, sizeof(p->fast_path_rows));
	return &configs[p->number];
}

void fake_enter(struct vp *vp)
{
	struct cpu *cpu = vp->cpu;
	u64 sequence = cpu->run & ~(RUN_SEQ_ONE - 1);

	if ((sequence & RUN_GUEST) == 0) {
		sequence += RUN_SEQ_ONE;
	}
	cpu->vp = vp;
	cpu->run = sequence | FIELD_PREP(RUN_VP_INDEX, vp->index) |
		   FIELD_PREP(RUN_PARTITION, vp->partition->number);
}

void fake_leave(struct cpu *cpu)
{
	if ((cpu->run & RUN_GUEST) != 0) {
		cpu->run += RUN_SEQ_ONE;
	}
}

u32 fake_kicks_of(u32 cpu_number)
{
	u32 count = 0;

	for (u32 i = 0; i < fake.kick_count && i < FAKE_RECORDS; i++) {
		count += fake.kicks[i] == cpu_number ? 1 : 0;
	}
	return count;
}

void fake_cpuid_set(u32 leaf, u32 subleaf, u32 eax, u32 ebx, u32 ecx, u32 edx)
{
	for (u32 i = 0; i < fake.cpuid_count; i++) {
		struct fake_cpuid *c = &fake.cpuid[i];

		if (c->leaf == leaf && c->subleaf == subleaf) {
			*c = (struct fake_cpuid){
				leaf, subleaf, {eax, ebx, ecx, edx}};
			return;
		}
	}
	fake.cpuid[fake.cpuid_count++] =
		(struct fake_cpuid){leaf, subleaf, {eax, ebx, ecx, edx}};
}
