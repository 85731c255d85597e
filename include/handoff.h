/* SPDX-License-Identifier: MIT */
/*
 * What a loader hands to the hypervisor. Two loaders fill it: the UEFI
 * application (boot/) and the test ROM (boot/rom/). docs/boot.md describes the
 * hand-over.
 *
 * State at the hypervisor's entry point (ELF e_entry of its image):
 *  - RDI = host-physical address of struct handoff; CPU 0 of apic_id[], long
 *    mode, CPL 0, IF = 0, a valid stack of at least 1 KiB;
 *  - CR3 = tables that identity-map [0, 4 GiB) and map the image at
 *    HANDOFF_IMAGE_BASE, all readable, writable and executable;
 *  - handoff, image, pool, trampoline, crash log and files lie below 4 GiB;
 * partition memory may lie anywhere. No two ranges overlap, but symbols may be
 * the image. Firmware boot services are over; all other CPUs are stopped and
 * take INIT-SIPI-SIPI.
 */
#ifndef HANDOFF_H
#define HANDOFF_H

#include "config.h"

#define HANDOFF_MAGIC   0x31304548544541ull
#define HANDOFF_VERSION 4u

/* Where the hypervisor's ELF image is linked; at most HANDOFF_IMAGE_MAX long */
#define HANDOFF_IMAGE_BASE 0xffffffff80000000ull
#define HANDOFF_IMAGE_MAX  (4 * MIB)

#define HANDOFF_CPUS_MAX 64

/*
 * Minimum pool: a fixed part, a part per CPU and per VP, and with paging =
 * shadow a part per page of a software TLB: the page, its record, its EPT
 * entry (docs/memory.md); with sanitize = on one per sanitizer of a VP
 */
#define HANDOFF_POOL_BASE            (2 * MIB)
#define HANDOFF_POOL_PER_CPU         (256ull << 10)
#define HANDOFF_POOL_PER_VP          (96ull << 10)
#define HANDOFF_POOL_PER_SHADOW_PAGE (4096ull + 256)
#define HANDOFF_POOL_PER_SANITIZER   (8ull << 10)

struct handoff_range {
	u64 base; /* host-physical, page aligned */
	u64 len;  /* bytes; 0: absent */
};

struct handoff_partition {
	struct handoff_range memory; /* 2 MiB aligned, config memory bytes */
	struct handoff_range image; /* the guest's file, read-only; len exact */
	struct handoff_range initrd;  /* the same; len 0 if none */
	struct handoff_range symbols; /* the same; may be the image */
};

/* ACPI sleep state S5: OUT (SLP_TYP << 10 | SLP_EN) to PM1a and PM1b */
struct handoff_acpi_poweroff {
	u16 pm1a_port; /* 0: not known */
	u16 pm1b_port; /* 0: none */
	u8 slp_typ_a;
	u8 slp_typ_b;
};

/*
 * The interrupt of a serial port: an input of an I/O APIC. Without ACPI, or
 * without a MADT, nothing is known; `io_apic` is 0 then.
 */
struct handoff_line {
	u32 io_apic; /* host-physical; HANDOFF_LINE_NONE: the MADT has none */
	u8 pin;
	u8 active_low;
	u8 level; /* level-triggered */
};

#define HANDOFF_LINE_NONE 1u
#define HANDOFF_LINES     2u /* COM1 and COM2: ISA IRQs 4 and 3 */

struct handoff {
	u64 magic;
	u32 version;
	u32 size; /* sizeof(struct handoff) */

	u32 cpu_count;
	u32 apic_id[HANDOFF_CPUS_MAX]; /* [0] is the CPU that boots */

	struct handoff_range image;      /* where the hypervisor was loaded;
					    base 2 MiB aligned, len as mapped */
	struct handoff_range pool;       /* zeroed memory for the hypervisor */
	struct handoff_range trampoline; /* one page below 1 MiB */
	struct handoff_range crash_log; /* crash_log.h, below 4 GiB, as the boot
					   before left it; len 0: none */

	u16 pm_timer_port; /* ACPI PM timer, 0: none (the PIT is used) */
	struct handoff_acpi_poweroff acpi_poweroff;
	struct handoff_line line[HANDOFF_LINES];

	char loader[16]; /* "uefi" or "rom": for the first boot line */
	struct config config;
	struct handoff_partition partition[CONFIG_PARTITIONS_MAX];
};

/* Bytes that the pool needs for one partition. */
static inline u64 handoff_pool_of(const struct config_partition *partition)
{
	u64 len = HANDOFF_POOL_PER_VP;

	if (partition->paging == CONFIG_PAGING_SHADOW) {
		len += HANDOFF_POOL_PER_SHADOW_PAGE * partition->shadow_pages;
	}
	if (partition->sanitize == CONFIG_SANITIZE_ON) {
		len += HANDOFF_POOL_PER_SANITIZER;
	}
	return len * partition->vps;
}

/* Bytes that the pool needs for the whole machine. */
static inline u64 handoff_pool_len(const struct config *config, u32 cpu_count)
{
	u64 len = HANDOFF_POOL_BASE + HANDOFF_POOL_PER_CPU * cpu_count;

	for (u32 i = 0; i < config->partition_count; i++) {
		len += handoff_pool_of(&config->partition[i]);
	}
	return len;
}

#endif
