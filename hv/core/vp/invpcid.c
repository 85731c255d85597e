/* SPDX-License-Identifier: MIT */
/* The descriptor is read like any memory operand, then checked. */
#include "core/vp/invpcid.h"

#include "core/paging/guest_view.h"
#include "core/paging/shadow_drop.h"
#include "core/port/port.h"
#include "core/state/partition.h"
#include "core/vp/entry_check.h"
#include "core/vp/shadow_vmcs.h"
#include "x86/cr.h"
#include "x86/exception.h"

#define TYPE_ADDRESS  0
#define TYPE_CONTEXT  1
#define TYPE_MAX      3
#define DESC_PCID     GENMASK(11, 0)
#define DESC_RESERVED GENMASK(63, 12)

static enum invpcid_end page_fault(struct vp *vp, gva_t gva, u32 error_code,
				   struct invpcid_answer *answer)
{
	shadow_page_fault(vp->shadow, gva);
	shadow_vmcs_sync(vp);
	answer->gva = gva;
	answer->error_code = error_code;
	return INVPCID_PAGE_FAULT;
}

/* Reads what lies in one page. */
static enum invpcid_end read_part(struct vp *vp, const struct walk_state *state,
				  gva_t from, void *to, size_t len,
				  struct invpcid_answer *answer)
{
	struct walk_result result;

	switch (walk(vp->partition, state, from, WALK_READ | WALK_SET_BITS,
		     &result)) {
	case WALK_OK:
		break;
	case WALK_NOT_PRESENT:
		return page_fault(vp, from, 0, answer);
	case WALK_DENIED:
		return page_fault(vp, from, X86_PF_PRESENT, answer);
	case WALK_BAD_FLAGS:
		return page_fault(vp, from, X86_PF_PRESENT | X86_PF_RESERVED,
				  answer);
	case WALK_AGAIN:
		return INVPCID_AGAIN;
	case WALK_UNMAPPED:
		answer->outside = result.gpa;
		return INVPCID_OUTSIDE;
	}
	if (port_read_guest(vp->partition, result.gpa, to, len) != ERR_OK) {
		answer->outside = result.gpa;
		return INVPCID_OUTSIDE;
	}
	return INVPCID_DONE;
}

static enum invpcid_end read_descriptor(struct vp *vp, gva_t from, u64 desc[2],
					struct invpcid_answer *answer)
{
	size_t first = PAGE_SIZE - (from.v & ~PAGE_MASK);
	struct walk_state state;
	enum invpcid_end end;

	shadow_vmcs_state(vp, &state);
	if (first >= 2 * sizeof(u64)) {
		return read_part(vp, &state, from, desc, 2 * sizeof(u64),
				 answer);
	}
	end = read_part(vp, &state, from, desc, first, answer);
	if (end == INVPCID_DONE) {
		end = read_part(vp, &state, operand_byte(from, first),
				(u8 *)desc + first, 2 * sizeof(u64) - first,
				answer);
	}
	return end;
}

/* Outside PCIDE there is PCID 0 only. */
static bool is_legal(u64 type, const u64 desc[2])
{
	if (type > TYPE_MAX || (desc[0] & DESC_RESERVED)) {
		return false;
	}
	if (type <= TYPE_CONTEXT && (desc[0] & DESC_PCID) &&
	    !(view_cr4() & CR4_PCIDE)) {
		return false;
	}
	return type != TYPE_ADDRESS || entry_check_canonical(desc[1]);
}

enum invpcid_end invpcid_execute(struct vp *vp, const struct operand *operand,
				 struct invpcid_answer *answer)
{
	u64 type = operand_register(vp,
				    FIELD_GET(OPERAND_REGISTER, operand->info));
	enum invpcid_end end;
	gva_t from;
	u64 desc[2];

	if (!operand_address(vp, operand, &from, &answer->vector)) {
		return INVPCID_EXCEPTION;
	}
	end = read_descriptor(vp, from, desc, answer);
	if (end != INVPCID_DONE) {
		return end;
	}
	if (!is_legal(type, desc)) {
		answer->vector = X86_VECTOR_GP;
		return INVPCID_EXCEPTION;
	}
	if (view_cr0() & CR0_PG) {
		shadow_invpcid(vp->shadow, (u32)type,
			       (u32)(desc[0] & DESC_PCID), (gva_t){desc[1]});
		shadow_vmcs_sync(vp);
	}
	return INVPCID_DONE;
}
