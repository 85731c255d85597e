/* SPDX-License-Identifier: MIT */
/*
 * The flush calls: decode, which can fail and changes nothing, then run, which
 * cannot fail. AddressSpace is not looked at (abi.md: AddressSpace): the flush
 * covers all address spaces of the VP.
 */

#include "core/hypercall/handlers.h"

#include "core/flush/caller.h"
#include "core/flush/range.h"
#include "core/hypercall/input.h"
#include "core/state/cpu.h"
#include "core/state/flush_queue.h"
#include "core/state/partition.h"
#include "core/state/vp.h"
#include "tlfs/cpuid.h"

#define FLAGS_KNOWN                                                            \
	(HV_FLUSH_ALL_PROCESSORS | HV_FLUSH_ALL_VIRTUAL_ADDRESS_SPACES |       \
	 HV_FLUSH_NON_GLOBAL_MAPPINGS_ONLY)
/* Legal, and without an effect on the set and the format */
#define FLAGS_NO_EFFECT (FLAGS_KNOWN & ~HV_FLUSH_ALL_PROCESSORS)

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
		in->count != 0 &&
		(vp->partition->config->privileges.features &
		 HV_FEATURE_EXTENDED_RANGES));
}

/* Not inlined: more than one bank is rare. */
static __attribute__((noinline)) void target_all(struct vp *vp,
						 struct flush_request *request)
{
	const struct partition *p = vp->partition;

	request->banks = p->bank_mask;
	for (u64 left = p->bank_mask; left != 0; left &= left - 1) {
		u32 bank = (u32)__builtin_ctzll(left);

		vp->cpu->targets[bank] = p->vp_exists[bank];
	}
	flush_take_self(vp, request);
}

/* Bank 0. VPs that do not exist are ignored, as every implementation does. */
static inline void target_mask(struct vp *vp, u64 mask,
			       struct flush_request *request)
{
	u64 bits = mask & vp->partition->vp_exists[0];
	u64 others = bits & ~vp->mask_bit; /* as flush_take_self() does */

	request->self = others != bits;
	request->banks = others != 0;
	vp->cpu->targets[0] = others;
}

/* 0x0002 and 0x0003: ProcessorMask names VP indices 0 to 63. */
static inline enum hv_status decode_mask(struct vp *vp,
					 const struct hc_input *in, u64 flags,
					 struct flush_request *request)
{
	u64 mask = ((const struct hv_flush *)hc_header(vp))->processor_mask;

	if (UNLIKELY(flags & ~FLAGS_NO_EFFECT)) {
		if (UNLIKELY(flags & ~FLAGS_KNOWN) &&
		    !flags_are_legal(vp, in, flags)) {
			return HV_STATUS_INVALID_PARAMETER;
		}
		if (flags & HV_FLUSH_ALL_PROCESSORS) {
			if (vp->partition->bank_mask != BIT(0)) {
				target_all(vp, request);
				return HV_STATUS_SUCCESS;
			}
			mask = ~0ull;
		}
	}
	/* abi.md: mask of nobody */
	if (UNLIKELY(mask == 0)) {
		return HV_STATUS_INVALID_PARAMETER;
	}
	target_mask(vp, mask, request);
	return HV_STATUS_SUCCESS;
}

/* Banks ascending, one entry for each bit of the mask: HV_VP_SET. */
static void target_sparse(struct vp *vp, u64 mask,
			  struct flush_request *request)
{
	const struct partition *p = vp->partition;
	const struct hv_flush_ex *header = hc_header(vp);
	const u64 *word = (const u64 *)(header + 1);

	request->banks = 0;
	for (u64 left = mask; left != 0; left &= left - 1) {
		u32 bank = (u32)__builtin_ctzll(left);
		u64 bits = *word++ & p->vp_exists[bank];

		if (bits != 0) {
			vp->cpu->targets[bank] = bits;
			request->banks |= BIT(bank);
		}
	}
	flush_take_self(vp, request);
}

static u32 count_bits(u64 word)
{
	u32 count = 0;

	for (; word != 0; word &= word - 1) {
		count++;
	}
	return count;
}

/* 0x0013 and 0x0014: a VP set; its banks are the variable header. */
static enum hv_status decode_set(struct vp *vp, const struct hc_input *in,
				 struct flush_request *request)
{
	const struct hv_flush_ex *header = hc_header(vp);

