/* SPDX-License-Identifier: MIT */
/* A guest: its memory, its VPs, its privileges and its partition-wide MSRs. */
#ifndef HV_CORE_STATE_PARTITION_H
#define HV_CORE_STATE_PARTITION_H

#include "config.h"
#include "core/state/cmos.h"
#include "core/state/ept.h"
#include "core/state/guest_serial.h"
#include "core/state/lock.h"
#include "core/state/vp_set.h"
#include "tlfs/hypercall.h"

#define PARTITION_VPS_MAX 256

#define HC_FAST_PATH_CODES 24 /* the flush calls' and IPIs' */

struct cpu;
struct hc_desc;
struct image_plan;
struct elf_symbols;
struct vp;

/*
 * The life of a partition: core/lifecycle/stop.c moves it to ENDED and
 * ENDED_AGAIN, core/lifecycle/start.c from there back to RUNNING. No VP of it
 * is in guest mode from ENDED on until RUNNING.
 */
enum partition_state {
	PARTITION_RUNNING,
	PARTITION_STOP_CLAIMED, /* one caller has won and writes its reason */
	PARTITION_STOPPING,     /* exit_code and stop_reason are valid */
	PARTITION_ENDED,        /* its last VP has stopped, its line is out;
				   its RAM is being overwritten */
	PARTITION_ENDED_AGAIN,  /* the same, and it starts again after that */
	PARTITION_FREE,         /* its RAM is overwritten: it can be started */
	PARTITION_LOADING,      /* its RAM is zeroed and filled */
	PARTITION_STARTING,     /* its VPs are made new, VP 0 last */
};

/* Where a guest's files are: read-only, as long as the machine runs. */
struct partition_files {
	const void *image;
	const void *initrd; /* NULL: none */
	const void *symbols;
};

/* How much of a pass over RAM is done: core/lifecycle/refill.h */
struct refill {
	u32 part;
	u64 done; /* bytes of this part */
};

struct partition {
	/* written before launch, then constant */
	const struct config_partition *config;
	u32 number;
	u32 vp_count;
	struct vp *vps[PARTITION_VPS_MAX];      /* by number n = APIC ID */
	struct vp *by_index[HV_VP_INDEX_LIMIT]; /* by VP index */
	struct vp_set all; /* its VPs; the words of other banks are 0 */
	u64 run_guest;     /* run word of a CPU with a VP of it in guest mode */
	bool shares_cpus;  /* has more VPs than the machine has CPUs */
	hpa_t memory;      /* RAM of the guest, one block */
	u64 memory_len;
	struct partition_files files;
	const struct image_plan *plan;     /* of these files */
	const struct elf_symbols *symbols; /* NULL: none */
	bool publishes_regs; /* of its VPs: access_plan_publishing() */
	bool split_widens;   /* lists, while its EPT is split: flush-exact */
	/* hc_fast_path_plan(): rows, and the longest input in registers */
	const struct hc_desc *fast_path_rows[HC_FAST_PATH_CODES];
	u32 register_len; /* bytes */

	/* under ept_lock; page walkers read the tables without it */
	struct lock ept_lock;
	struct ept ept;
	u64 *pdptes; /* constant: pages for those of struct vp */

	/* written while no VP of it runs, by the CPU of its keeper:
	   core/lifecycle/start.h */
	u64 start_tsc; /* TIME_REF_COUNT is 0 here */
	u32 life;      /* 0: the first one */
	struct refill refill;

	/* under msr_lock */
	struct lock msr_lock;
	u64 guest_os_id; /* read without the lock by the hypercall path */
	u64 hypercall_msr;
	u64 tsc_invariant_control;

	struct cmos cmos;

	/* under serial.lock */
	struct guest_serial serial;

	/* any CPU, atomic: work for the VPs, one bit per VP index */
	u64 flush_full[HV_VP_SET_BANKS] __aligned(CACHE_LINE);
	u64 flush_nonglobal[HV_VP_SET_BANKS] __aligned(CACHE_LINE);

	/* any CPU, atomic */
	struct vp_set suspended; /* VPs in that state; its banks are constant */
	bool deadlock_reported;
	u64 long_suspensions; /* of which the first 32 were reported */
	u32 inhibit_count;    /* at least the number of inhibited VPs */
	u32 vps_running;      /* VPs that are not STOPPED */
	u64 awakenings;       /* core/lifecycle/halted.h */
	u32 sanitize_lines;   /* core/sanitize/report.h: of its findings */
	u32 vps_old;          /* VPs that are not new yet, while STARTING */
	u32 restarts_left;    /* of the key restarts; CPU of the last VP */
	bool restart_wanted;  /* when it ends, it starts again */
	enum partition_state state;
	u32 exit_code;           /* from PARTITION_STOPPING on */
	const char *stop_reason; /* likewise; a constant string */
};

/* VP with TLFS index `index`, or NULL. */
static inline struct vp *partition_vp(const struct partition *p, u32 index)
{
	return index < HV_VP_INDEX_LIMIT ? p->by_index[index] : NULL;
}

#endif
