/* SPDX-License-Identifier: MIT */
/*
 * Events on their way into a VP. A prepared event belongs to the entry: an
 * aborted or failed entry leaves it, INIT clears it, a VM exit consumes it.
 * rule: prepared-event-stays
 */
#ifndef HV_CORE_VP_INJECT_H
#define HV_CORE_VP_INJECT_H

#include "base/types.h"

struct vp;

/*
 * Prepares the next NMI or interrupt if the guest can take it now, else asks
 * for the window exit. Called on the VP's own CPU, with its VMCS current and
 * the run word even.
 */
void inject_prepare(struct vp *vp);

/*
 * Prepares nothing and asks for no window, until the next exit. Called as
 * above.
 */
void inject_hold(struct vp *vp);

/*
 * What is prepared is delivered, then guest mode ends before an instruction,
 * unless it is an NMI. Holds until inject_prepare() or inject_hold().
 */
void inject_alone(struct vp *vp);

/*
 * Prepares a hardware exception, and RF = 1 for a fault. Pre: nothing is
 * prepared.
 */
void inject_exception(struct vp *vp, u8 vector);
void inject_exception_error(struct vp *vp, u8 vector, u32 error_code);

/*
 * Prepares INT n, whose bytes are `len`, instead of its execution at RIP. Pre:
 * nothing is prepared.
 */
void inject_software_interrupt(struct vp *vp, u8 vector, u32 len);

/*
 * The exit interrupted the delivery of an event (IDT-vectoring information is
 * valid): prepares it again. SDM 3C, "Information for VM Exits That Occur
 * During Event Delivery". rule: interrupted-event-first
 */
void inject_again(struct vp *vp, u32 vectoring_info);

/*
 * The same, where another event goes first: an interrupt or NMI becomes pending
 * again. Exceptions and software interrupts come again by themselves.
 */
void inject_later(struct vp *vp, u32 vectoring_info);

/*
 * Takes back what is prepared, because RIP or the state that it was prepared
 * for changes. An interrupt or NMI becomes pending again; INT n and the like
 * recur by themselves if RIP stays there. An exception stays prepared.
 */
void inject_take_back(struct vp *vp);

/*
 * A #GP or #PF that arises while `vectoring_info` (0: none) was being
 * delivered: the double-fault table of SDM 3A, "Interrupt 8". False: triple
 * fault. If the #PF goes first, an interrupted interrupt or NMI becomes pending
 * again.
 */
bool inject_gp_during(struct vp *vp, u32 vectoring_info);
bool inject_pf_during(struct vp *vp, u32 error_code, u32 vectoring_info);

#endif
