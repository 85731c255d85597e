/* SPDX-License-Identifier: MIT */
/* The stack in a panic report, for lethe.debug.backtrace and for the eye. */
#ifndef HV_X86_BACKTRACE_H
#define HV_X86_BACKTRACE_H

#include "base/types.h"

/*
 * Prints by panic_line() the 64 words of the stack from `rsp` on, those that
 * may be return addresses with `?`; then up to 32 more of these from the rest
 * of the stack. Reads mapped stacks only. Panicking CPU only.
 */
void backtrace_print(u64 rsp);

#endif
