/* SPDX-License-Identifier: MIT */
/*
 * What lethe.conf says, parsed and checked. The loader fills it with
 * hv/common/config/parse.c and hands it over inside struct handoff.
 */
#ifndef CONFIG_H
#define CONFIG_H

#include "base/types.h"

#define CONFIG_PARTITIONS_MAX 4
#define CONFIG_NAME_MAX       32  /* with the final 0 */
#define CONFIG_PATH_MAX       128 /* with the final 0 */
#define CONFIG_CMDLINE_MAX    1024
#define CONFIG_POWEROFF_MAX   4
#define CONFIG_MEMORY_MAX     (3 * GIB)

#define CONFIG_SHADOW_PAGES     512 /* of each VP, without the key */
#define CONFIG_SHADOW_PAGES_MIN 128 /* one instruction finds room */
#define CONFIG_SHADOW_PAGES_MAX 4096

#define CONFIG_SANITIZE_GRACE     10000000 /* TSC ticks, without the key */
#define CONFIG_SANITIZE_GRACE_MIN 100000
#define CONFIG_SANITIZE_GRACE_MAX 1000000000000

enum config_cpus {
	CONFIG_CPUS_AUTO, /* MP Services, else the ACPI MADT */
	CONFIG_CPUS_MP,
	CONFIG_CPUS_MADT,
};

enum config_panic {
	CONFIG_PANIC_POWEROFF,
	CONFIG_PANIC_HALT,
	CONFIG_PANIC_CONSOLE, /* the debug console, reading only */
	CONFIG_PANIC_RESET,   /* the next boot prints what was printed before */
};

/*
 * Deliberate faults, which show that protection and reports work, and tests of
 * the CPU.
 */
enum config_selftest {
	CONFIG_SELFTEST_NONE,
	CONFIG_SELFTEST_WRITE_TEXT,
	CONFIG_SELFTEST_WRITE_RODATA,
	CONFIG_SELFTEST_WRITE_GUARD,
	CONFIG_SELFTEST_BAD_ENTRY,    /* an invalid VMCS: entry-failure path */
	CONFIG_SELFTEST_PANIC,        /* CPU 0 panics while guests run */
	CONFIG_SELFTEST_INVVPID,      /* INVVPID's descriptor rules */
	CONFIG_SELFTEST_PANIC_ALL,    /* all CPUs at once */
	CONFIG_SELFTEST_PANIC_LOCKED, /* with the console's lock held */
	CONFIG_SELFTEST_PANIC_NMI,    /* a fault in the NMI handler */
	CONFIG_SELFTEST_PANIC_REPORT, /* a second panic in the report */
	CONFIG_SELFTEST_PANIC_AGAIN,  /* in each boot, not the first alone */
	CONFIG_SELFTEST_PANIC_DEAF,   /* beside a CPU that takes no NMI: last */
};

/* What happens when the last partition has stopped */
enum config_at_end {
	CONFIG_AT_END_EXIT,    /* the machine ends */
	CONFIG_AT_END_CONSOLE, /* it goes on; partitions can be started */
};

/* What the debug console on COM1 may do */
enum config_console {
	CONFIG_CONSOLE_FULL,
	CONFIG_CONSOLE_READONLY, /* no command that changes a guest */
	CONFIG_CONSOLE_OFF,      /* input is for partitions only */
};

/* Where a partition's serial output goes */
enum config_output {
	CONFIG_OUTPUT_COM1, /* as lines with its name */
	CONFIG_OUTPUT_COM2, /* as it is */
};

/* How the console reports what a guest uses and does not have (first_use.h) */
enum config_first_use {
	CONFIG_FIRST_USE_COUNT, /* one line when the partition stops */
	CONFIG_FIRST_USE_LIST,  /* a line for each, when it happens */
};

/* Whose TLB a guest uses */
enum config_paging {
	CONFIG_PAGING_EPT,    /* the CPU's own */
	CONFIG_PAGING_SHADOW, /* a software TLB: core/paging/shadow.h */
};

/* Whether a software TLB keeps the places of page tables */
enum config_walk_cache {
	CONFIG_WALK_CACHE_ON,
	CONFIG_WALK_CACHE_OFF,
};

/* Whether a guest with a software TLB has process-context identifiers */
enum config_pcid {
	CONFIG_PCID_OFF,
	CONFIG_PCID_ON,
};

/* Whether translations are compared with the guest's tables */
enum config_sanitize {
	CONFIG_SANITIZE_OFF,
	CONFIG_SANITIZE_ON, /* core/sanitize; with a software TLB only */
};

/* One OUT of `value` to `port`: a byte if value < 0x100, else 16 bits. */
struct config_poweroff {
	u16 port;
	u16 value;
};

/* The key `gdb` of a partition */
enum config_gdb {
	CONFIG_GDB_OFF,
	CONFIG_GDB_COM2,      /* its debugger is at the other end of COM2 */
	CONFIG_GDB_COM2_WAIT, /* the same; no VP runs before it says so */
};

/* What a partition is granted; shown in CPUID leaves 3 and 4. */
struct config_privileges {
	u64 mask;     /* HV_PRIV_*: leaf 3 EBX:EAX */
	u32 features; /* HV_FEATURE_*: leaf 3 EDX */
	u32 hints;    /* HV_HINT_*: leaf 4 EAX */
	u32 max_leaf; /* leaf 0x40000000 EAX */
};

struct config_partition {
	char name[CONFIG_NAME_MAX];
	char image[CONFIG_PATH_MAX];
	char initrd[CONFIG_PATH_MAX];  /* empty: none */
	char symbols[CONFIG_PATH_MAX]; /* ELF file, or `image`; empty: none */
	char cmdline[CONFIG_CMDLINE_MAX];
	u32 vps;
	u32 vp_index_stride;
	u64 memory; /* bytes, a multiple of 2 MiB */
	struct config_privileges privileges;
	u32 slice_us;        /* time slice of a VP that shares its CPU */
	u32 suspend_warn_ms; /* a suspension longer than that is reported */
	u32 controls; /* partitions (bit = position) whose VPs it may access
			 with 0x50-0x52 */
	u32 restarts; /* how often it starts again by itself */
	u32 budget_elements; /* elements of a hypercall before it is continued;
				0: by time */
	enum config_first_use first_use;
	enum config_output output;
	enum config_paging paging;
	u32 shadow_pages; /* of each VP, for its software TLB */
	enum config_walk_cache walk_cache;
	enum config_pcid pcid;
	enum config_sanitize sanitize;
	u64 sanitize_grace; /* TSC ticks */
	bool test_calls;    /* LETHE_CALL_TEST_READ is answered */
	bool flush_exact;   /* lists by address beside a split EPT region too */
	bool pause_exits;   /* a loop of PAUSEs ends the turn of a VP */
	enum config_gdb gdb;
};

struct config {
	enum config_cpus cpus;
	enum config_panic panic;
	enum config_selftest selftest;
	enum config_at_end at_end;
	enum config_console console;
	u32 input;  /* who has COM1's input: 0 the debug console, n partition
		       n - 1 */
	u64 tsc_hz; /* 0: calibrate */
	u32 poweroff_count;
	struct config_poweroff poweroff[CONFIG_POWEROFF_MAX];
	u32 partition_count;
	struct config_partition partition[CONFIG_PARTITIONS_MAX];
};

#endif
