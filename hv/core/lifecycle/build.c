/* SPDX-License-Identifier: MIT */
/* From configuration and files to a partition that is ready to start. */
#include "core/lifecycle/build.h"

#include "common/image/elf_symbols.h"
#include "common/image/image_write.h"
#include "core/apic/interrupts.h"
#include "core/console/log.h"
#include "core/console/log_room.h"
#include "core/emulate/guest_serial.h"
#include "core/hypercall/fast_path.h"
#include "core/lifecycle/place.h"
#include "core/lifecycle/reset_vector.h"
#include "core/paging/ept.h"
#include "core/paging/shadow.h"
#include "core/state/machine.h"
#include "core/state/partition.h"
#include "core/state/sanitize.h"
#include "core/state/vp.h"
#include "core/trace/stats.h"

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

static void add_sanitizer(struct vp *vp)
{
	vp->sanitize = pool_object(sizeof(*vp->sanitize), "a sanitizer");
	vp->sanitize->grace = vp->partition->config->sanitize_grace;
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

	vp->stats = pool_object(sizeof(*vp->stats), "the counts of a VP");
	partition_add_vp(p, vp, machine.cpus[p->vp_count % machine.cpu_count]);
	vp->vpid = next_vpid();
	vp->vmcs = port_hpa(pool_object(PAGE_SIZE, "a VMCS"));
	vp->own.deadline = ~0ull;
	vp->own.state = vp->number == 0 ? VP_RUNNABLE : VP_WAIT_SIPI;
	vp->own.asleep = vp->number != 0;
	vapic_reset(&vp->own.vapic, vp->number, vp->number == 0);
	if (p->config->paging == CONFIG_PAGING_SHADOW) {
		add_shadow(vp);
	}
	if (p->config->sanitize == CONFIG_SANITIZE_ON) {
		add_sanitizer(vp);
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
		       const struct handoff_partition *source)
{
	struct image_plan *plan = pool_object(sizeof(*plan), "the plan");
	struct image_input input = {
		.image = p->files.image,
		.image_len = source->image.len,
		.initrd_len = source->initrd.len,
		.cmdline = p->config->cmdline,
		.cmdline_len = text_len(p->config->cmdline),
		.memory = p->memory_len,
		.vp_count = p->vp_count,
	};
	const char *why;

	if (image_plan(plan, &input, &why) != ERR_OK) {
		port_panic("partition %s: image: %s", p->config->name, why);
	}
	image_write_pages(plan, &input,
			  pool_object(plan->page_count * PAGE_SIZE,
				      "what the guest is told"));
	p->plan = plan;
	if (reset_vector_write(p) != ERR_OK ||
	    image_write(plan, p, p->files.image, p->files.initrd) != ERR_OK) {
		port_panic("partition %s: image does not fit its RAM",
			   p->config->name);
	}
}

/* A bad file only leaves the partition without names. */
static void open_symbols(struct partition *p,
			 const struct handoff_partition *source)
{
	struct elf_symbols *symbols;
	const char *why;

	if (source->symbols.len == 0) {
		return;
	}
	symbols = pool_object(sizeof(*symbols), "symbols");
	if (elf_symbols_open(symbols, p->files.symbols, source->symbols.len,
			     &why) != ERR_OK) {
		log_line("boot", "no symbols for %s: %s", p->config->name, why);
		return;
	}
	log_line("boot", "symbols of %s: %u", p->config->name, symbols->count);
	p->symbols = symbols;
}

struct partition *build_partition(const struct handoff *handoff, u32 number,
				  const struct partition_files *files)
{
	const struct handoff_partition *source = &handoff->partition[number];
	struct partition *p = pool_object(sizeof(*p), "a partition");

	p->config = &handoff->config.partition[number];
	p->number = number;
	p->memory = (hpa_t){source->memory.base};
	p->memory_len = source->memory.len;
	p->files = *files;
	p->restarts_left = p->config->restarts;
	p->split_widens = !p->config->flush_exact;
	log_room_open(number, p->config->name);
	guest_serial_init(&p->serial, p->config->name,
			  p->config->output == CONFIG_OUTPUT_COM2);
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
	load_files(p, source);
	open_symbols(p, source);
	p->start_tsc = port_tsc();
	if (machine.partition_count == 0) {
		machine.start_tsc = p->start_tsc;
	}
	machine.partitions[machine.partition_count++] = p;
	machine.partitions_running++;
	return p;
}
