/* SPDX-License-Identifier: MIT */
/* Builders of CPUs, partitions and VPs for the tests (see fake_partition.h). */
#include "support/fake_partition.h"

#include <stdio.h>
#include <string.h>

#include "core/cpu/run_word.h"
#include "core/emulate/guest_serial.h"
#include "core/hypercall/fast_path.h"
#include "core/lifecycle/place.h"
#include "core/trace/record.h"

#include "tlfs/cpuid.h"

static struct config_partition configs[PARTITIONS_MAX];
static struct trace_record rings[CPUS_MAX + 1][RECORD_RING_COUNT] __aligned(
	RECORD_RING_LEN); /* one for each CPU, and the spare one of all */

void fake_cpus(u32 count)
{
	for (u32 i = machine.cpu_count; i < count; i++) {
		struct cpu *cpu = fake_take(sizeof(*cpu));

		cpu->self = cpu;
		cpu->number = i;
		cpu->apic_id = 2 * i;
		memset(rings[i], 0, sizeof(rings[i]));
		record_init(cpu, rings[i], rings[CPUS_MAX]);
		machine.cpus[i] = cpu;
	}
	machine.cpu_count =
		count > machine.cpu_count ? count : machine.cpu_count;
}

static void add_vp(struct partition *p, u32 number)
{
	struct vp *vp = fake_take(sizeof(*vp));
	struct cpu *cpu = machine.cpus[number % machine.cpu_count];

	HV_ASSERT(cpu->vp_count < ARRAY_SIZE(cpu->vps));
	vp->vpid = ++fake.vpids;
	vp->own.state = VP_RUNNABLE;
	vp->stats = fake_take(sizeof(*vp->stats));
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
	*config = (struct config_partition){0};
	grant_all(config, number);
	config->vps = vp_count;
	config->vp_index_stride = stride;
	p->config = config;
	p->number = number;
	p->memory = port_hpa(fake_take_ram());
	p->memory_len = FAKE_RAM;
	p->start_tsc = fake.tsc;
	guest_serial_init(&p->serial, config->name, false);
	for (u32 i = 0; i < vp_count; i++) {
		add_vp(p, i);
	}
	machine.partitions[number] = p;
	machine.partitions_running++;
	hc_fast_path_plan(p);
	return p;
}

struct config_partition *fake_config(struct partition *p)
{
	hc_fast_path_off(p);
	return &configs[p->number];
}
