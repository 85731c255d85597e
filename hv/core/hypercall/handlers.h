/* SPDX-License-Identifier: MIT */
/* The handlers that table.c names; each comment below stands for one file. */
#ifndef HV_CORE_HYPERCALL_HANDLERS_H
#define HV_CORE_HYPERCALL_HANDLERS_H

#include "core/hypercall/hypercall.h"

/* The four flush calls. TLFS "HvCallFlushVirtualAddress…". */
enum hv_status hc_flush(struct vp *vp, struct hc_input *in);

/* The same for VPs with a software TLB. */
enum hv_status hc_flush_exact(struct vp *vp, struct hc_input *in);

/* Of a flush call: SUCCESS, or what an unknown flag ends it with. */
enum hv_status hc_flush_check_flags(const struct vp *vp,
				    const struct hc_input *in);

/*
 * Calls 0x000b and 0x0015: a fixed interrupt to a set of VPs of the caller's
 * partition. TLFS HvCallSendSyntheticClusterIpi and its Ex form.
 */
enum hv_status hc_send_ipi(struct vp *vp, struct hc_input *in);

/* HvCallGetVpRegisters and HvCallSetVpRegisters. */
enum hv_status hc_get_registers(struct vp *vp, struct hc_input *in);
enum hv_status hc_set_registers(struct vp *vp, struct hc_input *in);

/* HvCallTranslateVirtualAddress, with or without inhibiting flushes. */
enum hv_status hc_translate(struct vp *vp, struct hc_input *in);

/* HvCallNotifyLongSpinWait: the caller spins on a lock. Advisory. */
enum hv_status hc_notify_spin(struct vp *vp, struct hc_input *in);

/* HvExtCallQueryCapabilities: which extended calls after it exist. */
enum hv_status hc_ext_query(struct vp *vp, struct hc_input *in);

/* The test-only call, answered where the partition has test-calls = yes. */
enum hv_status hc_counters_read(struct vp *vp, struct hc_input *in);

#endif
