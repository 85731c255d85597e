/* SPDX-License-Identifier: MIT */
/*
 * The VMX instructions, one function each. SDM 3D, "VMX Instruction
 * Reference": CF = failed without a current VMCS, ZF = failed with one.
 */
#ifndef HV_VMX_INSN_H
#define HV_VMX_INSN_H

#include "base/types.h"

enum vmx_result {
	VMX_OK,
	VMX_FAIL_INVALID,
	VMX_FAIL_VALID,
};

struct vmx_descriptor {
	u64 low;
	u64 high;
};

static inline enum vmx_result vmx_result(bool cf, bool zf)
{
	return cf ? VMX_FAIL_INVALID : zf ? VMX_FAIL_VALID : VMX_OK;
}

static inline enum vmx_result insn_vmxon(u64 region)
{
	bool cf;
	bool zf;

	asm volatile("vmxon %2"
		     : "=@ccc"(cf), "=@ccz"(zf)
		     : "m"(region)
		     : "memory");
	return vmx_result(cf, zf);
}

/* Pre: VMX operation. */
static inline void insn_vmxoff(void)
{
	asm volatile("vmxoff" : : : "cc", "memory");
}

static inline enum vmx_result insn_vmclear(u64 vmcs)
{
	bool cf;
	bool zf;

	asm volatile("vmclear %2"
		     : "=@ccc"(cf), "=@ccz"(zf)
		     : "m"(vmcs)
		     : "memory");
	return vmx_result(cf, zf);
}

static inline enum vmx_result insn_vmptrld(u64 vmcs)
{
	bool cf;
	bool zf;

	asm volatile("vmptrld %2"
		     : "=@ccc"(cf), "=@ccz"(zf)
		     : "m"(vmcs)
		     : "memory");
	return vmx_result(cf, zf);
}

/* True on VMfailInvalid and VMfailValid; `value` is then undefined. */
static inline bool insn_vmread(u64 field, u64 *value)
{
	bool failed;

	asm volatile("vmread %2, %1"
		     : "=@ccbe"(failed), "=r"(*value)
		     : "r"(field)
		     : "memory");
	return failed;
}

static inline bool insn_vmwrite(u64 field, u64 value)
{
	bool failed;

	asm volatile("vmwrite %2, %1"
		     : "=@ccbe"(failed)
		     : "r"(field), "r"(value)
		     : "memory");
	return failed;
}

static inline bool insn_invept(u64 type, const struct vmx_descriptor *desc)
{
	bool failed;

	asm volatile("invept %1, %2"
		     : "=@ccbe"(failed)
		     : "m"(*desc), "r"(type)
		     : "memory");
	return failed;
}

static inline bool insn_invvpid(u64 type, const struct vmx_descriptor *desc)
{
	bool failed;

	asm volatile("invvpid %1, %2"
		     : "=@ccbe"(failed)
		     : "m"(*desc), "r"(type)
		     : "memory");
	return failed;
}

static inline u64 insn_read_dr6(void)
{
	u64 value;

	asm volatile("mov %%dr6, %0" : "=r"(value));
	return value;
}

static inline void insn_write_dr6(u64 value)
{
	asm volatile("mov %0, %%dr6" : : "r"(value));
}

static inline void insn_read_dr0_3(u64 dr[4])
{
	asm volatile("mov %%dr0, %0" : "=r"(dr[0]));
	asm volatile("mov %%dr1, %0" : "=r"(dr[1]));
	asm volatile("mov %%dr2, %0" : "=r"(dr[2]));
	asm volatile("mov %%dr3, %0" : "=r"(dr[3]));
}

static inline void insn_write_dr0_3(const u64 dr[4])
{
	asm volatile("mov %0, %%dr0" : : "r"(dr[0]));
	asm volatile("mov %0, %%dr1" : : "r"(dr[1]));
	asm volatile("mov %0, %%dr2" : : "r"(dr[2]));
	asm volatile("mov %0, %%dr3" : : "r"(dr[3]));
}

/* x87, XMM0-15 and MXCSR; `area` is 512 bytes, 16-byte aligned. */
static inline void insn_fxsave(u8 *area)
{
	asm volatile("fxsave64 (%0)" : : "r"(area) : "memory");
}

static inline void insn_fxrstor(const void *area)
{
	asm volatile("fxrstor64 (%0)" : : "r"(area) : "memory");
}

static inline void insn_wbinvd(void)
{
	asm volatile("wbinvd" : : : "memory");
}

#endif
