/* SPDX-License-Identifier: MIT */
/* Handlers of the four flush calls. TLFS "HvCallFlushVirtualAddress…". */
#ifndef HV_CORE_HYPERCALL_FLUSH_H
#define HV_CORE_HYPERCALL_FLUSH_H

#include "core/hypercall/hypercall.h"

struct hc_result hc_flush_space(struct vp *vp, const struct hc_input *in);
struct hc_result hc_flush_list(struct vp *vp, const struct hc_input *in);
struct hc_result hc_flush_space_ex(struct vp *vp, const struct hc_input *in);
struct hc_result hc_flush_list_ex(struct vp *vp, const struct hc_input *in);

#endif
