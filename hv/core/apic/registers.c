/* SPDX-License-Identifier: MIT */
/*
 * RDMSR and WRMSR of the virtual APIC: one row for each MSR says whether it can
 * be read and written and which bits a guest may set. An access without a row
 * or a function for it, or with any other bit set, is #GP. SDM 3A, "x2APIC
 * Register Address Space" and "Reserved Bit Checking".
 */
#include "core/apic/registers.h"

#include "core/apic/interrupts.h"
#include "core/apic/state.h"
#include "core/apic/timer.h"
#include "core/port/port.h"

#include "base/bits.h"
#include "x86/msr.h"

#define CPUID_ADDRESS_SIZES 0x80000008u

struct access {
	u32 msr;
	u64 now;
	u64 value;             /* write only */
	struct vapic_ipi *ipi; /* write only */
};

struct reg {
	u64 (*read)(const struct vapic *v, const struct access *a);
	void (*write)(struct vapic *v, const struct access *a);
	u64 writable; /* read-only bits inside fields included */
	/* a further check of the value; NULL: none */
	bool (*valid)(const struct vapic *v, u64 value);
};

#define BITS_NONE U(0)
#define BITS_8    GENMASK(7, 0)
#define BITS_32   GENMASK(31, 0)
#define BITS_64   (~U(0))
#define BITS_SVR  (BITS_8 | APIC_SIVR_ENABLE)
#define BITS_ICR                                                               \
	(APIC_ICR_VECTOR | APIC_ICR_MODE | APIC_ICR_LOGICAL |                  \
	 APIC_ICR_ASSERT | APIC_ICR_LEVEL | APIC_ICR_SHORTHAND |               \
	 APIC_ICR_DEST)
#define BITS_DIVIDE    (VAPIC_DIVIDE_HIGH | VAPIC_DIVIDE_LOW)
#define BITS_LVT_ERROR (APIC_LVT_VECTOR | APIC_LVT_PENDING | APIC_LVT_MASKED)
#define BITS_LVT_TIMER (BITS_LVT_ERROR | VAPIC_LVT_TIMER_MODE)
#define BITS_LVT_MODE  (BITS_LVT_ERROR | APIC_LVT_MODE)
#define BITS_LVT_PIN                                                           \
	(BITS_LVT_MODE | VAPIC_LVT_POLARITY | VAPIC_LVT_REMOTE_IRR |           \
	 VAPIC_LVT_LEVEL)

static u64 read_base(const struct vapic *v, const struct access *a)
{
	(void)a;
	return v->base;
}

/* The bits of an address on this CPU, which a guest sees too. */
static u64 address_bits(void)
{
	u32 out[4];

	port_cpuid(CPUID_ADDRESS_SIZES, 0, out);
	return ~(~0ull << (out[0] & 0xff)) & APIC_BASE_PHYS;
}

/*
 * The APIC can be neither disabled nor switched to xAPIC mode
 * (docs/decisions/0002-apic-base.md). In x2APIC mode nothing is at the address,
 * so it may be any.
 */
static bool valid_base(const struct vapic *v, u64 value)
{
	(void)v;
	return (value & ~(APIC_BASE_BSP | address_bits())) ==
	       (APIC_BASE_EN | APIC_BASE_EXTD);
}

static void write_base(struct vapic *v, const struct access *a)
{
	v->base = a->value;
}

static u64 read_deadline(const struct vapic *v, const struct access *a)
{
	(void)a;
	return vapic_timer_tsc(v);
}

static void write_deadline(struct vapic *v, const struct access *a)
{
	vapic_timer_set_tsc(v, a->value);
}

static u64 read_id(const struct vapic *v, const struct access *a)
{
	(void)a;
	return v->id;
}

static u64 read_version(const struct vapic *v, const struct access *a)
{
	(void)v;
	(void)a;
	return VAPIC_VERSION;
}

static u64 read_tpr(const struct vapic *v, const struct access *a)
{
	(void)a;
	return v->tpr;
}

static void write_tpr(struct vapic *v, const struct access *a)
{
	v->tpr = (u32)a->value;
}

static u64 read_ppr(const struct vapic *v, const struct access *a)
{
	(void)a;
	return vapic_ppr(v);
}

static void write_eoi(struct vapic *v, const struct access *a)
{
	(void)a;
	vapic_eoi(v);
}

/* SDM 3A, "Deriving Logical x2APIC ID from the Local x2APIC ID" */
static u64 read_ldr(const struct vapic *v, const struct access *a)
{
	(void)a;
	return (u64)(v->id >> 4) << 16 | BIT(v->id & 0xf);
}

static u64 read_svr(const struct vapic *v, const struct access *a)
{
	(void)a;
	return v->svr;
}

