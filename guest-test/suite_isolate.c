/* SPDX-License-Identifier: MIT */
/*
 * Accesses to what is not ours: at the end of RAM, at at=…, at 1 TiB. Each is
 * to end the partition, so the runner judges; who comes back says not ok.
 */
#include "suite.h"
#include "cmdline.h"
#include "cpu.h"
#include "page.h"
#include "serial.h"
#include "tap.h"

/* at=0x…; without it the first byte behind RAM */
static u64 target_of(void)
{
	u64 at = cmdline_get()->at;

	return at != 0 ? at : page_memory_end();
}

static void announce(const char *what, u64 gpa)
{
	serial_puts("# expecting stop ");
	serial_puts(what);
	serial_puts(" gpa=");
	serial_put_hex(gpa);
	serial_put('\n');
}

static void isolate_read(const void *arg)
{
	u64 gpa = target_of();

	(void)arg;
	page_map_identity(gpa);
	announce("read", gpa);
	tap_equal("still here, read", cpu_read64(gpa), ~cpu_read64(gpa));
}

static void isolate_write(const void *arg)
{
	u64 gpa = target_of();

	(void)arg;
	page_map_identity(gpa);
	announce("write", gpa);
	cpu_write64(gpa, 0x4c65746865);
	tap_true("still here", false);
}

static void isolate_exec(const void *arg)
{
	u64 gpa = target_of();

	(void)arg;
	page_map_identity(gpa);
	announce("execute", gpa);
	__asm__ volatile("call *%0" : : "r"(gpa) : "memory");
	tap_true("still here", false);
}

static void triple_fault(const void *arg)
{
	struct {
		u16 limit;
		u64 base;
	} __attribute__((packed)) none = {0, 0};

	(void)arg;
	announce("triple fault", 0);
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
static const struct check triple_checks[] = {
	{"triple", "SDM 3A: Double Fault Exception", triple_fault, NULL, 1, 0},
};
/* clang-format on */

const struct suite suite_isolate_read = {"isolate-read", read_checks, 1};
const struct suite suite_isolate_write = {"isolate-write", write_checks, 1};
const struct suite suite_isolate_exec = {"isolate-exec", exec_checks, 1};
const struct suite suite_isolate_triple = {"isolate-triple", triple_checks, 1};
