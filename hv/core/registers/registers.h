/* SPDX-License-Identifier: MIT */
/*
 * The registers of a VP as 0x0050 and 0x0051 name them. A row of the table
 * (table.c) is a name, the operations of its kind, and which of the kind
 * it is. Kinds: in_vmcs.c (in the VMCS), elsewhere.c (elsewhere).
 */
#ifndef HV_CORE_REGISTERS_REGISTERS_H
#define HV_CORE_REGISTERS_REGISTERS_H

#include "core/state/register_request.h"

struct vp;

/*
 * Whose register, and which one of its kind. `ahead`: the number of bytes by
 * which RIP is about to be advanced, if the VP accesses itself.
 */
struct reg_access {
	struct vp *vp;
	u64 ahead;
	u32 which;
};

/*
 * get and set return false if the VP has no such register or it cannot take the
 * value; set changes nothing then. Called on the VP's own CPU, with its VMCS
 * current and the run word even, unless get_anywhere or set_anywhere allow any
 * CPU.
 */
struct reg_ops {
	bool (*get)(const struct reg_access *a, struct hv_register_value *v);
	bool (*set)(const struct reg_access *a,
		    const struct hv_register_value *v); /* NULL: read-only */
	bool is_128; /* else the upper half is 0 */
	bool get_anywhere;
	bool set_anywhere;
};

/* in_vmcs.c */
extern const struct reg_ops reg_rsp;
extern const struct reg_ops reg_rip;
extern const struct reg_ops reg_rflags;
extern const struct reg_ops reg_control; /* which: enum reg_control_number */
extern const struct reg_ops reg_dr7;
extern const struct reg_ops reg_segment; /* which: from ES on */
/* which: enum reg_descriptor_table_number */
extern const struct reg_ops reg_descriptor_table;
extern const struct reg_ops reg_field;   /* which: VMCS field */
extern const struct reg_ops reg_field32; /* the same, 32 bits */

enum reg_control_number { REG_CR0, REG_CR3, REG_CR4, REG_EFER };
enum reg_descriptor_table_number { REG_GDTR, REG_IDTR };

/* elsewhere.c */
extern const struct reg_ops reg_gpr; /* which: enum vp_gpr */
extern const struct reg_ops reg_cr8;
extern const struct reg_ops reg_cpu;      /* which: enum port_register */
extern const struct reg_ops reg_cpu32;    /* the same, 32 bits */
extern const struct reg_ops reg_cpu_base; /* the same, canonical */
extern const struct reg_ops reg_apic_base;
extern const struct reg_ops reg_apic_id;
extern const struct reg_ops reg_tsc;
extern const struct reg_ops reg_msr;       /* which: synthetic MSR */
extern const struct reg_ops reg_msr_const; /* the same, read-only */
extern const struct reg_ops reg_cpuid;     /* which: leaf */
extern const struct reg_ops reg_suspend;

#endif
