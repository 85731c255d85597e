/* SPDX-License-Identifier: MIT */
/* Tables of names; `make tables` writes them from the project's sources. */
#include "names.h"

#include "core/state/vp.h"

struct name {
	u64 number;
	const char *text;
};

/* generated: reasons, from include/exits.toml */
/* clang-format off */
static const struct name reasons[] = {
	{0x0, "EXCEPTION_NMI"},
	{0x1, "EXTERNAL_INTERRUPT"},
	{0x2, "TRIPLE_FAULT"},
	{0x7, "INTERRUPT_WINDOW"},
	{0x8, "NMI_WINDOW"},
	{0x9, "TASK_SWITCH"},
	{0xa, "CPUID"},
	{0xb, "GETSEC"},
	{0xc, "HLT"},
	{0xd, "INVD"},
	{0xe, "INVLPG"},
	{0xf, "RDPMC"},
	{0x11, "RSM"},
	{0x12, "VMCALL"},
	{0x13, "VMCLEAR"},
	{0x14, "VMLAUNCH"},
	{0x15, "VMPTRLD"},
	{0x16, "VMPTRST"},
	{0x17, "VMREAD"},
	{0x18, "VMRESUME"},
	{0x19, "VMWRITE"},
	{0x1a, "VMXOFF"},
	{0x1b, "VMXON"},
	{0x1c, "CR_ACCESS"},
	{0x1e, "IO"},
	{0x1f, "RDMSR"},
	{0x20, "WRMSR"},
	{0x21, "ENTRY_GUEST_STATE"},
	{0x22, "ENTRY_MSR_LOAD"},
	{0x24, "MWAIT"},
	{0x27, "MONITOR"},
	{0x28, "PAUSE"},
	{0x30, "EPT_VIOLATION"},
	{0x31, "EPT_MISCONFIG"},
	{0x32, "INVEPT"},
	{0x34, "PREEMPTION_TIMER"},
	{0x35, "INVVPID"},
	{0x37, "XSETBV"},
	{0x3a, "INVPCID"},
	{0x3b, "VMFUNC"},
	{0x4c, "SEAMCALL"},
	{0x4d, "TDCALL"},
};
/* clang-format on */
/* end: reasons */

/* generated: statuses, from include/abi.toml */
/* clang-format off */
static const struct name statuses[] = {
	{0x0, "SUCCESS"},
	{0x2, "INVALID_HYPERCALL_CODE"},
	{0x3, "INVALID_HYPERCALL_INPUT"},
	{0x4, "INVALID_ALIGNMENT"},
	{0x5, "INVALID_PARAMETER"},
	{0x6, "ACCESS_DENIED"},
	{0xd, "INVALID_PARTITION_ID"},
	{0xe, "INVALID_VP_INDEX"},
	{0x15, "INVALID_VP_STATE"},
	{0x50, "INVALID_REGISTER_VALUE"},
};
/* clang-format on */
/* end: statuses */

/* generated: calls, from include/abi.toml */
/* clang-format off */
static const struct name calls[] = {
	{0x2, "HvCallFlushVirtualAddressSpace"},
	{0x3, "HvCallFlushVirtualAddressList"},
	{0x8, "HvCallNotifyLongSpinWait"},
	{0xb, "HvCallSendSyntheticClusterIpi"},
	{0x13, "HvCallFlushVirtualAddressSpaceEx"},
	{0x14, "HvCallFlushVirtualAddressListEx"},
	{0x15, "HvCallSendSyntheticClusterIpiEx"},
	{0x50, "HvCallGetVpRegisters"},
	{0x51, "HvCallSetVpRegisters"},
	{0x52, "HvCallTranslateVirtualAddress"},
	{0x7f00, "LETHE_CALL_TEST_READ"},
	{0x8001, "HvExtCallQueryCapabilities"},
};
/* clang-format on */
/* end: calls */

static const struct name states[] = {
	{VP_RUNNABLE, "runnable"},   {VP_HALTED, "halted"},
	{VP_WAIT_SIPI, "wait-sipi"}, {VP_SUSPENDED, "suspended"},
	{VP_STOPPED, "stopped"},
};

static const char *find(const struct name *names, size_t count, u64 number)
{
	for (size_t i = 0; i < count; i++) {
		if (names[i].number == number) {
			return names[i].text;
		}
	}
	return NULL;
}

const char *names_reason(u64 reason)
{
	return find(reasons, ARRAY_SIZE(reasons), reason);
}

const char *names_status(u64 status)
{
	return find(statuses, ARRAY_SIZE(statuses), status);
}

const char *names_call(u64 code)
{
	return find(calls, ARRAY_SIZE(calls), code);
}

const char *names_state(u64 state)
{
	return find(states, ARRAY_SIZE(states), state);
}
