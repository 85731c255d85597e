/* SPDX-License-Identifier: MIT */
/* Registers of a VP with a software TLB: core/paging/guest_view.h. */
#ifndef HV_CORE_STATE_GUEST_VIEW_H
#define HV_CORE_STATE_GUEST_VIEW_H

#include "base/types.h"

/* As the guest wrote them; the VMCS has those that the CPU uses instead. */
struct guest_view {
	u64 cr3;
	u64 efer;
	u64 pdpte[4]; /* loaded by MOV CR in PAE paging */
};

#endif
