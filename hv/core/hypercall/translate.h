/* SPDX-License-Identifier: MIT */
/* HvCallTranslateVirtualAddress, with or without inhibiting flushes. */
#ifndef HV_CORE_HYPERCALL_TRANSLATE_H
#define HV_CORE_HYPERCALL_TRANSLATE_H

#include "core/hypercall/hypercall.h"

struct hc_result hc_translate(struct vp *vp, const struct hc_input *in);

#endif
