/* SPDX-License-Identifier: MIT */
/*
 * The VMCS as the core sees it: that of the VP which is current on this CPU.
 * hv/vmx executes VMREAD and VMWRITE, host tests keep an array. Root mode.
 */
#ifndef HV_CORE_PORT_VMCS_H
#define HV_CORE_PORT_VMCS_H

#include "x86/vmcs.h"

u64 port_vmcs_get(enum vmcs_field field);
void port_vmcs_set(enum vmcs_field field, u64 value);

/*
 * CR2 and the debug registers of this CPU, which hold the VP's, as INIT leaves
 * them: SDM 3A, "Processor State After Reset".
 */
void port_reset_registers(void);

/* The last partition has stopped: last console line, power-off. */
void port_finish(u32 exit_code, const char *reason) __attribute__((noreturn));

#endif
