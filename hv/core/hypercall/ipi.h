/* SPDX-License-Identifier: MIT */
/*
 * Calls 0x000b and 0x0015: a fixed interrupt to a set of VPs of the caller's
 * partition. TLFS HvCallSendSyntheticClusterIpi and its Ex form.
 */
#ifndef HV_CORE_HYPERCALL_IPI_H
#define HV_CORE_HYPERCALL_IPI_H

#include "core/hypercall/hypercall.h"

struct hc_result hc_send_ipi(struct vp *vp, const struct hc_input *in);
struct hc_result hc_send_ipi_ex(struct vp *vp, const struct hc_input *in);

#endif
