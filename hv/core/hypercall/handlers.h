/* SPDX-License-Identifier: MIT */
/* The handlers that table.c names; each comment below stands for one file. */
#ifndef HV_CORE_HYPERCALL_HANDLERS_H
#define HV_CORE_HYPERCALL_HANDLERS_H

#include "core/hypercall/hypercall.h"

/* Handlers of the four flush calls. TLFS "HvCallFlushVirtualAddress…". */
struct hc_result hc_flush_space(struct vp *vp, const struct hc_input *in);
struct hc_result hc_flush_list(struct vp *vp, const struct hc_input *in);
struct hc_result hc_flush_space_ex(struct vp *vp, const struct hc_input *in);
struct hc_result hc_flush_list_ex(struct vp *vp, const struct hc_input *in);

/*
 * Calls 0x000b and 0x0015: a fixed interrupt to a set of VPs of the caller's
 * partition. TLFS HvCallSendSyntheticClusterIpi and its Ex form.
 */
struct hc_result hc_send_ipi(struct vp *vp, const struct hc_input *in);
struct hc_result hc_send_ipi_ex(struct vp *vp, const struct hc_input *in);

/* HvCallGetVpRegisters and HvCallSetVpRegisters. */
struct hc_result hc_get_registers(struct vp *vp, const struct hc_input *in);
struct hc_result hc_set_registers(struct vp *vp, const struct hc_input *in);

/* HvCallTranslateVirtualAddress, with or without inhibiting flushes. */
struct hc_result hc_translate(struct vp *vp, const struct hc_input *in);

/* HvCallNotifyLongSpinWait: the caller spins on a lock. Advisory. */
struct hc_result hc_notify_spin(struct vp *vp, const struct hc_input *in);

/* HvExtCallQueryCapabilities: which extended calls after it exist. */
struct hc_result hc_ext_query(struct vp *vp, const struct hc_input *in);

/* The test-only call, answered where the partition has test-calls = yes. */
struct hc_result hc_counters_read(struct vp *vp, const struct hc_input *in);

#endif
