/* SPDX-License-Identifier: MIT */
/* The extended calls, codes above 0x8000: which of them are there. */
#ifndef HV_CORE_HYPERCALL_QUERY_CAPABILITIES_H
#define HV_CORE_HYPERCALL_QUERY_CAPABILITIES_H

#include "core/hypercall/hypercall.h"

/* TLFS HvExtCallQueryCapabilities */
struct hc_result hc_ext_query(struct vp *vp, const struct hc_input *in);

#endif
