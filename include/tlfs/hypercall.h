/* SPDX-License-Identifier: MIT */
/*
 * The hypercall interface as guest and hypervisor both see it: control word,
 * result word, call codes and input blocks. TLFS "Hypercall Interface" and the
 * pages of the calls; the layouts are asserted below each struct.
 */
#ifndef TLFS_HYPERCALL_H
#define TLFS_HYPERCALL_H

#include "base/bits.h"
#include "base/types.h"

/* TLFS hypercall-interface, "Hypercall Inputs" */
/* generated: control word, from include/abi.toml */
#define HV_CONTROL_CODE      GENMASK(15, 0)
#define HV_CONTROL_FAST      BIT(16)
#define HV_CONTROL_VARHEAD   GENMASK(26, 17) /* 8-byte units */
#define HV_CONTROL_NESTED    BIT(31)
#define HV_CONTROL_REP_COUNT GENMASK(43, 32)
#define HV_CONTROL_REP_START GENMASK(59, 48)
#define HV_CONTROL_RESERVED                                                    \
	(GENMASK(30, 27) | GENMASK(47, 44) | GENMASK(63, 60))
/* end: control word */

/* TLFS hypercall-interface, "Hypercall Outputs" */
/* generated: result word, from include/abi.toml */
#define HV_RESULT_STATUS GENMASK(15, 0)
#define HV_RESULT_REPS   GENMASK(43, 32)
/* end: result word */

/* TLFS "XMM Fast Hypercall Input": two registers of 8 bytes, XMM0-XMM5 */
/* generated: fast calls, from include/abi.toml */
#define HV_FAST_INPUT_LEN 112
/* end: fast calls */

/* generated: call codes, from include/abi.toml */
#define HV_CALL_FLUSH_VIRTUAL_ADDRESS_SPACE    0x0002
#define HV_CALL_FLUSH_VIRTUAL_ADDRESS_LIST     0x0003
#define HV_CALL_NOTIFY_LONG_SPIN_WAIT          0x0008
#define HV_CALL_SEND_SYNTHETIC_CLUSTER_IPI     0x000b
#define HV_CALL_FLUSH_VIRTUAL_ADDRESS_SPACE_EX 0x0013
#define HV_CALL_FLUSH_VIRTUAL_ADDRESS_LIST_EX  0x0014
#define HV_CALL_SEND_SYNTHETIC_CLUSTER_IPI_EX  0x0015
#define HV_CALL_GET_VP_REGISTERS               0x0050
#define HV_CALL_SET_VP_REGISTERS               0x0051
#define HV_CALL_TRANSLATE_VIRTUAL_ADDRESS      0x0052
#define HV_EXT_CALL_QUERY_CAPABILITIES         0x8001
/* end: call codes */

/* Fixed header of 0x0008 */
struct hv_long_spin_wait {
	u32 spin_count;
	u32 reserved;
};

/* HV_FLUSH_FLAGS */
/* generated: flush flags, from include/abi.toml */
#define HV_FLUSH_ALL_PROCESSORS             BIT(0)
#define HV_FLUSH_ALL_VIRTUAL_ADDRESS_SPACES BIT(1)
#define HV_FLUSH_NON_GLOBAL_MAPPINGS_ONLY   BIT(2)
#define HV_FLUSH_USE_EXTENDED_RANGE_FORMAT  BIT(3)
/* end: flush flags */

/* A range in the simple format: page in 63:12, additional pages in 11:0 */
#define HV_GVA_RANGE_EXTRA GENMASK(11, 0)

/*
 * A range in the extended format (HV_FLUSH_USE_EXTENDED_RANGE_FORMAT):
 * additional pages in 10:0. A range of large pages has the page size in bit 12
 * and the address in 63:21.
 */
#define HV_GVA_RANGE_EX_EXTRA GENMASK(10, 0)
#define HV_GVA_RANGE_EX_LARGE BIT(11)
#define HV_GVA_RANGE_EX_1G    BIT(12) /* 0: 2 MiB */
#define HV_GVA_RANGE_EX_BASE  GENMASK(63, 21)

/* HV_VP_SET: Format values */
#define HV_GENERIC_SET_SPARSE_4K 0
#define HV_GENERIC_SET_ALL       1

#define HV_VP_SET_BANKS   64
#define HV_VP_INDEX_LIMIT 4096 /* 64 banks of 64 VPs */

#define HV_PARTITION_ID_SELF (~0ull)
#define HV_VP_INDEX_SELF     0xfffffffeu

struct hv_vp_set {
	u64 format;
	u64 valid_banks_mask;
	/* u64 bank_contents[] follows, one for each bit, ascending */
};

/* Fixed header of 0x0002 and 0x0003 */
struct hv_flush {
	u64 address_space;
	u64 flags;
	u64 processor_mask;
};

/* Fixed header of 0x0013 and 0x0014; the banks are the variable header */
struct hv_flush_ex {
	u64 address_space;
	u64 flags;
	struct hv_vp_set vp_set;
};

/* The common beginning of the headers of 0x000b and 0x0015 */
struct hv_ipi {
	u32 vector;
	u8 target_vtl;
	u8 reserved[3];
};

/* Fixed header of 0x000b: fits the two registers of a fast call */
struct hv_send_ipi {
	struct hv_ipi ipi;
	u64 processor_mask;
};

