/* SPDX-License-Identifier: MIT */
/*
 * First decodes, which can fail and posts nothing; then posts, which cannot
 * fail. The interrupt is posted as one from the ICR is; the CPU of the target
 * handles it, whatever state the target is in.
 */
#include "core/hypercall/handlers.h"

#include "core/events/ipi.h"
#include "core/events/post.h"
#include "core/hypercall/table.h"
#include "core/hypercall/targets.h"

/* TargetVtl and the bytes after it must be 0 (abi.md: TargetVtl). */
static bool is_legal(const struct hv_ipi *ipi)
{
	return ipi->vector >= HV_IPI_VECTOR_FIRST &&
	       ipi->vector <= HV_IPI_VECTOR_LAST &&
	       !(ipi->target_vtl | ipi->reserved[0] | ipi->reserved[1] |
		 ipi->reserved[2]);
}

/*
 * 0x000b: ProcessorMask; 0 names nobody (abi.md: set of nobody). 0x0015: a set
 * as for 0x0013.
 */
static enum hv_status decode_targets(const struct vp *vp,
				     const struct hc_input *in,
				     struct vp_targets *targets)
{
	const struct hv_send_ipi *header = hc_header(vp);
	const struct hv_send_ipi_ex *header_ex = hc_header(vp);

	if (in->row->is_ex) {
		return hc_targets_of_set(vp, &header_ex->vp_set, in->bank_count,
					 false, targets);
	}
	hc_targets_of_mask(vp, header->processor_mask, targets);
	return HV_STATUS_SUCCESS;
}

enum hv_status hc_send_ipi(struct vp *vp, struct hc_input *in)
{
	const struct hv_ipi *ipi = hc_header(vp);
	struct vp_targets targets;
	enum hv_status status;

	if (!is_legal(ipi)) {
		return HV_STATUS_INVALID_PARAMETER;
	}
	status = decode_targets(vp, in, &targets);
	if (status != HV_STATUS_SUCCESS) {
		return status;
	}
	if (targets.self) {
		vp_post_irq(vp, (u8)ipi->vector);
	}
	ipi_send_set(vp->partition, &targets.others, (u8)ipi->vector);
	return HV_STATUS_SUCCESS;
}