static void write_svr(struct vapic *v, const struct access *a)
{
	vapic_set_svr(v, (u32)a->value);
}

/* One of the eight registers of a 256-bit set. */
static u64 set_word(const u64 bits[4], u32 n)
{
	return (u32)(bits[n / 2] >> (32 * (n % 2)));
}

static u64 read_isr(const struct vapic *v, const struct access *a)
{
	return set_word(v->isr, a->msr - MSR_IA32_X2APIC_ISR0);
}

static u64 read_tmr(const struct vapic *v, const struct access *a)
{
	return set_word(v->tmr, a->msr - MSR_IA32_X2APIC_TMR0);
}

static u64 read_irr(const struct vapic *v, const struct access *a)
{
	return set_word(v->irr, a->msr - MSR_IA32_X2APIC_IRR0);
}

static u64 read_esr(const struct vapic *v, const struct access *a)
{
	(void)a;
	return v->esr;
}

static void write_esr(struct vapic *v, const struct access *a)
{
	(void)a;
	vapic_latch_esr(v);
}

static u64 read_icr(const struct vapic *v, const struct access *a)
{
	(void)a;
	return v->icr;
}

/* Only these modes carry a vector for IRR; a SIPI's is a page number. */
static bool is_illegal(const struct vapic_ipi *ipi)
{
	return (ipi->mode == VAPIC_MODE_FIXED ||
		ipi->mode == VAPIC_MODE_LOWEST) &&
	       ipi->vector < VAPIC_VECTOR_FIRST;
}

static void write_icr(struct vapic *v, const struct access *a)
{
	*a->ipi = (struct vapic_ipi){
		.send = true,
		.vector = (u8)FIELD_GET(APIC_ICR_VECTOR, a->value),
		.mode = (u8)FIELD_GET(APIC_ICR_MODE, a->value),
		.shorthand = (u8)FIELD_GET(APIC_ICR_SHORTHAND, a->value),
		.logical = (a->value & APIC_ICR_LOGICAL) != 0,
		.assert = (a->value & APIC_ICR_ASSERT) != 0,
		.level = (a->value & APIC_ICR_LEVEL) != 0,
		.dest = (u32)FIELD_GET(APIC_ICR_DEST, a->value),
	};
	v->icr = a->value;
	if (is_illegal(a->ipi)) {
		a->ipi->send = false;
		vapic_raise_error(v, VAPIC_ESR_SEND_ILLEGAL);
	}
}

/*
 * An illegal vector counts as sent and as received, so both ESR bits are set.
 */
static void write_self_ipi(struct vapic *v, const struct access *a)
{
	if (a->value < VAPIC_VECTOR_FIRST) {
		vapic_raise_error(v, VAPIC_ESR_SEND_ILLEGAL);
	}
	vapic_post(v, (u8)a->value);
}

static u64 read_lvt(const struct vapic *v, const struct access *a)
{
	return v->lvt[a->msr - MSR_IA32_X2APIC_LVT_TIMER];
}

/*
 * The value that an LVT register takes: no mask bit can be cleared while the
 * APIC is software-disabled. A vector below 16 is an error when the interrupt
 * arrives, not when it is written: "Valid Interrupt Vectors" leaves that open,
 * and kernels write 0 with the mask bit to silence an entry.
 */
static u32 lvt_value(const struct vapic *v, u64 value)
{
	u32 lvt = (u32)(value & ~VAPIC_LVT_READ_ONLY);

	return vapic_is_enabled(v) ? lvt : lvt | (u32)APIC_LVT_MASKED;
}

static void write_lvt(struct vapic *v, const struct access *a)
{
	v->lvt[a->msr - MSR_IA32_X2APIC_LVT_TIMER] = lvt_value(v, a->value);
}

static u64 read_lvt_timer(const struct vapic *v, const struct access *a)
{
	return read_lvt(v, a);
}

static void write_lvt_timer(struct vapic *v, const struct access *a)
{
	vapic_timer_set_lvt(v, lvt_value(v, a->value));
}

/* SDM 3A, "Local APIC Timer Modes": 11b is reserved */
static bool valid_lvt_timer(const struct vapic *v, u64 value)
{
	(void)v;
	return (value & VAPIC_LVT_TIMER_MODE) != VAPIC_LVT_TIMER_MODE;
}

static u64 read_initial(const struct vapic *v, const struct access *a)
{
	(void)a;
	return v->initial_count;
}

static void write_initial(struct vapic *v, const struct access *a)
{
	vapic_timer_set_count(v, (u32)a->value, a->now);
}

static u64 read_current(const struct vapic *v, const struct access *a)
{
	return vapic_timer_count(v, a->now);
}

static u64 read_divide(const struct vapic *v, const struct access *a)
{
	(void)a;
	return v->divide;
}

