/* SPDX-License-Identifier: MIT */
/*
 * Accesses outside the partition: at the end of RAM, at at=…, at 1 TiB, also of
 * the page walk itself. Each must end the partition, so the runner judges; a
 * check that returns is not ok.
 */
#include "harness/suite.h"
#include "harness/tap.h"
#include "kernel/cmdline.h"
#include "kernel/cpu.h"
#include "kernel/page.h"
#include "kernel/serial.h"
#include "kernel/trap.h"
#include "kernel/vp.h"

#define PF_RSVD BIT(3)

/* at=0x…; without it the first byte after RAM */
static u64 target_of(void)
{
	u64 at = cmdline_get()->at;

	return at != 0 ? at : page_memory_end();
}

static void put_gpa(const char *text, u64 gpa)
{
	serial_puts(text);
	serial_put_hex(gpa);
	serial_put('\n');
}

/*
 * No page table can name an address above MAXPHYADDR: the bits are reserved,
 * and the guest gets #PF with RSVD set (SDM 3A, "Page-Fault Exceptions"). Any
 * other access must stop the partition.
 */
static bool is_beyond_maxphyaddr(u64 gpa)
{
	return gpa >> (cpu_cpuid(0x80000008, 0).eax & 0xff) != 0;
}

static void announce(u64 gpa)
{
	put_gpa(is_beyond_maxphyaddr(gpa) ? "# expecting page fault gpa="
					  : "# expecting stop gpa=",
		gpa);
}

/* The access has returned: right only if it cannot be made at all. */
static void judge(u64 gpa, u32 vector)
{
	if (!tap_true("still here", is_beyond_maxphyaddr(gpa))) {
		return;
	}
	tap_equal("vector", vector, TRAP_PF);
	tap_equal("reserved bit", vp_self()->fault.error & PF_RSVD, PF_RSVD);
}

static void do_call(void *arg)
{
	__asm__ volatile("call *%0" : : "r"(arg) : "memory");
}

static void isolate_read(const void *arg)
{
	u64 gpa = target_of();
	u64 value;

	(void)arg;
	page_map_identity(gpa);
	announce(gpa);
	judge(gpa, trap_read64(gpa, &value));
}

static void isolate_write(const void *arg)
{
	u64 gpa = target_of();

	(void)arg;
	page_map_identity(gpa);
	announce(gpa);
	judge(gpa, trap_write64(gpa, 0x4c65746865));
}

static void isolate_exec(const void *arg)
{
	u64 gpa = target_of();

	(void)arg;
	page_map_identity(gpa);
	announce(gpa);
	judge(gpa, trap_try(do_call, (void *)gpa).vector);
}

/* A page table lies there. */
static void isolate_table(const void *arg)
{
	u64 gpa = target_of();
	u64 value;

	(void)arg;
	page_map_table(gpa);
	announce(gpa);
	judge(gpa, trap_read64(PAGE_TABLE_GVA, &value));
}

static void do_load(void *arg)
{
	cpu_set_cr3((u64)arg);
}

/* CR3 names it: the next fetch needs a translation. */
static void isolate_root(const void *arg)
{
	u64 gpa = target_of();

	(void)arg;
	announce(gpa);
	(void)trap_try(do_load, (void *)gpa);
	tap_true("still here", false);
}

static void triple_fault(const void *arg)
{
	struct {
		u16 limit;
		u64 base;
	} __attribute__((packed)) none = {0, 0};

	(void)arg;
	serial_puts("# expecting stop triple fault\n");
	__asm__ volatile("lidt %0; ud2" : : "m"(none) : "memory");
	tap_true("still here", false);
}

#define HEADING "SDM 3C: EPT Violations"

/* clang-format off */
static const struct check read_checks[] = {
	{"read", HEADING, isolate_read, NULL, 1, 0},
};
static const struct check write_checks[] = {
	{"write", HEADING, isolate_write, NULL, 1, 0},
};
static const struct check exec_checks[] = {
	{"exec", HEADING, isolate_exec, NULL, 1, 0},
};
static const struct check table_checks[] = {
	{"table", HEADING, isolate_table, NULL, 1, 0},
};
static const struct check root_checks[] = {
	{"root", HEADING, isolate_root, NULL, 1, 0},
};
static const struct check triple_checks[] = {
	{"triple", "SDM 3A: Double Fault Exception", triple_fault, NULL, 1, 0},
};
/* clang-format on */

SUITE("isolate-read", 370, read_checks);
SUITE("isolate-write", 380, write_checks);
SUITE("isolate-exec", 390, exec_checks);
SUITE("isolate-table", 400, table_checks);
SUITE("isolate-root", 410, root_checks);
SUITE("isolate-triple", 420, triple_checks);