/* Fixed header of 0x0015; the banks are the variable header */
struct hv_send_ipi_ex {
	struct hv_ipi ipi;
	struct hv_vp_set vp_set;
};

/* Vectors that 0x000b and 0x0015 accept */
#define HV_IPI_VECTOR_FIRST 0x10u
#define HV_IPI_VECTOR_LAST  0xffu

/* Output of 0x8001: one bit for each extended call from 0x8002 on */
struct hv_ext_capabilities {
	u64 capabilities;
};

/*
 * Lethe's own, outside TLFS and answered only where the configuration says
 * `test-calls = yes`: reads what the INVVPID wrapper and the kick recorded.
 * Simple call, memory input, memory output; see struct lethe_test_*.
 */
/* generated: test call, from include/abi.toml */
#define LETHE_CALL_TEST_READ 0x7f00
/* end: test call */

struct lethe_test_input {
	u64 vp_index; /* whose counts; HV_VP_INDEX_SELF is the caller */
	u64 reserved; /* 0 */
};

#define LETHE_TEST_RECORDS 64

/* One INVVPID as executed: type 0-3 (SDM "INVVPID"), VP index, address */
struct lethe_test_record {
	u64 type;
	u64 vp_index;
	u64 gva;
};

/*
 * Counts since the start of the VP. records[] is a ring: the k-th INVVPID for
 * this VP (counted from 0) stands in records[k % LETHE_TEST_RECORDS].
 */
struct lethe_test_output {
	u64 kicks_sent;      /* NMI kicks that this VP's CPU has sent */
	u64 exits;           /* VM exits of this VP */
	u64 invvpid_count;   /* INVVPIDs executed for this VP's VPID */
	u64 invvpid_type[4]; /* the same by type */
	u64 flushes_done;    /* times this VP drained flush work */
	u64 tsc;             /* TSC at the copy */
	/* paging = shadow: the VP's software TLB; else all 0 */
	u64 is_shadow;        /* 1 */
	u64 shadow_fills;     /* page faults that ended in a new translation */
	u64 shadow_reflected; /* page faults that went to the guest */
	u64 shadow_evictions; /* trees dropped because the pool was empty */
	u64 shadow_removals;  /* translations that were removed */
	struct lethe_test_record records[LETHE_TEST_RECORDS];
};

/* generated: layouts, from include/abi.toml */
/* clang-format off */
_Static_assert(sizeof(struct hv_long_spin_wait) == 8, "hv_long_spin_wait");
_Static_assert(sizeof(struct hv_vp_set) == 16, "hv_vp_set");
_Static_assert(offsetof(struct hv_vp_set, format) == 0, "hv_vp_set");
_Static_assert(offsetof(struct hv_vp_set, valid_banks_mask) == 8, "hv_vp_set");
_Static_assert(sizeof(struct hv_flush) == 24, "hv_flush");
_Static_assert(offsetof(struct hv_flush, address_space) == 0, "hv_flush");
_Static_assert(offsetof(struct hv_flush, flags) == 8, "hv_flush");
_Static_assert(offsetof(struct hv_flush, processor_mask) == 16, "hv_flush");
_Static_assert(sizeof(struct hv_flush_ex) == 32, "hv_flush_ex");
_Static_assert(offsetof(struct hv_flush_ex, address_space) == 0, "hv_flush_ex");
_Static_assert(offsetof(struct hv_flush_ex, flags) == 8, "hv_flush_ex");
_Static_assert(offsetof(struct hv_flush_ex, vp_set.format) == 16, "hv_flush_ex");
_Static_assert(offsetof(struct hv_flush_ex, vp_set.valid_banks_mask) == 24, "hv_flush_ex");
_Static_assert(sizeof(struct hv_ipi) == 8, "hv_ipi");
_Static_assert(offsetof(struct hv_ipi, vector) == 0, "hv_ipi");
_Static_assert(offsetof(struct hv_ipi, target_vtl) == 4, "hv_ipi");
_Static_assert(sizeof(struct hv_send_ipi) == 16, "hv_send_ipi");
_Static_assert(offsetof(struct hv_send_ipi, ipi.vector) == 0, "hv_send_ipi");
_Static_assert(offsetof(struct hv_send_ipi, ipi.target_vtl) == 4, "hv_send_ipi");
_Static_assert(offsetof(struct hv_send_ipi, processor_mask) == 8, "hv_send_ipi");
_Static_assert(sizeof(struct hv_send_ipi_ex) == 24, "hv_send_ipi_ex");
_Static_assert(offsetof(struct hv_send_ipi_ex, ipi.vector) == 0, "hv_send_ipi_ex");
_Static_assert(offsetof(struct hv_send_ipi_ex, ipi.target_vtl) == 4, "hv_send_ipi_ex");
_Static_assert(offsetof(struct hv_send_ipi_ex, vp_set.format) == 8, "hv_send_ipi_ex");
_Static_assert(offsetof(struct hv_send_ipi_ex, vp_set.valid_banks_mask) == 16, "hv_send_ipi_ex");
_Static_assert(sizeof(struct hv_ext_capabilities) == 8, "hv_ext_capabilities");
_Static_assert(sizeof(struct lethe_test_input) == 16, "lethe_test_input");
_Static_assert(sizeof(struct lethe_test_record) == 24, "lethe_test_record");
_Static_assert(sizeof(struct lethe_test_output) == 1648, "lethe_test_output");
/* clang-format on */
/* end: layouts */

#endif
