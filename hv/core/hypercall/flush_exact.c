/* SPDX-License-Identifier: MIT */
/*
 * The flush calls of a partition with software TLBs. Checks, targets, queues,
 * kicks and inhibits are those of flush.c; the request keeps the address space,
 * the format of the ranges and whether globals stay, and the caller's own part
 * waits in its own queue for its next entry.
 */
#include "core/hypercall/handlers.h"

#include "core/flush/caller.h"
#include "core/hypercall/table.h"
#include "core/hypercall/targets.h"
#include "core/state/cpu.h"
#include "core/state/partition.h"
#include "core/trace/record.h"

static enum hv_status find_targets(struct vp *vp, const struct hc_input *in,
				   struct vp_targets *targets)
{
	const struct hv_flush_ex *header = hc_header(vp);
	bool all = (header->flags & HV_FLUSH_ALL_PROCESSORS) != 0;
	u64 mask = ((const struct hv_flush *)hc_header(vp))->processor_mask;

	if (in->row->is_ex) {
		return hc_targets_of_set(vp, &header->vp_set, in->bank_count,
					 all, targets);
	}
	if (all) {
		hc_targets_all(vp, targets);
		return HV_STATUS_SUCCESS;
	}
	if (mask == 0) {
		return HV_STATUS_INVALID_PARAMETER;
	}
	hc_targets_of_mask(vp, mask, targets);
	return HV_STATUS_SUCCESS;
}

/* The header word of state/flush_queue.h. */
static u64 header_word(const struct hv_flush_ex *header, u32 count)
{
	u64 word = FIELD_PREP(FLUSH_WORD_COUNT, count) |
		   (header->address_space & FLUSH_WORD_SPACE);

	if (header->flags & HV_FLUSH_ALL_VIRTUAL_ADDRESS_SPACES) {
		word |= FLUSH_WORD_ALL_SPACES;
	}
	if (header->flags & HV_FLUSH_NON_GLOBAL_MAPPINGS_ONLY) {
		word |= FLUSH_WORD_NON_GLOBAL;
	}
	if (header->flags & HV_FLUSH_USE_EXTENDED_RANGE_FORMAT) {
		word |= FLUSH_WORD_EXTENDED;
	}
	return word;
}

/*
 * A list that is too long for the queue was not copied: everything goes. What
 * is for all address spaces has its bits.
 */
static enum flush_kind kind_of(const struct hc_input *in, u64 flags)
{
	if (in->row->is_rep) {
		return in->elements == NULL ? FLUSH_FULL : FLUSH_RANGES;
	}
	if (!(flags & HV_FLUSH_ALL_VIRTUAL_ADDRESS_SPACES)) {
		return FLUSH_RANGES;
	}
	return flags & HV_FLUSH_NON_GLOBAL_MAPPINGS_ONLY ? FLUSH_NON_GLOBAL
							 : FLUSH_FULL;
}

static void write_request(struct vp *vp, const struct hc_input *in,
			  struct flush_request *request)
{
	const struct hv_flush_ex *header = hc_header(vp);
	u32 count = in->row->is_rep ? in->count : 0;
	u64 *words = vp->cpu->flush_words;

	request->kind = kind_of(in, header->flags);
	if (request->kind != FLUSH_RANGES) {
		return;
	}
	words[0] = header_word(header, count);
	for (u32 i = 0; i < count; i++) {
		words[1 + i] = ((const u64 *)in->elements)[i];
	}
	request->ranges = words;
	request->range_count = 1 + count;
}

enum hv_status hc_flush_exact(struct vp *vp, struct hc_input *in)
{
	struct flush_request *request = &vp->cpu->flush;
	enum hv_status status = hc_flush_check_flags(vp, in);
	bool self;
	enum flush_end end;

	if (status == HV_STATUS_SUCCESS) {
		status = find_targets(vp, in, &request->targets);
	}
	if (status != HV_STATUS_SUCCESS) {
		return status;
	}
	write_request(vp, in, request);
	self = request->targets.self;
	request->targets.self = false;
	record_targets(vp, &request->targets.others);
	end = flush_run(vp, request);
	if (end == FLUSH_DONE && self) {
		flush_put_own(vp, request);
	}
	return (enum hv_status)end;
}
