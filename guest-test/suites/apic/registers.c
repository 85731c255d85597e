/* SPDX-License-Identifier: MIT */
/*
 * Which x2APIC registers can be read and written, and which of their bits: SDM
 * 3A, "Local APIC Register Address Map Supported by x2APIC" and the figures of
 * the registers. An access to what is reserved gives #GP.
 */
#include "harness/tap.h"
#include "kernel/apic.h"
#include "kernel/cpu.h"
#include "kernel/trap.h"
#include "kernel/watchdog.h"
#include "suites/apic/apic_suite.h"

#include "x86/msr.h"

#define ACCESS_R 1u
#define ACCESS_W 2u

#define CPUID_ADDRESS_SIZES 0x80000008

struct reg_range {
	u32 first;
	u32 last;
	u32 access;
	u64 value; /* what is written */
};

struct reg_bits {
	u32 reg;
	u64 value; /* has a reserved bit */
};

/* clang-format off */
static const struct reg_range reg_ranges[] = {
	{0x00, 0x01, 0, 0},
	{APIC_ID, APIC_VERSION, ACCESS_R, 0},
	{0x04, 0x07, 0, 0},
	{APIC_TPR, APIC_TPR, ACCESS_R | ACCESS_W, 0},
	{0x09, 0x09, 0, 0},
	{APIC_PPR, APIC_PPR, ACCESS_R, 0},
	{APIC_EOI, APIC_EOI, ACCESS_W, 0},
	{0x0c, 0x0c, 0, 0},
	{APIC_LDR, APIC_LDR, ACCESS_R, 0},
	{0x0e, 0x0e, 0, 0}, /* no DFR in x2APIC mode */
	{APIC_SVR, APIC_SVR, ACCESS_R | ACCESS_W, 0x100 | APIC_SPURIOUS},
	{APIC_ISR, APIC_ESR - 1, ACCESS_R, 0},
	{APIC_ESR, APIC_ESR, ACCESS_R | ACCESS_W, 0},
	{0x29, 0x2e, 0, 0},
	{0x31, 0x31, 0, 0}, /* no high half of ICR either */
	{APIC_THERMAL, APIC_ERROR, ACCESS_R | ACCESS_W, 0x10000 | 0xfe},
	{APIC_INIT, APIC_INIT, ACCESS_R | ACCESS_W, 0},
	{APIC_CURRENT, APIC_CURRENT, ACCESS_R, 0},
	{0x3a, 0x3d, 0, 0},
	{APIC_DIVIDE, APIC_DIVIDE, ACCESS_R | ACCESS_W, APIC_DIVIDE_BY_1},
	{APIC_SELF, APIC_SELF, ACCESS_W, WATCHDOG_VECTOR},
	{0x40, 0x4f, 0, 0},
	{0xff, 0xff, 0, 0},
};

static const struct reg_bits reserved_bits[] = {
	{APIC_TPR, 0x100}, {APIC_TPR, BIT(32)},
	{APIC_EOI, 1}, {APIC_EOI, BIT(32)},
	{APIC_SVR, 0x1ff | BIT(10)}, {APIC_SVR, 0x1ff | BIT(13)},
	{APIC_SVR, 0x1ff | BIT(32)},
	{APIC_ESR, 1}, {APIC_ESR, BIT(32)},
	{APIC_TIMER, 0x10000 | BIT(8)}, {APIC_TIMER, 0x10000 | BIT(19)},
	{APIC_TIMER, 0x10000 | BIT(32)},
	{APIC_LINT0, 0x10000 | BIT(17)}, {APIC_LINT1, 0x10000 | BIT(32)},
	{APIC_ERROR, 0x10000 | BIT(8)}, {APIC_ERROR, 0x10000 | BIT(17)},
	{APIC_INIT, BIT(32)},
	{APIC_DIVIDE, 4}, {APIC_DIVIDE, 0x10}, {APIC_DIVIDE, BIT(32)},
	{APIC_SELF, 0x1ff}, {APIC_SELF, BIT(32)},
	{APIC_ICR, BIT(13) | 0xff}, {APIC_ICR, BIT(16) | 0xff},
	{APIC_ICR, BIT(20) | 0xff}, {APIC_ICR, BIT(31) | 0xff},
};
/* clang-format on */