	if (!flags_are_legal(vp, in, header->flags)) {
		return HV_STATUS_INVALID_PARAMETER;
	}
	if (header->vp_set.format > HV_GENERIC_SET_ALL) {
		return HV_STATUS_INVALID_PARAMETER;
	}
	/* abi.md: variable header length */
	if (in->bank_count != count_bits(header->vp_set.valid_banks_mask)) {
		return HV_STATUS_INVALID_HYPERCALL_INPUT;
	}
	if ((header->flags & HV_FLUSH_ALL_PROCESSORS) ||
	    header->vp_set.format == HV_GENERIC_SET_ALL) {
		target_all(vp, request);
	} else {
		/* abi.md: set of nobody */
		target_sparse(vp, header->vp_set.valid_banks_mask, request);
	}
	return HV_STATUS_SUCCESS;
}

/* Space calls: everything, or everything but globals. */
static struct hc_result perform_space(struct vp *vp, u64 flags,
				      struct flush_request *request)
{
	request->kind = (flags & HV_FLUSH_NON_GLOBAL_MAPPINGS_ONLY)
				? FLUSH_NON_GLOBAL
				: FLUSH_FULL;
	return (struct hc_result){.status = HV_STATUS_SUCCESS,
				  .waits_for = flush_run(vp, request)};
}

/*
 * Decodes a list that was copied: in the private copy the extended format
 * becomes the simple one, and a large page makes it a full flush. Not inlined:
 * most lists are full flushes from the start.
 */
static __attribute__((noinline)) void
take_ranges(const struct hc_input *in, u64 flags, struct flush_request *request)
{
	u64 *ranges = in->elements;

	request->ranges = ranges;
	request->range_count = in->count - in->start;
	if (!(flags & HV_FLUSH_USE_EXTENDED_RANGE_FORMAT) ||
	    flush_range_from_extended(ranges, request->range_count, ranges)) {
		request->kind = FLUSH_RANGES;
	}
}

/*
 * List calls: NON_GLOBAL is accepted and ignored (abi.md: NON_GLOBAL on lists).
 * Decoded before the set, so that the compiler can keep the set in registers.
 */
static inline void decode_list(const struct hc_input *in, u64 flags,
			       struct flush_request *request)
{
	/* a list that becomes a full flush anyway was not copied */
	request->kind = FLUSH_FULL;
	if (in->elements != NULL) {
		take_ranges(in, flags, request);
	}
}

static inline struct hc_result perform_list(struct vp *vp,
					    const struct hc_input *in,
					    const struct flush_request *request)
{
	struct vp *inhibited = flush_run(vp, request);

	return (struct hc_result){.word = hc_word_done(in->count),
				  .waits_for = inhibited};
}

struct hc_result hc_flush_space(struct vp *vp, const struct hc_input *in)
{
	u64 flags = ((const struct hv_flush *)hc_header(vp))->flags;
	struct flush_request request;
	enum hv_status status = decode_mask(vp, in, flags, &request);

	if (status != HV_STATUS_SUCCESS) {
		return (struct hc_result){.status = status, .done = 0};
	}
	return perform_space(vp, flags, &request);
}

struct hc_result hc_flush_list(struct vp *vp, const struct hc_input *in)
{
	u64 flags = ((const struct hv_flush *)hc_header(vp))->flags;
	struct flush_request request;
	enum hv_status status;

	decode_list(in, flags, &request);
	status = decode_mask(vp, in, flags, &request);
	if (status != HV_STATUS_SUCCESS) {
		return (struct hc_result){.status = status,
					  .done = (u16)in->start};
	}
	return perform_list(vp, in, &request);
}

struct hc_result hc_flush_space_ex(struct vp *vp, const struct hc_input *in)
{
	const struct hv_flush_ex *header = hc_header(vp);
	struct flush_request request;
	enum hv_status status = decode_set(vp, in, &request);

	if (status != HV_STATUS_SUCCESS) {
		return (struct hc_result){.status = status, .done = 0};
	}
	return perform_space(vp, header->flags, &request);
}

struct hc_result hc_flush_list_ex(struct vp *vp, const struct hc_input *in)
{
	const struct hv_flush_ex *header = hc_header(vp);
	struct flush_request request;
	enum hv_status status;

	decode_list(in, header->flags, &request);
	status = decode_set(vp, in, &request);
	if (status != HV_STATUS_SUCCESS) {
		return (struct hc_result){.status = status,
					  .done = (u16)in->start};
	}
	return perform_list(vp, in, &request);
}
