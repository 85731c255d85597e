/* SPDX-License-Identifier: MIT */
/* port_invvpid() and port_invept() of core/port/port.h, by tlb.c. */
#ifndef HV_VMX_TLB_H
#define HV_VMX_TLB_H

#include "core/port/port.h"

#endif
