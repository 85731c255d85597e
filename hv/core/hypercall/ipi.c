/* SPDX-License-Identifier: MIT */
/*
 * First decodes, which can fail and posts nothing; then posts, which cannot
 * fail. The interrupt is posted as one from the ICR is; the CPU of the target
 * handles it, whatever state the target is in.
 */

#include "core/hypercall/handlers.h"

#include "core/events/ipi.h"
#include "core/hypercall/input.h"
#include "core/state/partition.h"
#include "core/state/vp.h"

/* TargetVtl and the bytes after it must be 0 (abi.md: TargetVtl). */
static enum hv_status decode(const struct hv_ipi *ipi)
{
	if (ipi->vector < HV_IPI_VECTOR_FIRST ||
	    ipi->vector > HV_IPI_VECTOR_LAST) {
		return HV_STATUS_INVALID_PARAMETER;
	}
	if (ipi->target_vtl | ipi->reserved[0] | ipi->reserved[1] |
	    ipi->reserved[2]) {
		return HV_STATUS_INVALID_PARAMETER;
	}
	return HV_STATUS_SUCCESS;
}

/* ProcessorMask: VP indices 0 to 63; 0 names nobody (abi.md: set of nobody). */
struct hc_result hc_send_ipi(struct vp *vp, const struct hc_input *in)
{
	const struct hv_send_ipi *input = hc_header(vp);
	struct hc_result result = {.status = decode(&input->ipi)};

	(void)in;
	if (result.status == HV_STATUS_SUCCESS) {
		ipi_send_bank(vp->partition, 0, input->processor_mask,
			      (u8)input->ipi.vector);
	}
	return result;
}

static void send_all(const struct partition *p, u8 vector)
{
	for (u64 left = p->bank_mask; left != 0; left &= left - 1) {
		ipi_send_bank(p, (u32)__builtin_ctzll(left), ~0ull, vector);
	}
}

/* Banks ascending, one entry for each bit of the mask: HV_VP_SET. */
static void send_sparse(const struct vp *vp, u64 mask, u8 vector)
{
	const struct hv_send_ipi_ex *header = hc_header(vp);
	const u64 *bank = (const u64 *)(header + 1);

	for (u64 left = mask; left != 0; left &= left - 1) {
		ipi_send_bank(vp->partition, (u32)__builtin_ctzll(left),
			      *bank++, vector);
	}
}

/* The set as for 0x0013 (abi.md: set of nobody; abi.md: set format). */
struct hc_result hc_send_ipi_ex(struct vp *vp, const struct hc_input *in)
{
	const struct hv_send_ipi_ex *input = hc_header(vp);
	const struct hv_vp_set *set = &input->vp_set;
	struct hc_result result = {.status = decode(&input->ipi)};
	u32 banks = 0;

	for (u64 left = set->valid_banks_mask; left != 0; left &= left - 1) {
		banks++;
	}
	if (result.status != HV_STATUS_SUCCESS) {
		return result;
	}
	if (set->format > HV_GENERIC_SET_ALL) {
		result.status = HV_STATUS_INVALID_PARAMETER;
	} else if (in->bank_count != banks) {
		result.status = HV_STATUS_INVALID_HYPERCALL_INPUT;
	} else if (set->format == HV_GENERIC_SET_ALL) {
		send_all(vp->partition, (u8)input->ipi.vector);
	} else {
		send_sparse(vp, set->valid_banks_mask, (u8)input->ipi.vector);
	}
	return result;
}
