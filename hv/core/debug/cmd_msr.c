/* SPDX-License-Identifier: MIT */
/*
 * `msr` and `cpuid`: what the guest would read, without what its instruction
 * does besides: no first use is reported, no timer expires.
 */
#include "core/debug/commands.h"
#include "core/debug/msr_names.h"
#include "core/debug/print.h"
#include "core/emulate/cpuid.h"
#include "core/emulate/msr_platform.h"
#include "core/emulate/msr_synthetic.h"
#include "core/emulate/msr.h"
#include "core/paging/guest_view.h"
#include "core/port/port.h"
#include "core/state/vp.h"
#include "x86/msr.h"

/* Reading may let the APIC's timer expire: the APIC is put back. */
static bool read_emulated(struct vp *vp, u32 msr, u64 *value)
{
	struct vapic before = vp->own.vapic;
	enum msr_result result = msr_synthetic_read(vp, msr, value);

	if (result == MSR_UNKNOWN) {
		result = msr_platform_read(vp, msr, value);
		vp->own.vapic = before;
	}
	return result == MSR_OK;
}

static bool read_msr(struct vp *vp, u32 msr, u64 *value)
{
	const struct msr_name *row = msr_name_of(msr);

	if (msr == MSR_IA32_EFER) {
		*value = view_efer(vp);
		return true;
	}
	if (msr == MSR_IA32_TIME_STAMP_COUNTER) {
		*value = port_tsc();
		return true;
	}
	if (row == NULL || row->place == MSR_EMULATED ||
	    row->place == MSR_BY_NAME) {
		return read_emulated(vp, msr, value);
	}
	*value = row->place == MSR_IN_VMCS
			 ? port_vmcs_get((enum vmcs_field)row->which)
			 : port_register_get((enum port_register)row->which);
	return true;
}

static void print_msr(struct debug_call *call, u32 msr)
{
	const struct msr_name *row = msr_name_of(msr);
	u64 value;

	debug_print(call, "0x%08x %s", msr, row != NULL ? row->name : "");
	debug_pad(call, 42);
	if (read_msr(call->vp, msr, &value)) {
		debug_print(call, "0x%016llx\n", (unsigned long long)value);
	} else {
		debug_print(call, "#GP\n");
	}
}

enum debug_end cmd_msr(struct debug_call *call)
{
	const struct msr_name *row;

	if (call->given == 2) {
		print_msr(call, (u32)call->value[1]);
		return DEBUG_DONE;
	}
	for (u32 i = 0; (row = msr_name_at(i)) != NULL; i++) {
		if (row->place != MSR_BY_NAME) {
			print_msr(call, row->msr);
		}
	}
	return DEBUG_DONE;
}

enum debug_end cmd_cpuid(struct debug_call *call)
{
	u32 leaf = (u32)call->value[1];
	u32 subleaf = (u32)call->value[2];
	u32 out[4];

	(void)cpuid_peek(call->vp, leaf, subleaf, out);
	debug_print(call,
		    "leaf=0x%x subleaf=0x%x eax=0x%08x ebx=0x%08x ecx=0x%08x "
		    "edx=0x%08x\n",
		    leaf, subleaf, out[CPUID_EAX], out[CPUID_EBX],
		    out[CPUID_ECX], out[CPUID_EDX]);
	return DEBUG_DONE;
}
