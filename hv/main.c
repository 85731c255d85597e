/* SPDX-License-Identifier: MIT */
/* What happens after the loader, as a list of calls. docs/architecture.md. */
#include "commit.h"
#include "core/console/before.h"
#include "core/console/log.h"
#include "core/crash/kept_log.h"
#include "core/gdb/gdb.h"
#include "core/debug/shell.h"
#include "core/emulate/console_input.h"
#include "core/lifecycle/build.h"
#include "core/paging/overlay.h"
#include "core/partition/access.h"
#include "core/state/machine.h"
#include "core/state/partition.h"
#include "core/state/vp.h"
#include "core/trace/record.h"
#include "vmx/cpu.h"
#include "vmx/loop.h"
#include "vmx/selftest.h"
#include "vmx/switch.h"
#include "vmx/vp_setup.h"
#include "x86/ap.h"
#include "x86/clock.h"
#include "x86/insn.h"
#include "x86/lapic.h"
#include "x86/line.h"
#include "x86/paging.h"
#include "x86/paging_walk.h"
#include "x86/panic.h"
#include "x86/percpu.h"
#include "x86/pool.h"
#include "x86/section.h"
#include "x86/serial.h"
#include "x86/tsc.h"

static const struct handoff *handoff __ro_after_launch;
static struct caps_raw caps[CPUS_MAX] __ro_after_launch;

static u32 arrived;  /* any CPU, atomic: CPUs in VMX operation */
static u32 launched; /* written once by the boot CPU: all may go on */

void hv_main(const struct handoff *from_loader);

static void check_handoff(const struct handoff *h)
{
	if (h->magic != HANDOFF_MAGIC || h->version != HANDOFF_VERSION ||
	    h->size != sizeof(*h)) {
		port_panic("handoff: expected version %u size %lu, found "
			   "version %u size %u",
			   HANDOFF_VERSION, sizeof(*h), h->version, h->size);
	}
}

/* Files take whole pages. */
static u64 page_round(u64 len)
{
	return (len + PAGE_SIZE - 1) & PAGE_MASK;
}

/* Symbols that are the image have no pages of their own. */
static u64 kept_len(const struct handoff_partition *p)
{
	u64 len = page_round(p->image.len) + page_round(p->initrd.len);

	if (p->symbols.base != p->image.base) {
		len += page_round(p->symbols.len);
	}
	return len;
}

static void build_partitions(void)
{
	for (u32 i = 0; i < handoff->config.partition_count; i++) {
		const struct handoff_partition *p = &handoff->partition[i];
		struct partition_files files = {
			.image = paging_direct((hpa_t){p->image.base}),
			.initrd = paging_direct((hpa_t){p->initrd.base}),
			.symbols = paging_direct((hpa_t){p->symbols.base}),
		};
		const struct partition *built =
			build_partition(handoff, i, &files);

		log_line("boot",
			 "partition %s vps=%u memory=0x%lx at=0x%lx kept=0x%lx",
			 built->config->name, built->vp_count,
			 built->memory_len, built->memory.v, kept_len(p));
	}
}

/* COM2 is touched only if something uses it. */
static void prepare_ports(void)
{
	const struct config *config = &handoff->config;

	for (u32 i = 0; i < config->partition_count; i++) {
		if (config->partition[i].output == CONFIG_OUTPUT_COM2) {
			serial_init(PORT_UART_COM2);
		}
	}
	console_input_init(config);
}

static void report_machine(void)
{
	log_line("boot", "lethe %s commit=%s compiler=%s loader=%s",
		 LETHE_VERSION, LETHE_COMMIT, __VERSION__, handoff->loader);
	log_line("boot", "cpus=%u tsc_hz=%lu", machine.cpu_count,
		 machine.tsc_hz);
}

static void report_paging(void)
{
	u32 wx = paging_count_wx();

	log_line("boot", "paging leaves=%u wx=%u", paging_count_leaves(), wx);
	if (wx != 0) {
		port_panic("%u pages are writable and executable", wx);
	}
}