static void one_register(u32 reg, const struct reg_range *range)
{
	u32 msr = MSR_IA32_X2APIC_FIRST + reg;
	u32 read = (range->access & ACCESS_R) ? TRAP_NONE : TRAP_GP;
	u32 write = (range->access & ACCESS_W) ? TRAP_NONE : TRAP_GP;
	u64 value;

	if (trap_rdmsr(msr, &value) != read) {
		tap_equal("RDMSR of", msr, ~0ull);
	}
	if (trap_wrmsr(msr, range->value) != write) {
		tap_equal("WRMSR to", msr, ~0ull);
	}
}

void apic_check_registers(const void *arg)
{
	(void)arg;
	for (size_t i = 0; i < ARRAY_SIZE(reg_ranges); i++) {
		const struct reg_range *range = &reg_ranges[i];

		for (u32 reg = range->first; reg <= range->last; reg++) {
			one_register(reg, range);
		}
	}
}

void apic_check_reserved_bits(const void *arg)
{
	(void)arg;
	for (size_t i = 0; i < ARRAY_SIZE(reserved_bits); i++) {
		const struct reg_bits *b = &reserved_bits[i];
		u32 vector =
			trap_wrmsr(MSR_IA32_X2APIC_FIRST + b->reg, b->value);

		if (vector != TRAP_GP) {
			tap_equal("not refused: register", b->reg, ~0ull);
			tap_equal("value", b->value, ~0ull);
		}
	}
	apic_init();
	watchdog_arm();
}

void apic_check_reset_values(const void *arg)
{
	u32 id = apic_read(APIC_ID);

	(void)arg;
	/* SDM 3A, "Determining IPI Destination": from the ID */
	tap_equal("LDR", apic_read(APIC_LDR),
		  (id >> 4) << 16 | 1u << (id & 15));
	tap_equal("version", apic_read(APIC_VERSION) & 0xf0, 0x10);
	tap_at_least("LVT entries", apic_read(APIC_VERSION) >> 16 & 0xff, 5);
	tap_equal("LINT0 masked", apic_read(APIC_LINT0) >> 16 & 1, 1);
	apic_write(APIC_TPR, 0x35);
	tap_equal("CR8 follows TPR", cpu_cr8(), 3);
	tap_equal("PPR follows TPR", apic_read(APIC_PPR), 0x35);
	cpu_set_cr8(5);
	tap_equal("TPR follows CR8", apic_read(APIC_TPR), 0x50);
	cpu_set_cr8(0);
	apic_write(APIC_TIMER, APIC_LVT_MASKED | 0x41);
	tap_equal("LVT reads back", apic_read(APIC_TIMER),
		  APIC_LVT_MASKED | 0x41);
	watchdog_arm();
}

/*
 * In x2APIC mode nothing is at the base address. Reserved are bits 0 to 7 and
 * 9, and those above the addresses of the CPU.
 */
void apic_check_base_bits(const void *arg)
{
	u64 base = cpu_rdmsr(MSR_IA32_APIC_BASE);
	u32 width = cpu_cpuid(CPUID_ADDRESS_SIZES, 0).eax & 0xff;

	(void)arg;
	for (u32 bit = 0; bit < 64; bit++) {
		u64 other = base ^ BIT(bit);
		bool is_free = bit == 8 || (bit >= 12 && bit < width);

		if (bit == 10 || bit == 11) {
			continue; /* another mode */
		}
		if (trap_wrmsr(MSR_IA32_APIC_BASE, other) !=
		    (is_free ? TRAP_NONE : TRAP_GP)) {
			tap_equal("bit", bit, ~0ull);
		}
		tap_equal("base", cpu_rdmsr(MSR_IA32_APIC_BASE),
			  is_free ? other : base);
		cpu_wrmsr(MSR_IA32_APIC_BASE, base);
	}
	tap_equal("EXTD without EN",
		  trap_wrmsr(MSR_IA32_APIC_BASE, base & ~APIC_BASE_EN),
		  TRAP_GP);
	tap_equal("x2APIC to xAPIC mode",
		  trap_wrmsr(MSR_IA32_APIC_BASE, base & ~APIC_BASE_EXTD),
		  TRAP_GP);
}
