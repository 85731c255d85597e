/* SPDX-License-Identifier: MIT */
/* One instruction each. VMX instructions are in vmx/insn.h. */
#ifndef HV_X86_INSN_H
#define HV_X86_INSN_H

#include "base/types.h"

struct cpu;

/* Operand of LGDT and LIDT */
struct insn_table {
	u16 limit;
	u64 base;
} __attribute__((packed));

static inline u64 insn_rdmsr(u32 msr)
{
	u32 low;
	u32 high;

	asm volatile("rdmsr" : "=a"(low), "=d"(high) : "c"(msr) : "memory");
	return (u64)high << 32 | low;
}

static inline void insn_wrmsr(u32 msr, u64 value)
{
	asm volatile("wrmsr"
		     :
		     : "c"(msr), "a"((u32)value), "d"((u32)(value >> 32))
		     : "memory");
}

/*
 * WRMSR with a constant register and a constant low half. They are loaded here,
 * so in a loop they do not take two registers for all of it.
 */
#define insn_wrmsr_low(_msr, _low, _high)                                      \
	asm volatile("movl %0, %%ecx\n\tmovl %1, %%eax\n\twrmsr"               \
		     :                                                         \
		     : "i"(_msr), "i"(_low), "d"(_high)                        \
		     : "eax", "ecx", "memory")

static inline void insn_cpuid(u32 leaf, u32 subleaf, u32 out[4])
{
	asm volatile("cpuid"
		     : "=a"(out[0]), "=b"(out[1]), "=c"(out[2]), "=d"(out[3])
		     : "a"(leaf), "c"(subleaf));
}

/* RDTSC clears the upper halves of both registers. */
static inline u64 insn_rdtsc(void)
{
	u64 low;
	u64 high;

	asm volatile("rdtsc" : "=a"(low), "=d"(high) : : "memory");
	return high << 32 | low;
}

/* Low half first. Two stores are shorter than making one value. */
static inline void insn_rdtsc_to(u32 to[2])
{
	u32 low;
	u32 high;

	asm volatile("rdtsc" : "=a"(low), "=d"(high) : : "memory");
	to[0] = low;
	to[1] = high;
}

static inline u64 insn_bsr(u64 value)
{
	u64 bit;

	asm("bsr %1, %0" : "=r"(bit) : "r"(value) : "cc");
	return bit;
}

static inline u8 insn_inb(u16 port)
{
	u8 value;

	asm volatile("inb %w1, %b0" : "=a"(value) : "Nd"(port) : "memory");
	return value;
}

static inline u16 insn_inw(u16 port)
{
	u16 value;

	asm volatile("inw %w1, %w0" : "=a"(value) : "Nd"(port) : "memory");
	return value;
}

static inline u32 insn_inl(u16 port)
{
	u32 value;

	asm volatile("inl %w1, %0" : "=a"(value) : "Nd"(port) : "memory");
	return value;
}

static inline void insn_outb(u16 port, u8 value)
{
	asm volatile("outb %b0, %w1" : : "a"(value), "Nd"(port) : "memory");
}

static inline void insn_outw(u16 port, u16 value)
{
	asm volatile("outw %w0, %w1" : : "a"(value), "Nd"(port) : "memory");
}

static inline void insn_outl(u16 port, u32 value)
{
	asm volatile("outl %0, %w1" : : "a"(value), "Nd"(port) : "memory");
}

static inline u64 insn_read_cr0(void)
{
	u64 value;

	asm volatile("mov %%cr0, %0" : "=r"(value) : : "memory");
	return value;
}

static inline u64 insn_read_cr2(void)
{
	u64 value;

	asm volatile("mov %%cr2, %0" : "=r"(value) : : "memory");
	return value;
}

static inline u64 insn_read_cr3(void)
{
	u64 value;

	asm volatile("mov %%cr3, %0" : "=r"(value) : : "memory");
	return value;
}

static inline u64 insn_read_cr4(void)
{
	u64 value;

	asm volatile("mov %%cr4, %0" : "=r"(value) : : "memory");
	return value;
}