/* What the firmware and the CPUs offer; port 0: the FADT has no PM1a. */
static void report_platform(const struct caps_raw *all)
{
	log_line("boot",
		 "platform feature_control=0x%lx timer_shift=%u "
		 "acpi_pm1a=0x%x",
		 all->word[CAPS_FEATURE_CONTROL], machine.preemption_shift,
		 handoff->acpi_poweroff.pm1a_port);
}

/* In a boot that follows a panic only the one that is for each boot. */
static enum config_selftest selftest_wanted(void)
{
	enum config_selftest what = handoff->config.selftest;

	return kept_log_panics() == 0 || what == CONFIG_SELFTEST_PANIC_AGAIN
		       ? what
		       : CONFIG_SELFTEST_NONE;
}

/* Runs on the boot CPU once every CPU is in VMX operation. */
static void launch(void)
{
	struct caps_raw all = caps[0];

	while (__atomic_load_n(&arrived, __ATOMIC_ACQUIRE) !=
	       machine.cpu_count) {
		panic_check();
		port_pause();
	}
	for (u32 i = 1; i < machine.cpu_count; i++) {
		caps_combine(&all, &caps[i]);
	}
	vmx_cpu_note_features(&all);
	report_platform(&all);
	paging_seal();
	report_paging();
	log_line("boot", "launch");
	log_flush();
	selftest_memory(selftest_wanted());
	/* pairs with cpu_main(): what was noted is seen by all */
	__atomic_store_n(&launched, 1, __ATOMIC_RELEASE);
}

static void wait_for_launch(void)
{
	while (!__atomic_load_n(&launched, __ATOMIC_ACQUIRE)) {
		panic_check();
		port_pause();
	}
	paging_load();
}

static void start_vp(struct vp *vp)
{
	switch_init(vp);
	vp_setup(vp);
	if (vp->number == 0) {
		record_put(vp, TRACE_START, vp->partition->number, 0, 0);
		selftest_entry(selftest_wanted());
	}
}

/* Runs on every CPU, on its root stack. */
static void cpu_main(struct cpu *cpu)
{
	cpu->timer_deadline = CPU_TIMER_NEVER; /* the first look is due */
	cpu->look_early = CPU_TIMER_NEVER;
	vmx_cpu_start(cpu, &caps[cpu->number]);
	__atomic_fetch_add(&arrived, 1, __ATOMIC_RELEASE);
	if (cpu->number == 0) {
		launch();
	} else {
		wait_for_launch();
	}
	for (u32 i = 0; i < cpu->vp_count; i++) {
		start_vp(cpu->vps[i]);
	}
	switch_load_first(cpu);
	entry_loop();
}

static void prepare(void)
{
	if (!overlay_init()) {
		port_panic("pool is used up: hypercall page");
	}
	build_partitions();
	prepare_ports();
	access_plan_publishing();
	if (gdb_init()) {
		serial_init(PORT_UART_COM2);
	}
	line_init(handoff);
	vmx_cpu_prepare();
	shell_init(handoff->config.console == CONFIG_CONSOLE_READONLY);
	vp_setup_prepare(caps);
}

static void report_before(void)
{
	const struct handoff_range *kept = &handoff->crash_log;

	before_print(kept->len != 0 ? paging_direct((hpa_t){kept->base})
				    : NULL);
}

void hv_main(const struct handoff *from_loader)
{
	serial_init(PORT_UART_COM1);
	check_handoff(from_loader);
	panic_init(from_loader);
	pool_init(&from_loader->pool);
	handoff = paging_init(from_loader);
	percpu_init(handoff);
	report_before();
	lapic_mask_pic();
	lapic_enable();
	tsc_init(handoff);
	clock_init();
	lapic_calibrate();
	machine.apic_hz = machine.tsc_hz;
	machine.commit = LETHE_COMMIT;
	machine.goes_on = handoff->config.at_end == CONFIG_AT_END_CONSOLE;
	report_machine();
	prepare();
	log_flush();
	ap_start(handoff, cpu_main);
	percpu_run(machine.cpus[0], cpu_main);
}
