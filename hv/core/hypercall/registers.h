/* SPDX-License-Identifier: MIT */
/* HvCallGetVpRegisters and HvCallSetVpRegisters. */
#ifndef HV_CORE_HYPERCALL_REGISTERS_H
#define HV_CORE_HYPERCALL_REGISTERS_H

#include "core/hypercall/hypercall.h"

struct hc_result hc_get_registers(struct vp *vp, const struct hc_input *in);
struct hc_result hc_set_registers(struct vp *vp, const struct hc_input *in);

#endif
