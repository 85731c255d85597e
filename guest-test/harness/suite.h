/* SPDX-License-Identifier: MIT */
/* A suite is a table of checks that registers itself. */
#ifndef GUEST_TEST_HARNESS_SUITE_H
#define GUEST_TEST_HARNESS_SUITE_H

#include "base/bits.h"
#include "base/types.h"

/* What a check needs apart from VPs; without that it is skipped. */
#define NEED_HV           BIT(0)  /* a Hyper-V interface */
#define NEED_EX           BIT(1)  /* 0x0013 and 0x0014 */
#define NEED_TEST_CALL    BIT(2)  /* LETHE_CALL_TEST_READ */
#define NEED_LETHE        BIT(31) /* Lethe: TLFS leaves the result open */
#define NEED_X2APIC       BIT(3)
#define NEED_DEADLINE     BIT(4)  /* TSC-deadline timer */
#define NEED_NO_XMM       BIT(5)  /* XMM input is not offered */
#define NEED_LOCK         BIT(6)  /* the lock of the HYPERCALL MSR */
#define NEED_NO_EX        BIT(7)  /* 0x0013 and 0x0014 are not recommended */
#define NEED_OBSERVE      BIT(8)  /* a CPU for each VP: stale reads show */
#define NEED_SHARED       BIT(9)  /* overcommit=1 and more VPs than CPUs */
#define NEED_REGISTERS    BIT(10) /* AccessVpRegisters */
#define NEED_NO_REGISTERS BIT(11)
#define NEED_IPI          BIT(12) /* 0x000b is recommended */
#define NEED_NO_IPI       BIT(13)
#define NEED_EXT_CALLS    BIT(14) /* EnableExtendedHypercalls */
#define NEED_NO_EXT_CALLS BIT(15)
/* ways of making a call */
#define NEED_XMM           BIT(20) /* XMM input is offered */
#define NEED_XMM_OUTPUT    BIT(21)
#define NEED_NO_XMM_OUTPUT BIT(22)
#define NEED_EXTENDED      BIT(23) /* extended ranges are offered */
#define NEED_NO_EXTENDED   BIT(24)
/* how the hypervisor keeps translations */
#define NEED_SHADOW  BIT(25) /* paging = shadow: it forgets nothing unasked */
#define NEED_EPT     BIT(26) /* paging = ept: INVVPIDs as the call names them */
#define NEED_PCID    BIT(27) /* CR4.PCIDE */
#define NEED_INVPCID BIT(28)

/* Tags: what the machine below must do well; skip= names what it does not. */
#define TAG_IF0   BIT(16) /* an NMI or timer ends a spin with IF = 0 */
#define TAG_TICKS BIT(17) /* the TSC stops while another VM has the CPU */

struct check {
	const char *name;    /* stable: tests/expected has the names */
	const char *heading; /* of the TLFS or SDM: what the check relies on */
	void (*fn)(const void *arg);
	const void *arg;
	u32 min_vps;
	u32 needs;
};

struct suite {
	const char *name;
	const struct check *checks;
	size_t count;
};

/*
 * SUITE(name, order, checks) registers the table `checks`. Suites run in the
 * order of their numbers, which have three digits; two with one number do not
 * link. Tables with one name are one suite for suite= and in the output.
 */
#define SUITE(_name, _order, _checks)                                          \
	_Static_assert(sizeof(#_order) == sizeof("000"), "three digits");      \
	static const struct suite suite_##_order = {_name, _checks,            \
						    ARRAY_SIZE(_checks)};      \
	extern const struct suite *const suite_with_order_##_order;            \
	const struct suite *const suite_with_order_##_order                    \
		__attribute__((used, section(".suites." #_order))) =           \
			&suite_##_order

/* All suites, in their order. */
size_t suite_count(void);
const struct suite *suite_at(size_t i);

/* Ends the run with code 2 if two checks of a chosen suite have one name. */
void suite_check_names(void);

#endif
