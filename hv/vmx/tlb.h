/* SPDX-License-Identifier: MIT */
/* port_invvpid() and port_invept(), core/port.h, are implemented by tlb.c. */
#ifndef HV_VMX_TLB_H
#define HV_VMX_TLB_H

#include "core/port.h"

#endif
