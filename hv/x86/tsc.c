/* SPDX-License-Identifier: MIT */
/* Measures the time-stamp counter against a clock whose rate is known. */
#include "x86/tsc.h"

#include "core/port/port.h"
#include "core/state/machine.h"
#include "x86/insn.h"

/* ACPI specification, "Power Management Timer" */
#define PM_TIMER_HZ   3579545ull
#define PM_TIMER_MASK 0xffffffu /* the bits that every timer has */

#define PIT_HZ         1193182ull
#define PIT_CHANNEL2   0x42
#define PIT_COMMAND    0x43
#define PIT_CH2_MODE0  0xb0 /* channel 2, low then high byte, mode 0 */
#define PORT_B         0x61
#define PORT_B_GATE2   0x01
#define PORT_B_SPEAKER 0x02
#define PORT_B_OUT2    0x20

#define MEASURE_HZ 50 /* one fiftieth of a second */

/* Reads of a clock before it counts as dead; each takes about a microsecond */
#define PATIENCE 50000000u

static u64 measure_pm_timer(u16 port)
{
	u32 want = PM_TIMER_HZ / MEASURE_HZ;
	u32 start = insn_inl(port);
	u64 tsc = insn_rdtsc();

	for (u32 i = 0; i < PATIENCE; i++) {
		u32 passed = (insn_inl(port) - start) & PM_TIMER_MASK;

		if (passed >= want) {
			return (insn_rdtsc() - tsc) * PM_TIMER_HZ / passed;
		}
		if (passed == 0 && i == PATIENCE / 1000) {
			return 0;
		}
		insn_pause();
	}
	return 0;
}

static u64 measure_pit(void)
{
	u32 count = PIT_HZ / MEASURE_HZ;
	u8 port_b = insn_inb(PORT_B);

	/* gate on, speaker off; writing the count starts it */
	insn_outb(PORT_B, (u8)((port_b & ~PORT_B_SPEAKER) | PORT_B_GATE2));
	insn_outb(PIT_COMMAND, PIT_CH2_MODE0);
	insn_outb(PIT_CHANNEL2, (u8)count);
	insn_outb(PIT_CHANNEL2, (u8)(count >> 8));
	u64 tsc = insn_rdtsc();
	u64 hz = 0;

	for (u32 i = 0; i < PATIENCE && hz == 0; i++) {
		if (insn_inb(PORT_B) & PORT_B_OUT2) {
			hz = (insn_rdtsc() - tsc) * PIT_HZ / count;
		}
		insn_pause();
	}
	insn_outb(PORT_B, port_b);
	return hz;
}

void tsc_init(const struct handoff *handoff)
{
	u64 hz = handoff->config.tsc_hz;

	if (hz == 0 && handoff->pm_timer_port != 0) {
		hz = measure_pm_timer(handoff->pm_timer_port);
	}
	if (hz == 0) {
		hz = measure_pit();
	}
	if (hz < 1000000) {
		port_panic("no clock to measure the TSC by (hz=%lu)", hz);
	}
	if (insn_rdtsc() > CPU_TIMER_NEVER) {
		port_panic("the TSC is beyond 2^63: expected one that counts "
			   "from a reset on");
	}
	machine.tsc_hz = hz;
}

void tsc_wait_us(u32 us)
{
	u64 start = insn_rdtsc();
	u64 ticks = us * machine.tsc_hz / 1000000 + 1;

	while (insn_rdtsc() - start < ticks) {
		insn_pause();
	}
}
