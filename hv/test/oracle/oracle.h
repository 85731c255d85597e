/* SPDX-License-Identifier: MIT */
/*
 * The oracle is a second, simple implementation of the hypercall interface:
 * what a call has to answer and what it has to flush. It is written from TLFS
 * and docs/abi.md and shares nothing but include/ with hv/core. It allocates
 * nothing and needs no library, so that the test guest compiles the same
 * source. "Row 6" is row 6 of docs/abi.md, section 3.
 */
#ifndef HV_TEST_ORACLE_ORACLE_H
#define HV_TEST_ORACLE_ORACLE_H

#include "base/bits.h"
#include "base/types.h"
#include "tlfs/hypercall.h"
#include "tlfs/status.h"

#define ORACLE_PARTITIONS 4
#define ORACLE_WORDS      512 /* a page: the longest block */

/* What the caller's partition is offered */
#define ORACLE_HAS_EX        BIT(0) /* leaf 4 EAX bit 11 */
#define ORACLE_HAS_XMM       BIT(1) /* leaf 3 EDX bit 4 */
#define ORACLE_HAS_RANGES    BIT(2) /* leaf 3 EDX bit 14 */
#define ORACLE_HAS_REGISTERS BIT(3) /* AccessVpRegisters */
#define ORACLE_HAS_TEST_CALL BIT(4)
#define ORACLE_HAS_OS_ID     BIT(5) /* GUEST_OS_ID is not 0 */
#define ORACLE_HAS_XMM_OUT   BIT(6) /* leaf 3 EDX bit 15 */
#define ORACLE_HAS_IPI       BIT(7) /* leaf 4 EAX bit 10 */
#define ORACLE_HAS_EXTENDED  BIT(8) /* leaf 3 EBX bit 20 */

struct oracle_partition {
	u32 vps;
	u32 stride;                     /* VP n has VP index n * stride */
	u64 inhibited[HV_VP_SET_BANKS]; /* by VP index */
	u64 suspended[HV_VP_SET_BANKS];
};

struct oracle_machine {
	u64 offers; /* ORACLE_HAS_* of the caller */
	u64 memory; /* bytes of the caller's RAM */
	const u8 *ram;
	/* CR3 of all VPs, if a flush must name it; 0: it need not */
	u64 root;
	u32 self;     /* number of the caller's partition */
	u32 controls; /* partitions that it controls, one bit each */
	u32 partition_count;
	struct oracle_partition partition[ORACLE_PARTITIONS];
};

struct oracle_call {
	u32 vp_index; /* of the caller */
	bool is_64bit;
	bool is_protected;
	u8 cpl;
	u64 rax, rbx, rcx, rdx, rsi, rdi, r8;
	u64 xmm[12]; /* XMM0 low, XMM0 high, … XMM5 high */
};

enum oracle_end {
	ORACLE_DONE,
	ORACLE_UD,
	ORACLE_SUSPENDED, /* the call waits until an inhibit ends */
	ORACLE_OPEN,      /* the oracle does not know the answer */
};

enum oracle_flush {
	ORACLE_FLUSH_NONE,
	ORACLE_FLUSH_SPACE,
	ORACLE_FLUSH_NON_GLOBAL,
	ORACLE_FLUSH_LIST,
};

struct oracle_answer {
	enum oracle_end end;
	u16 status;
	u16 reps;

	/* where this call may write output */
	u64 output_at;  /* from the output address, or in the fast block */
	u64 output_len; /* 0: nowhere */

	/* the targets that exist, by VP index */
	enum oracle_flush flush;
	u8 ipi_vector; /* not 0: they, and nobody else, get it */
	bool is_extended;
	bool names_root; /* else only global translations are named */
	u64 targets[HV_VP_SET_BANKS];
	u32 first; /* elements first … count - 1 of the block */
	u32 count;
	const u64 *ranges; /* element 0 */

	/* 0x0051 and 0x0052: the VP they are about */
	u32 partition;
	u32 vp_index;
	bool wants_inhibit; /* if the translation succeeds */
	bool clears_inhibit;
	bool clears_suspend;

	u64 block[ORACLE_WORDS]; /* the input, as fetched */
};

/*
 * Says what becomes of the call. The caller provides `answer`, which is too big
 * for a stack.
 */
void oracle_predict(const struct oracle_machine *m,
		    const struct oracle_call *call,
		    struct oracle_answer *answer);

/*
 * True if a translation of `gva` that VP `vp_index` has cached must be gone
 * when the call has returned. More may be gone.
 */
bool oracle_must_flush(const struct oracle_answer *answer, u32 vp_index,
		       u64 gva, bool is_global);

/*
 * The pages of element `i`: number of the first page, and how many there are.
 * Both count the non-canonical hole.
 */
u64 oracle_range_first(const struct oracle_answer *answer, u32 i);
u64 oracle_range_pages(const struct oracle_answer *answer, u32 i);

/* True if partition `p` has a VP with that index. */
bool oracle_vp_exists(const struct oracle_partition *p, u64 vp_index);

/*
 * Only for the files of the oracle: the status with which an HV_VP_SET at word
 * `at` of the block is refused (0: none), whether it names a VP, and the checks
 * of the parameters of each call.
 */
u16 oracle_set_refusal(const struct oracle_answer *answer, u32 at, u64 control);
bool oracle_set_names(const struct oracle_answer *answer, u32 at, u32 vp_index);
void oracle_ipi_call(const struct oracle_machine *m,
		     const struct oracle_call *call, u64 control,
		     struct oracle_answer *answer);
void oracle_flush_call(const struct oracle_machine *m,
		       const struct oracle_call *call, u64 control,
		       struct oracle_answer *answer);
void oracle_registers_call(const struct oracle_machine *m,
			   const struct oracle_call *call, u64 control,
			   struct oracle_answer *answer);
void oracle_translate_call(const struct oracle_machine *m,
			   const struct oracle_call *call, u64 control,
			   struct oracle_answer *answer);
void oracle_test_call(const struct oracle_machine *m,
		      const struct oracle_call *call, u64 control,
		      struct oracle_answer *answer);

#endif
