/* SPDX-License-Identifier: MIT */
/* Sorts and prints: minimum, median. */
#include "harness/timing.h"
#include "kernel/serial.h"

static void sort(u64 *v, u32 count)
{
	for (u32 i = 1; i < count; i++) {
		u64 x = v[i];
		u32 k = i;

		for (; k > 0 && v[k - 1] > x; k--) {
			v[k] = v[k - 1];
		}
		v[k] = x;
	}
}

void timing_print(const char *name, u64 *sample, u32 count)
{
	sort(sample, count);
	serial_puts("# bench ");
	serial_puts(name);
	serial_put(' ');
	serial_put_dec(sample[0]);
	serial_put(' ');
	serial_put_dec(sample[count / 2]);
	serial_put('\n');
}
