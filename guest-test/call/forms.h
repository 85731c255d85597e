/* SPDX-License-Identifier: MIT */
/* The ways of making a call: 64-bit or 32-bit code, block in memory or not. */
#ifndef GUEST_TEST_CALL_FORMS_H
#define GUEST_TEST_CALL_FORMS_H

#include "call/checked.h"

#define FORM_QWORDS 14 /* HV_FAST_INPUT_LEN */

/*
 * A call with this block, every register under control. Fast forms change no
 * word of block[] but those that the call returned in XMM registers; memory
 * forms copy the block to the caller's input page. The fast bit is set by
 * these functions. TLFS "Register Mapping for Hypercall Inputs".
 */
typedef struct hypercall_result form_fn(u64 control, u64 block[FORM_QWORDS]);

form_fn forms_fast;          /* 64-bit */
form_fn forms_fast_enabled;  /* and forms_begin() first */
form_fn forms_compat_memory; /* compatibility mode */
form_fn forms_compat_fast;
form_fn forms_unpaged_memory; /* protected mode, CR0.PG = 0 */
form_fn forms_unpaged_fast;
form_fn forms_pae_memory; /* EFER.LME = 0, CR4.PAE = 1 */
form_fn forms_pae_fast;
form_fn forms_classic_memory; /* CR4.PAE = 0: two levels of tables */
form_fn forms_classic_fast;

/* Where 32-bit code runs: a segment of IA-32e mode, or without that mode. */
enum forms_mode { FORMS_COMPAT, FORMS_UNPAGED, FORMS_PAE, FORMS_CLASSIC };

/* From there, with these two register pairs, memory or not. */
struct hypercall_result forms_call32(enum forms_mode mode, u64 control, u64 in,
				     u64 out);

/* Lets this VP use XMM registers: CR4.OSFXSR. */
void forms_begin(void);

/* What real mode gets for VMCALL; VP n is started anew: 0xd is #UD at it. */
u32 forms_real_mode(u32 n);

#endif
