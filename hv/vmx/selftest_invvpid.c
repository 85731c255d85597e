/* SPDX-License-Identifier: MIT */
/*
 * Tests in root mode which types and descriptors INVVPID accepts on this CPU:
 * those that the hypervisor relies on, and those that it must never use. SDM
 * 3C, "INVVPID".
 */
#include "vmx/selftest_invvpid.h"

#include "core/console/log.h"
#include "core/port/port.h"
#include "core/state/machine.h"
#include "vmx/insn.h"
#include "vmx/vmcs.h"

#define ERROR_BAD_OPERAND 28 /* SDM 3C, "VM-Instruction Error Numbers" */
#define TYPE_MAX          127
#define VPID              0xffff /* of no VP */
#define NON_CANONICAL     0x0000800000000000ull

/* Does the CPU have the type? */
static bool has_type(s64 type)
{
	switch (type) {
	case INVVPID_ADDRESS:
		return machine.invvpid_address;
	case INVVPID_SINGLE:
		return machine.invvpid_context == INVVPID_SINGLE;
	case INVVPID_ALL:
		return machine.invvpid_all;
	case INVVPID_SINGLE_RETAIN_GLOBALS:
		return machine.invvpid_retain_globals;
	default:
		return false;
	}
}

static const struct {
	const char *name;
	u64 vpid;
	u64 gva;
	bool good[4]; /* by type */
} rows[] = {
	/* clang-format off */
	{"a VPID",              VPID,            0,             {true, true, true, true}},
	{"VPID 0",              0,               0,             {false, false, true, false}},
	{"VPID of 17 bits",     BIT(16) | VPID,  0,             {false, false, false, false}},
	{"VPID bit 63",         BIT(63) | VPID,  0,             {false, false, false, false}},
	{"non-canonical",       VPID,            NON_CANONICAL, {false, true, true, true}},
	{"tag in bits 62:57",   VPID,            BIT(57),       {false, true, true, true}},
	/* clang-format on */
};

/* True if the result is as expected: success, or VMfailValid with error 28. */
static bool behaves(s64 type, u64 vpid, u64 gva, bool good)
{
	const struct vmx_descriptor desc = {vpid, gva};
	bool failed = insn_invvpid((u64)type, &desc);

	if (good) {
		return !failed;
	}
	return failed &&
	       vmcs_read32(VMCS_INSTRUCTION_ERROR) == ERROR_BAD_OPERAND;
}

static u32 try_type(s64 type)
{
	u32 wrong = 0;

	for (u32 i = 0; i < ARRAY_SIZE(rows); i++) {
		bool good = has_type(type) && rows[i].good[type & 3];

		if (!behaves(type, rows[i].vpid, rows[i].gva, good)) {
			log_line("selftest", "invvpid type %d, %s: not %s",
				 (int)type, rows[i].name,
				 good ? "done" : "refused");
			wrong++;
		}
	}
	return wrong;
}

void selftest_invvpid(void)
{
	u32 wrong = 0;
	u32 tried = 0;

	for (s64 type = -TYPE_MAX; type <= TYPE_MAX; type++) {
		wrong += try_type(type);
		tried += ARRAY_SIZE(rows);
	}
	log_line("selftest", "invvpid tried=%u wrong=%u", tried, wrong);
}
