/* SPDX-License-Identifier: MIT */
/* The clock is read after the first looks only: most waits end before. */
#include "core/cpu/wait.h"

#include "core/port/port.h"
#include "core/state/machine.h"

#define LOOKS         256 /* between two reads of the TSC */
#define WAITS_PER_SEC 10  /* of the longest */

static bool has_changed(const u64 *word, u64 was)
{
	for (u32 i = 0; i < LOOKS; i++) {
		/* pairs with the writer's release: what it did before is
		   seen */
		if (__atomic_load_n(word, __ATOMIC_ACQUIRE) != was) {
			return true;
		}
		port_pause();
	}
	return false;
}

bool wait_for_change(const u64 *word, u64 was)
{
	u64 limit;

	/* rule: wait-for-change */
	if (has_changed(word, was)) {
		return true;
	}
	limit = port_tsc() + machine.tsc_hz / WAITS_PER_SEC;
	while (!port_panicking() && port_tsc() <= limit) {
		if (has_changed(word, was)) {
			return true;
		}
	}
	return false;
}
