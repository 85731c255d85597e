/* SPDX-License-Identifier: MIT */
/*
 * If a translation fails, the call still succeeds: the result code in the
 * output has the reason. With TLB_FLUSH_INHIBIT the inhibit comes before the
 * walk, so that the result stays valid until the inhibit is cleared.
 * rule: inhibit-before-walk
 */

#include "core/hypercall/handlers.h"

#include "core/flush/inhibit.h"
#include "core/paging/overlay.h"
#include "core/paging/published.h"
#include "core/paging/walk.h"
#include "core/partition/access.h"
#include "core/state/partition.h"
#include "core/state/vp.h"
#include "tlfs/register.h"

#define FLAGS_ACCESS                                                           \
	(HV_TRANSLATE_READ | HV_TRANSLATE_WRITE | HV_TRANSLATE_EXECUTE)
#define FLAGS_KNOWN                                                            \
	(FLAGS_ACCESS | HV_TRANSLATE_PRIVILEGE_EXEMPT |                        \
	 HV_TRANSLATE_SET_PTE_BITS | HV_TRANSLATE_FLUSH_INHIBIT)
#define FLAGS_WALK    (FLAGS_KNOWN & ~HV_TRANSLATE_FLUSH_INHIBIT)
#define GVA_PAGE_BITS 52

static const enum hv_translate_code codes[] = {
	[WALK_OK] = HV_TRANSLATE_SUCCESS,
	[WALK_NOT_PRESENT] = HV_TRANSLATE_PAGE_NOT_PRESENT,
	[WALK_DENIED] = HV_TRANSLATE_PRIVILEGE_VIOLATION,
	[WALK_BAD_FLAGS] = HV_TRANSLATE_INVALID_PAGE_TABLE_FLAGS,
	[WALK_UNMAPPED] = HV_TRANSLATE_GPA_UNMAPPED,
};

static enum hv_status decode(struct vp *vp, const struct hv_translate *input,
			     struct vp **target)
{
	enum hv_status status =
		access_vp(vp, input->partition_id, input->vp_index, target);

	if (status != HV_STATUS_SUCCESS) {
		return status;
	}
	/* an input VTL is among the flags that are not known */
	if ((input->flags & ~FLAGS_KNOWN) || !(input->flags & FLAGS_ACCESS) ||
	    input->gva_page >> GVA_PAGE_BITS != 0) {
		return HV_STATUS_INVALID_PARAMETER;
	}
	return HV_STATUS_SUCCESS;
}

static enum hv_translate_code fill_output(const struct partition *p,
					  enum walk_status status,
					  const struct walk_result *walked,
					  u64 flags,
					  struct hv_translate_output *out)
{
	enum hv_translate_code code = codes[status];
	/* it can be read and executed, but not written */
	bool overlay = status == WALK_OK && overlay_covers(p, walked->gpa);

	if (overlay && (flags & HV_TRANSLATE_WRITE)) {
		code = HV_TRANSLATE_GPA_ILLEGAL_OVERLAY_ACCESS;
	}
	*out = (struct hv_translate_output){
		.result = FIELD_PREP(HV_TRANSLATE_RESULT_CODE, code)};
	if (code == HV_TRANSLATE_SUCCESS) {
		out->result |= FIELD_PREP(HV_TRANSLATE_RESULT_CACHE,
					  walked->memory_type);
		out->gpa_page = walked->gpa.v >> PAGE_SHIFT;
	}
	if (overlay) {
		out->result |= HV_TRANSLATE_RESULT_OVERLAY;
	}
	return code;
}

static enum walk_status translate(struct vp *vp, struct vp *target,
				  const struct hv_translate *input,
				  struct walk_result *walked)
{
	gva_t gva = {input->gva_page << PAGE_SHIFT};
	struct walk_state state;
	struct published regs;

	published_read(vp, target, &regs);
	walk_state(&state, &regs);
	/* a software TLB has none, whatever the CPU has */
	state.has_1g_pages = state.has_1g_pages && target->shadow == NULL;
	return walk(target->partition, &state, gva, input->flags & FLAGS_WALK,
		    walked);
}

enum hv_status hc_translate(struct vp *vp, struct hc_input *in)
{
	const struct hv_translate *input = hc_header(vp);
	enum hv_translate_code code = HV_TRANSLATE_INTERCEPT;
	struct walk_result walked = {{0}, 0};
	enum walk_status walk_status;
	struct vp *target;
	bool inhibit = (input->flags & HV_TRANSLATE_FLUSH_INHIBIT) != 0;
	enum hv_status status = decode(vp, input, &target);

	if (status != HV_STATUS_SUCCESS) {
		return status;
	}
	if (inhibit) {
		inhibit_enter(target);
	}
	walk_status = translate(vp, target, input, &walked);
	if (walk_status != WALK_AGAIN) {
		code = fill_output(target->partition, walk_status, &walked,
				   input->flags, in->output);
	}
	if (inhibit && code == HV_TRANSLATE_SUCCESS) {
		inhibit_keep(target, vp->partition);
	} else if (inhibit) {
		inhibit_leave(target);
	}
	return walk_status == WALK_AGAIN ? HC_AGAIN : HV_STATUS_SUCCESS;
}
