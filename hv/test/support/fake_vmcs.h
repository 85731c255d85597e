/* SPDX-License-Identifier: MIT */
/*
 * The fake VMCS implements core/port/vmcs.h on an array that is indexed by the
 * encoding. A field that is not in vmcs_fields.def and a value that is too wide
 * for its field fail the test. port_finish() ends in port_panic("finish code=N
 * reason=…"), so that CHECK_PANIC() catches it.
 */
#ifndef HV_TEST_SUPPORT_FAKE_VMCS_H
#define HV_TEST_SUPPORT_FAKE_VMCS_H

#include "core/port/vmcs.h"

#define FAKE_VMCS_FIELDS 0x8000

struct fake_vmcs {
	u64 value[FAKE_VMCS_FIELDS];
	bool written[FAKE_VMCS_FIELDS];
	u32 write_count;
	u64 registers[PORT_REGISTERS];
	u8 fxsave[512];
	u32 resets;               /* calls of port_reset_registers() */
	u32 renewals;             /* calls of port_vp_renew() … */
	const struct vp *renewed; /* … and its last VP */
};

extern struct fake_vmcs fake_vmcs;

/*
 * Makes all fields 0 and not written. A test that uses the VMCS calls it first.
 */
void fake_vmcs_reset(void);

/* Name of the field with this encoding, or NULL. */
const char *fake_vmcs_name(u32 encoding);

#endif
