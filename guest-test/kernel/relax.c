/* SPDX-License-Identifier: MIT */
/* A VP that waits must not take CPU time from those it waits for. */
#include "kernel/relax.h"
#include "kernel/cmdline.h"
#include "kernel/cpu.h"
#include "kernel/host.h"

void relax_yield(void)
{
	if (cmdline_get()->overcommit && host_get()->is_hyperv) {
		(void)host_yield();
	}
}

void relax(void)
{
	cpu_pause();
	relax_yield();
}
