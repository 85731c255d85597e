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
 * The end of a list that was copied: in the private copy the extended format
 * becomes the simple one, and a large page makes it a full flush. Not inlined:
 * most lists are full flushes from the start.
 */
static __attribute__((noinline)) enum hv_status
run_ranges(struct vp *vp, const struct hc_input *in, u64 flags,
	   struct flush_request *request)
{
	u64 *ranges = in->elements;

	request->ranges = ranges;
	request->range_count = in->count;
	request->kind = FLUSH_RANGES;
	if ((flags & HV_FLUSH_USE_EXTENDED_RANGE_FORMAT) &&
	    !flush_range_from_extended(ranges, request->range_count, ranges)) {
		request->kind = FLUSH_FULL;
	}
	return (enum hv_status)flush_run(vp, request);
}

/*
 * The targets are decoded: what to flush, and run. Lists accept and ignore
 * NON_GLOBAL (abi.md: NON_GLOBAL on lists).
 */
static inline enum hv_status run(struct vp *vp, const struct hc_input *in,
				 u64 flags, struct flush_request *request)
{
	if (in->elements != NULL) {
		return run_ranges(vp, in, flags, request);
	}
	request->kind = FLUSH_FULL;
	if (UNLIKELY(flags & HV_FLUSH_NON_GLOBAL_MAPPINGS_ONLY) &&
	    !in->row->is_rep) {
		request->kind = FLUSH_NON_GLOBAL;
	}
	return (enum hv_status)flush_run(vp, request);
}

/* 0x0013 and 0x0014: a VP set; its banks are the variable header. */
static __attribute__((noinline)) enum hv_status
flush_set(struct vp *vp, const struct hc_input *in, u64 flags)
{
	const struct hv_flush_ex *header = hc_header(vp);
	struct flush_request *request = &vp->cpu->flush;
	enum hv_status status = hc_targets_of_set(
		vp, &header->vp_set, in->bank_count,
		(flags & HV_FLUSH_ALL_PROCESSORS) != 0, &request->targets);

	return status == HV_STATUS_SUCCESS ? run(vp, in, flags, request)
					   : status;
}

static __attribute__((noinline)) enum hv_status
flush_all(struct vp *vp, const struct hc_input *in, u64 flags)
{
	struct flush_request *request = &vp->cpu->flush;

	hc_targets_all(vp, &request->targets);
	return run(vp, in, flags, request);
}

/* 0x0002 and 0x0003: ProcessorMask, or all. */
static inline enum hv_status flush_mask(struct vp *vp,
					const struct hc_input *in, u64 flags)
{
	u64 mask = ((const struct hv_flush *)hc_header(vp))->processor_mask;
	struct flush_request *request = &vp->cpu->flush;

	if (UNLIKELY(flags & HV_FLUSH_ALL_PROCESSORS)) {
		if (vp->partition->all.banks != BIT(0)) {
			return flush_all(vp, in, flags);
		}
		mask = ~0ull;
	}
	/* abi.md: mask of nobody */
	if (UNLIKELY(mask == 0)) {
		return HV_STATUS_INVALID_PARAMETER;
	}
	hc_targets_of_mask(vp, mask, &request->targets);
	return run(vp, in, flags, request);
}

static inline enum hv_status flush_targets(struct vp *vp,
					   const struct hc_input *in, u64 flags)
{
	return in->row->is_ex ? flush_set(vp, in, flags)
			      : flush_mask(vp, in, flags);
}

/*
 * The extended format is for list calls, where it is offered (abi.md: extended
 * ranges). Every other flag that is not known is refused by all calls.
 */
enum hv_status hc_flush_check_flags(const struct vp *vp,
				    const struct hc_input *in)
{
	u64 unknown =
		((const struct hv_flush *)hc_header(vp))->flags & ~FLAGS_KNOWN;
	bool is_offered = (vp->partition->config->privileges.features &
			   HV_FEATURE_EXTENDED_RANGES) != 0;

	return unknown == 0 || (unknown == HV_FLUSH_USE_EXTENDED_RANGE_FORMAT &&
				in->row->is_rep && is_offered)
		       ? HV_STATUS_SUCCESS
		       : HV_STATUS_INVALID_PARAMETER;
}

/* Not inlined: guests rarely set a flag that needs a look. */
static __attribute__((noinline, cold)) enum hv_status
flush_extended(struct vp *vp, const struct hc_input *in, u64 flags)
{
	enum hv_status status = hc_flush_check_flags(vp, in);

	return status == HV_STATUS_SUCCESS ? flush_targets(vp, in, flags)
					   : status;
}

/* Flags, then targets, then ranges: each is checked before it is used. */
enum hv_status hc_flush(struct vp *vp, struct hc_input *in)
{
	u64 flags = ((const struct hv_flush *)hc_header(vp))->flags;

	return UNLIKELY(flags & ~FLAGS_KNOWN) ? flush_extended(vp, in, flags)
					      : flush_targets(vp, in, flags);
}