static inline void insn_write_cr0(u64 value)
{
	asm volatile("mov %0, %%cr0" : : "r"(value) : "memory");
}

static inline void insn_write_cr2(u64 value)
{
	asm volatile("mov %0, %%cr2" : : "r"(value) : "memory");
}

static inline void insn_write_cr3(u64 value)
{
	asm volatile("mov %0, %%cr3" : : "r"(value) : "memory");
}

static inline void insn_write_cr4(u64 value)
{
	asm volatile("mov %0, %%cr4" : : "r"(value) : "memory");
}

static inline void insn_cli(void)
{
	asm volatile("cli" : : : "memory");
}

static inline void insn_sti(void)
{
	asm volatile("sti" : : : "memory");
}

static inline void insn_hlt(void)
{
	asm volatile("hlt" : : : "memory");
}

static inline void insn_pause(void)
{
	asm volatile("pause" : : : "memory");
}

/*
 * All earlier stores are globally visible before a later WRMSR to an x2APIC
 * register acts: SDM 3A, "MSR Access in x2APIC Mode".
 */
static inline void insn_fence_before_wrmsr(void)
{
	asm volatile("mfence; lfence" : : : "memory");
}

static inline void insn_invlpg(u64 va)
{
	asm volatile("invlpg (%0)" : : "r"(va) : "memory");
}

static inline void insn_lgdt(const struct insn_table *table)
{
	asm volatile("lgdt %0" : : "m"(*table) : "memory");
}

static inline void insn_sgdt(struct insn_table *table)
{
	asm volatile("sgdt %0" : "=m"(*table));
}

static inline void insn_lidt(const struct insn_table *table)
{
	asm volatile("lidt %0" : : "m"(*table) : "memory");
}

static inline void insn_ltr(u16 selector)
{
	asm volatile("ltr %w0" : : "r"(selector) : "memory");
}

/* Copies count * 8 bytes upwards. */
static inline void insn_rep_movsq(void *to, const void *from, size_t count)
{
	asm volatile("rep movsq"
		     : "+D"(to), "+S"(from), "+c"(count)
		     :
		     : "memory");
}

/* Stores `word` to count * 8 bytes upwards. */
static inline void insn_rep_stosq(void *to, u64 word, size_t count)
{
	asm volatile("rep stosq"
		     : "+D"(to), "+c"(count)
		     : "a"(word)
		     : "memory");
}

/* Copies count bytes upwards. */
static inline void insn_rep_movsb(void *to, const void *from, size_t count)
{
	asm volatile("rep movsb"
		     : "+D"(to), "+S"(from), "+c"(count)
		     :
		     : "memory");
}

/* The compiler uses no XMM register, so none is a clobber. */
static inline void insn_read_xmm0(u64 to[2])
{
	asm volatile("movups %%xmm0, (%0)" : : "r"(to) : "memory");
}

static inline void insn_read_xmm0_5(u64 to[12])
{
	asm volatile("movups %%xmm0, (%0); movups %%xmm1, 16(%0);"
		     "movups %%xmm2, 32(%0); movups %%xmm3, 48(%0);"
		     "movups %%xmm4, 64(%0); movups %%xmm5, 80(%0)"
		     :
		     : "r"(to)
		     : "memory");
}

static inline void insn_write_xmm0_5(const u64 from[12])
{
	asm volatile("movups (%0), %%xmm0; movups 16(%0), %%xmm1;"
		     "movups 32(%0), %%xmm2; movups 48(%0), %%xmm3;"
		     "movups 64(%0), %%xmm4; movups 80(%0), %%xmm5"
		     :
		     : "r"(from)
		     : "memory");
}

/* The CPU that executes this; valid once percpu_load() ran here. */
static inline struct cpu *this_cpu(void)
{
	struct cpu *cpu;

	asm volatile("mov %%gs:0, %0" : "=r"(cpu));
	return cpu;
}

#endif
