/* SPDX-License-Identifier: MIT */
/* From configuration and files to a partition that is ready to start. */
#include "core/lifecycle/build.h"

#include "common/image/pvh_write.h"
#include "core/apic/interrupts.h"
#include "core/emulate/guest_serial.h"
#include "core/hypercall/fast_path.h"
#include "core/lifecycle/place.h"
#include "core/paging/ept.h"
#include "core/paging/shadow.h"
#include "core/state/machine.h"
#include "core/state/partition.h"
#include "core/state/vp.h"

static void *pool_object(size_t size, const char *what)
{
	void *object = port_pool_pages((size + PAGE_SIZE - 1) / PAGE_SIZE);

	if (object == NULL) {
		port_panic("pool is used up: %lu bytes for %s", size, what);
	}
	return object;
}

/* VPIDs: 1 and up, unique in the machine, never given to a second owner. */
static u16 next_vpid(void)
{
	static u16 last;

	return ++last;
}

static void add_shadow(struct vp *vp)
{
	struct partition *p = vp->partition;
	u32 count = p->config->shadow_pages;
	u64 *tables = pool_object((size_t)count * PAGE_SIZE, "a software TLB");
	struct shadow_table *info =
		pool_object(count * sizeof(*info), "a software TLB");

	vp->shadow = pool_object(sizeof(*vp->shadow), "a software TLB");
	vp->pdptes = &p->pdptes[vp->number * ARRAY_SIZE(vp->shadow->pdpte)];
	shadow_init(vp->shadow, tables, info, count,
		    (gpa_t){EPT_TABLES_BASE + vp->number * EPT_TABLES_SIZE},
		    p->config->walk_cache == CONFIG_WALK_CACHE_ON);
	if (ept_map_tables(&p->ept, vp->number, port_hpa(tables), count) !=
	    ERR_OK) {
		port_panic("pool is used up: EPT of %s", p->config->name);
	}
}

_Static_assert(PARTITION_VPS_MAX * sizeof(((struct shadow *)0)->pdpte) <=
		       EPT_PDPTES_PAGES * PAGE_SIZE,
	       "room for all VPs");

static void add_pdptes(struct partition *p)
{
	p->pdptes = pool_object(EPT_PDPTES_PAGES * PAGE_SIZE, "PDPTEs");
	if (ept_map_pdptes(&p->ept, port_hpa(p->pdptes)) != ERR_OK) {
		port_panic("pool is used up: EPT of %s", p->config->name);
	}
}

static void add_vp(struct partition *p)
{
	struct vp *vp = pool_object(sizeof(*vp), "a VP");

	partition_add_vp(p, vp, machine.cpus[p->vp_count % machine.cpu_count]);
	vp->vpid = next_vpid();
	vp->vmcs = port_hpa(pool_object(PAGE_SIZE, "a VMCS"));
	vp->own.deadline = ~0ull;
	vp->own.state = vp->number == 0 ? VP_RUNNABLE : VP_WAIT_SIPI;
	vapic_reset(&vp->own.vapic, vp->number, vp->number == 0);
	if (p->config->paging == CONFIG_PAGING_SHADOW) {
		add_shadow(vp);
	}
}

static size_t text_len(const char *text)
{
	size_t len = 0;

	while (text[len] != 0) {
		len++;
	}
	return len;
}

static void load_files(struct partition *p,
		       const struct handoff_partition *source,
		       const struct build_files *files,
		       struct build_entry *entry)
{
	struct pvh_plan *plan = pool_object(sizeof(*plan), "the PVH plan");
	struct pvh_input input = {
		.image = files->image,
		.image_len = source->image.len,
		.initrd_len = source->initrd.len,
		.cmdline_len = text_len(p->config->cmdline),
		.memory = p->memory_len,
	};
	const char *why;

	if (pvh_plan(plan, &input, &why) != ERR_OK) {
		port_panic("partition %s: image: %s", p->config->name, why);
	}
	if (pvh_write(plan, p, files->image, files->initrd,
		      p->config->cmdline) != ERR_OK) {
		port_panic("partition %s: image does not fit its RAM",
			   p->config->name);
	}
	entry->entry = plan->entry;
	entry->start_info = plan->start_info;
}

struct partition *build_partition(const struct handoff *handoff, u32 number,
				  const struct build_files *files,
				  struct build_entry *entry)
{
	const struct handoff_partition *source = &handoff->partition[number];
	struct partition *p = pool_object(sizeof(*p), "a partition");

	p->config = &handoff->config.partition[number];
	p->number = number;
	p->memory = (hpa_t){source->memory.base};
	p->memory_len = source->memory.len;
	guest_serial_init(&p->serial, p->config->name);
	if (ept_build(&p->ept, p->memory, p->memory_len) != ERR_OK) {
		port_panic("pool is used up: EPT of %s", p->config->name);
	}
	if (p->config->paging == CONFIG_PAGING_SHADOW) {
		add_pdptes(p);
	}
	for (u32 i = 0; i < p->config->vps; i++) {
		add_vp(p);
	}
	hc_fast_path_plan(p);
	load_files(p, source, files, entry);
	p->start_tsc = port_tsc();
	machine.partitions[machine.partition_count++] = p;
	machine.partitions_running++;
	return p;
}
