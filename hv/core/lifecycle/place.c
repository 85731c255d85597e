/* SPDX-License-Identifier: MIT */
/* A VP's place among the VPs of its partition and of its CPU. */
#include "core/lifecycle/place.h"

#include "core/state/cpu.h"
#include "core/state/machine.h"
#include "core/state/partition.h"
#include "core/state/vp.h"
#include "core/trace/record.h"

void partition_add_vp(struct partition *p, struct vp *vp, struct cpu *cpu)
{
	HV_ASSERT(cpu->vp_count < CPU_VPS_MAX);
	vp->partition = p;
	vp->cpu = cpu;
	vp->number = p->vp_count;
	vp->index = vp->number * p->config->vp_index_stride;
	vp->bank = vp->index / 64;
	vp->bank_bit = BIT(vp->index % 64);
	vp->mask_bit = vp->bank == 0 ? vp->bank_bit : 0;
	vp->run_id = FIELD_PREP(RUN_PARTITION, p->number) | vp->index;
	vp->run_own = RUN_GUEST | vp->run_id;
	p->run_guest = RUN_GUEST | FIELD_PREP(RUN_PARTITION, p->number);
	vp->own.timer_field = 0; /* nothing is written yet */
	vp->shared.queue.max = p->config->paging == CONFIG_PAGING_SHADOW
				       ? FLUSH_QUEUE_MAX_SHADOW
				       : FLUSH_QUEUE_MAX;
	record_init_vp(vp);
	vp->flush_full = &p->flush_full[vp->bank];
	vp->flush_nonglobal = &p->flush_nonglobal[vp->bank];
	p->vps[p->vp_count++] = vp;
	p->by_index[vp->index] = vp;
	vp_set_add(&p->all, vp->index);
	p->suspended.banks = p->all.banks;
	p->vps_running++;
	p->shares_cpus = p->vp_count > machine.cpu_count;
	cpu->vps[cpu->vp_count++] = vp;
	cpu->has_several = cpu->vp_count > 1;
}
