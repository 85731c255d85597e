/* SPDX-License-Identifier: MIT */
/* Sorts and prints: minimum, median, p99, maximum. */
#include "harness/timing.h"
#include "kernel/serial.h"

/* Insertion sorts of each gap-th value, with smaller and smaller gaps. */
static void sort(u64 *v, u32 count)
{
	for (u32 gap = count / 2; gap > 0; gap /= 2) {
		for (u32 i = gap; i < count; i++) {
			u64 x = v[i];
			u32 k = i;

			for (; k >= gap && v[k - gap] > x; k -= gap) {
				v[k] = v[k - gap];
			}
			v[k] = x;
		}
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

u64 timing_p99(const u64 *sample, u32 count)
{
	return sample[count - 1 - count / 100];
}

void timing_print_p99(const char *name, u64 *sample, u32 count)
{
	u64 what[5];

	sort(sample, count);
	what[0] = count;
	what[1] = sample[0];
	what[2] = sample[count / 2];
	what[3] = timing_p99(sample, count);
	what[4] = sample[count - 1];
	serial_puts("# p99 ");
	serial_puts(name);
	for (u32 i = 0; i < 5; i++) {
		serial_put(' ');
		serial_put_dec(what[i]);
	}
	serial_put('\n');
}
