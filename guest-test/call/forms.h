/* SPDX-License-Identifier: MIT */
/* The forms of a call: 64-bit or 32-bit code, block in memory or registers. */
#ifndef GUEST_TEST_CALL_FORMS_H
#define GUEST_TEST_CALL_FORMS_H

#include "call/checked.h"

#define FORM_QWORDS 14 /* HV_FAST_INPUT_LEN */

/*
 * Makes a call with this block and compares all registers. Fast forms set the
 * fast bit, and change only those words of block[] that the call returns in XMM
 * registers; memory forms copy the block to the caller's input page. TLFS
 * "Register Mapping for Hypercall Inputs".
 */
typedef struct hypercall_result form_fn(u64 control, u64 block[FORM_QWORDS]);

form_fn forms_fast;          /* 64-bit */
form_fn forms_fast_enabled;  /* calls forms_begin() first */
form_fn forms_compat_memory; /* compatibility mode */
form_fn forms_compat_fast;
form_fn forms_unpaged_memory; /* protected mode, CR0.PG = 0 */
form_fn forms_unpaged_fast;
form_fn forms_pae_memory; /* EFER.LME = 0, CR4.PAE = 1 */
form_fn forms_pae_fast;
form_fn forms_classic_memory; /* CR4.PAE = 0: two levels of tables */
form_fn forms_classic_fast;

/* The mode of 32-bit code: compatibility mode, or one without IA-32e. */
enum forms_mode { FORMS_COMPAT, FORMS_UNPAGED, FORMS_PAE, FORMS_CLASSIC };

/* Calls from that mode; `in` and `out` are the register pairs. */
struct hypercall_result forms_call32(enum forms_mode mode, u64 control, u64 in,
				     u64 out);

/* Sets CR4.OSFXSR: this VP may use XMM registers. */
void forms_begin(void);

/* Starts VP n anew with a VMCALL in real mode; returns 0xd if #UD came. */
u32 forms_real_mode(u32 n);

#endif