static void write_divide(struct vapic *v, const struct access *a)
{
	vapic_timer_set_divide(v, (u32)a->value, a->now);
}

/*
 * No rows: DFR (0x80e), CMCI (0x82f), the upper half of ICR (0x831). SVR's
 * focus bit is reserved since Pentium 4, its bit 12 needs version bit 24.
 */
/* clang-format off */
#define AT(_msr)  [MSR_IA32_X2APIC_##_msr - MSR_IA32_X2APIC_FIRST]
#define AT8(_msr) [MSR_IA32_X2APIC_##_msr - MSR_IA32_X2APIC_FIRST ... \
		   MSR_IA32_X2APIC_##_msr - MSR_IA32_X2APIC_FIRST + 7]
#define RO(_fn)              {.read = read_##_fn}
#define WO(_fn, _bits)       {.write = write_##_fn, .writable = (_bits)}
#define RW(_fn, _bits)       {.read = read_##_fn, .write = write_##_fn, \
			      .writable = (_bits)}
#define RW_IF(_valid, _fn, _bits) \
			     {.read = read_##_fn, .write = write_##_fn, \
			      .writable = (_bits), .valid = (_valid)}

static const struct reg reg_base = RW_IF(valid_base, base, BITS_64);
static const struct reg reg_deadline = RW(deadline, BITS_64);

static const struct reg regs[] = {
	AT(APICID)        = RO(id),
	AT(VERSION)       = RO(version),
	AT(TPR)           = RW(tpr, BITS_8),
	AT(PPR)           = RO(ppr),
	AT(EOI)           = WO(eoi, BITS_NONE),
	AT(LDR)           = RO(ldr),
	AT(SIVR)          = RW(svr, BITS_SVR),
	AT8(ISR0)         = RO(isr),
	AT8(TMR0)         = RO(tmr),
	AT8(IRR0)         = RO(irr),
	AT(ESR)           = RW(esr, BITS_NONE),
	AT(ICR)           = RW(icr, BITS_ICR),
	AT(LVT_TIMER)     = RW_IF(valid_lvt_timer, lvt_timer, BITS_LVT_TIMER),
	AT(LVT_THERMAL)   = RW(lvt, BITS_LVT_MODE),
	AT(LVT_PMI)       = RW(lvt, BITS_LVT_MODE),
	AT(LVT_LINT0)     = RW(lvt, BITS_LVT_PIN),
	AT(LVT_LINT1)     = RW(lvt, BITS_LVT_PIN),
	AT(LVT_ERROR)     = RW(lvt, BITS_LVT_ERROR),
	AT(INIT_COUNT)    = RW(initial, BITS_32),
	AT(CURRENT_COUNT) = RO(current),
	AT(DIV_CONF)      = RW(divide, BITS_DIVIDE),
	AT(SELF_IPI)      = WO(self_ipi, BITS_8),
};
/* clang-format on */

static const struct reg *find(u32 msr)
{
	if (msr == MSR_IA32_APIC_BASE) {
		return &reg_base;
	}
	if (msr == MSR_IA32_TSC_DEADLINE) {
		return &reg_deadline;
	}
	if (msr < MSR_IA32_X2APIC_FIRST ||
	    msr - MSR_IA32_X2APIC_FIRST >= ARRAY_SIZE(regs)) {
		return NULL;
	}
	return &regs[msr - MSR_IA32_X2APIC_FIRST];
}

bool vapic_owns(u32 msr)
{
	return msr == MSR_IA32_APIC_BASE || msr == MSR_IA32_TSC_DEADLINE ||
	       (msr >= MSR_IA32_X2APIC_FIRST && msr <= MSR_IA32_X2APIC_LAST);
}

enum vapic_result vapic_read(struct vapic *v, u32 msr, u64 now, u64 *value)
{
	const struct reg *reg = find(msr);
	struct access access = {.msr = msr, .now = now};

	if (reg == NULL || reg->read == NULL) {
		return VAPIC_GP;
	}
	vapic_timer_expire(v, now);
	*value = reg->read(v, &access);
	return VAPIC_OK;
}

enum vapic_result vapic_write(struct vapic *v, u32 msr, u64 value, u64 now,
			      struct vapic_ipi *ipi)
{
	const struct reg *reg = find(msr);
	struct access access = {
		.msr = msr, .now = now, .value = value, .ipi = ipi};

	ipi->send = false;
	if (reg == NULL || reg->write == NULL || (value & ~reg->writable) ||
	    (reg->valid != NULL && !reg->valid(v, value))) {
		return VAPIC_GP;
	}
	vapic_timer_expire(v, now);
	reg->write(v, &access);
	return VAPIC_OK;
}
