/* SPDX-License-Identifier: MIT */
/*
 * What the debug console's `demo` looks at: VP 0 flushes a page from the TLB of
 * VP 1 again and again, until the machine ends.
 */
#include "call/flush.h"
#include "harness/suite.h"
#include "harness/tap.h"
#include "kernel/cpu.h"
#include "kernel/relax.h"
#include "kernel/serial.h"
#include "kernel/smp.h"
#include "kernel/watchdog.h"
#include "suites/tour/measure.h"

#define PAUSES 2000 /* between two calls */

static void spin(void *arg)
{
	(void)arg;
	for (;;) {
		relax();
	}
}

static void flush_for_ever(const void *arg)
{
	static u64 range;
	const struct vpset target = vpset_one(1);
	struct flush_call call = flush_call_list(&target, &range, 1);

	(void)arg;
	watchdog_stop();
	range = flush_call_range(TOUR_GVA, 0);
	serial_puts("# demo: VP 0 flushes one page of VP 1 again and again. "
		    "Type `demo` to see what an inhibit does to it.\n");
	smp_run(1, spin, NULL);
	for (;;) {
		(void)flush_call_do(&call);
		for (u32 i = 0; i < PAUSES; i++) {
			relax();
		}
	}
}

/* clang-format off */
static const struct check checks[] = {
	{"flush_for_ever", "TLFS: HvCallFlushVirtualAddressList",
	 flush_for_ever, NULL, 2, NEED_HV},
};
/* clang-format on */

SUITE("demo", 490, checks);
