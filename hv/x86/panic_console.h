/* SPDX-License-Identifier: MIT */
/* The debug console after a panic. */
#ifndef HV_X86_PANIC_CONSOLE_H
#define HV_X86_PANIC_CONSOLE_H

#include "base/types.h"

/*
 * Serves the console for ever, on the CPU that panicked: it polls COM1, and
 * runs only commands that need no other CPU. An exception in a command comes
 * back here by way of the panic. All other CPUs have stopped.
 */
void panic_console_run(void) __noreturn;

#endif
