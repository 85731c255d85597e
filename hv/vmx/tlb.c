/* SPDX-License-Identifier: MIT */
/*
 * INVVPID and INVEPT. tlb_invvpid() is the only INVVPID for a guest's VPID; it
 * counts what it executes, and a debugger's breakpoint on it sees the same
 * INVVPIDs.
 */
#include "vmx/tlb.h"

#include "core/state/machine.h"
#include "core/state/partition.h"
#include "core/state/vp.h"
#include "vmx/insn.h"

#define INVEPT_SINGLE 1
#define INVEPT_ALL    2

/*
 * RDI = type, RSI = VPID, RDX = address, for the breakpoint: `used` keeps the
 * optimiser from another calling convention.
 */
__attribute__((noinline, used)) static void tlb_invvpid(u64 type, u64 vpid,
							u64 gva)
{
	const struct vmx_descriptor desc = {vpid, gva};

	if (UNLIKELY(insn_invvpid(type, &desc))) {
		port_panic("INVVPID failed: type=%lu vpid=%lu gva=0x%lx", type,
			   vpid, gva);
	}
}

/*
 * Kept short, because a list call may come here 32 times. `gva` is a page's
 * address.
 */
static void count(struct vp *vp, enum invvpid_type type, gva_t gva)
{
	u64 at = vp->own.invvpid_count++ % LETHE_TEST_RECORDS;

	vp->own.invvpid_records[at] = gva.v | type;
	vp->own.invvpid_type[type]++;
}

void port_invvpid(enum invvpid_type type, struct vp *vp, gva_t gva)
{
	count(vp, type, gva);
	tlb_invvpid(type, vp->vpid, gva.v);
}

void port_invept(struct partition *p)
{
	const struct vmx_descriptor desc = {p->ept.eptp, 0};

	if (insn_invept(machine.invept_single ? INVEPT_SINGLE : INVEPT_ALL,
			&desc)) {
		port_panic("INVEPT failed: eptp=0x%lx", p->ept.eptp);
	}
}
