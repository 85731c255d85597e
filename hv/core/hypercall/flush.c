/* SPDX-License-Identifier: MIT */
/*
 * The flush calls: decode, which can fail and changes nothing, then run, which
 * cannot fail. AddressSpace is not examined (abi.md: AddressSpace): the flush
 * covers all address spaces of the VP. The row says which of the four calls it
 * is: is_rep for List, is_ex for Ex.
 */
#include "core/hypercall/handlers.h"

#include "core/flush/caller.h"
#include "core/flush/range.h"
#include "core/hypercall/table.h"
#include "core/hypercall/targets.h"
#include "core/state/partition.h"
#include "tlfs/cpuid.h"

_Static_assert(offsetof(struct hv_flush, flags) ==
		       offsetof(struct hv_flush_ex, flags),
	       "both headers begin alike");

#define FLAGS_KNOWN                                                            \
	(HV_FLUSH_ALL_PROCESSORS | HV_FLUSH_ALL_VIRTUAL_ADDRESS_SPACES |       \
	 HV_FLUSH_NON_GLOBAL_MAPPINGS_ONLY)

/*
 * The extended format is for list calls, where it is offered (abi.md: extended
 * ranges). Every other flag that is not known is refused by all calls.
 */
static bool flags_are_legal(const struct vp *vp, const struct hc_input *in,
			    u64 flags)
{
	u64 unknown = flags & ~FLAGS_KNOWN;

	return LIKELY(unknown == 0) ||
	       (unknown == HV_FLUSH_USE_EXTENDED_RANGE_FORMAT &&
		in->row->is_rep &&
		(vp->partition->config->privileges.features &
		 HV_FEATURE_EXTENDED_RANGES));
}

/* 0x0002 and 0x0003: ProcessorMask, or all. */
static inline enum hv_status decode_mask(const struct vp *vp, u64 flags,
					 struct vp_set *set)
{
	u64 mask = ((const struct hv_flush *)hc_header(vp))->processor_mask;

	if (UNLIKELY(flags & HV_FLUSH_ALL_PROCESSORS)) {
		hc_targets_all(vp->partition, set);
		return HV_STATUS_SUCCESS;
	}
	/* abi.md: mask of nobody */
	if (UNLIKELY(mask == 0)) {
		return HV_STATUS_INVALID_PARAMETER;
	}
	hc_targets_of_mask(vp->partition, mask, set);
	return HV_STATUS_SUCCESS;
}

/* 0x0013 and 0x0014: a VP set; its banks are the variable header. */
static enum hv_status decode_set(const struct vp *vp, u32 bank_count, u64 flags,
				 struct vp_set *set)
{
	const struct hv_flush_ex *header = hc_header(vp);

	return hc_targets_of_set(vp->partition, &header->vp_set, bank_count,
				 (flags & HV_FLUSH_ALL_PROCESSORS) != 0, set);
}

/*
 * A list that was copied: in the private copy the extended format becomes the
 * simple one, and a large page makes it a full flush. Not inlined: most lists
 * are full flushes from the start.
 */
static __attribute__((noinline)) void
decode_ranges(const struct hc_input *in, u64 flags,
	      struct flush_request *request)
{
	u64 *ranges = in->elements;

	request->ranges = ranges;
	request->range_count = in->end - in->start;
	if (!(flags & HV_FLUSH_USE_EXTENDED_RANGE_FORMAT) ||
	    flush_range_from_extended(ranges, request->range_count, ranges)) {
		request->kind = FLUSH_RANGES;
	}
}

/* NON_GLOBAL is accepted and ignored by lists (abi.md: NON_GLOBAL on lists). */
static inline void decode_kind(const struct hc_input *in, u64 flags,
			       struct flush_request *request)
{
	request->kind = FLUSH_FULL;
	if (in->elements != NULL) {
		decode_ranges(in, flags, request);
	} else if ((flags & HV_FLUSH_NON_GLOBAL_MAPPINGS_ONLY) &&
		   !in->row->is_rep) {
		request->kind = FLUSH_NON_GLOBAL;
	}
}

enum hv_status hc_flush(struct vp *vp, struct hc_input *in)
{
	u64 flags = ((const struct hv_flush *)hc_header(vp))->flags;
	struct vp_set *set = &vp->cpu->targets;
	struct flush_request request;
	enum hv_status status;
	bool inhibited;

	if (UNLIKELY(!flags_are_legal(vp, in, flags))) {
		return HV_STATUS_INVALID_PARAMETER;
	}
	status = UNLIKELY(in->row->is_ex)
			 ? decode_set(vp, in->bank_count, flags, set)
			 : decode_mask(vp, flags, set);
	if (UNLIKELY(status != HV_STATUS_SUCCESS)) {
		return status;
	}
	request.others = set;
	/* rule: caller-out-of-set */
	request.self = vp_set_take(set, vp->bank, vp->bank_bit);
	decode_kind(in, flags, &request);
	inhibited = flush_run(vp, &request);
	return inhibited ? HC_SUSPEND : HV_STATUS_SUCCESS;
}
