/* SPDX-License-Identifier: MIT */
/*
 * The VMCS as the core sees it: that of the VP which is current on this CPU.
 * hv/vmx executes VMREAD and VMWRITE, host tests keep an array. Root mode.
 */
#ifndef HV_CORE_PORT_VMCS_H
#define HV_CORE_PORT_VMCS_H

#include "x86/vmcs.h"

struct vp;

u64 port_vmcs_get(enum vmcs_field field);
void port_vmcs_set(enum vmcs_field field, u64 value);

/*
 * Sets CR2 and the debug registers of this CPU, which hold those of the current
 * VP, to their values after INIT: SDM 3A, "Processor State After Reset".
 */
void port_reset_registers(void);

/*
 * Makes the VMCS of `vp`, which is the current one, new, and so the registers
 * that this CPU holds for it: those of its partition's first VP as the PVH
 * standard says, of others as after INIT. Called on the VP's own CPU, with the
 * run word even; the VMCS is clear and current afterwards.
 */
void port_vp_renew(struct vp *vp);

/* Registers of a VP that this CPU holds while the VP is current */
enum port_register {
	PORT_CR2,
	PORT_DR0,
	PORT_DR1,
	PORT_DR2,
	PORT_DR3,
	PORT_DR6,
	PORT_STAR,
	PORT_LSTAR,
	PORT_CSTAR,
	PORT_FMASK,
	PORT_KERNEL_GS_BASE,
	PORT_TSC_AUX,
	PORT_REGISTERS,
};

/*
 * Reads one of them. port_register_set() writes one; the instruction must
 * accept the value: canonical in *STAR but STAR and in KERNEL_GS_BASE, 32 bits
 * in DR6, FMASK and TSC_AUX.
 */
u64 port_register_get(enum port_register reg);
void port_register_set(enum port_register reg, u64 value);

/*
 * The FXSAVE area in 64-bit mode (SDM 1, "FXSAVE Area"), aligned to 16 bytes,
 * of the VP that is current. In what is restored, MXCSR has no reserved bit.
 */
void port_fxsave(u8 area[512]);
void port_fxrstor(const u8 area[512]);

#endif
