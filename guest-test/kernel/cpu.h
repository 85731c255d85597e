/* SPDX-License-Identifier: MIT */
/* One inline function per instruction. */
#ifndef GUEST_TEST_KERNEL_CPU_H
#define GUEST_TEST_KERNEL_CPU_H

#include "base/types.h"

struct cpuid {
	u32 eax;
	u32 ebx;
	u32 ecx;
	u32 edx;
};

static inline struct cpuid cpu_cpuid(u32 leaf, u32 subleaf)
{
	struct cpuid r;

	__asm__ volatile("cpuid"
			 : "=a"(r.eax), "=b"(r.ebx), "=c"(r.ecx), "=d"(r.edx)
			 : "a"(leaf), "c"(subleaf));
	return r;
}

static inline u64 cpu_rdmsr(u32 msr)
{
	u32 low;
	u32 high;

	__asm__ volatile("rdmsr" : "=a"(low), "=d"(high) : "c"(msr) : "memory");
	return ((u64)high << 32) | low;
}

static inline void cpu_wrmsr(u32 msr, u64 value)
{
	__asm__ volatile("wrmsr"
			 :
			 : "c"(msr), "a"((u32)value), "d"((u32)(value >> 32))
			 : "memory");
}

static inline u64 cpu_rdtsc(void)
{
	u32 low;
	u32 high;

	__asm__ volatile("rdtsc" : "=a"(low), "=d"(high) : : "memory");
	return ((u64)high << 32) | low;
}

static inline u8 cpu_in8(u16 port)
{
	u8 value;

	__asm__ volatile("inb %1, %0" : "=a"(value) : "Nd"(port));
	return value;
}

static inline u16 cpu_in16(u16 port)
{
	u16 value;

	__asm__ volatile("inw %1, %0" : "=a"(value) : "Nd"(port));
	return value;
}

static inline u32 cpu_in32(u16 port)
{
	u32 value;

	__asm__ volatile("inl %1, %0" : "=a"(value) : "Nd"(port));
	return value;
}

static inline void cpu_out8(u16 port, u8 value)
{
	__asm__ volatile("outb %0, %1" : : "a"(value), "Nd"(port) : "memory");
}

static inline void cpu_out32(u16 port, u32 value)
{
	__asm__ volatile("outl %0, %1" : : "a"(value), "Nd"(port) : "memory");
}

static inline void cpu_pause(void)
{
	__asm__ volatile("pause" : : : "memory");
}

static inline void cpu_cli(void)
{
	__asm__ volatile("cli" : : : "memory");
}

/* The NOP is in the shadow of STI: interrupts are enabled on return. */
static inline void cpu_sti(void)
{
	__asm__ volatile("sti; nop" : : : "memory");
}

/* STI blocks interrupts until HLT executes, so that each one wakes it. */
static inline void cpu_sti_hlt(void)
{
	__asm__ volatile("sti; hlt" : : : "memory");
}

static inline void cpu_hlt(void)
{
	__asm__ volatile("hlt" : : : "memory");
}

static inline u64 cpu_flags(void)
{
	u64 flags;

	__asm__ volatile("pushfq; popq %0" : "=r"(flags) : : "memory");
	return flags;
}

static inline void cpu_set_flags(u64 flags)
{
	__asm__ volatile("pushq %0; popfq" : : "r"(flags) : "memory", "cc");
}

static inline void cpu_invlpg(u64 gva)
{
	__asm__ volatile("invlpg (%0)" : : "r"(gva) : "memory");
}

static inline void cpu_invpcid(u64 type, u64 pcid, u64 gva)
{
	const struct {
		u64 pcid;
		u64 gva;
	} descriptor = {pcid, gva};

	__asm__ volatile("invpcid %0, %1"
			 :
			 : "m"(descriptor), "r"(type)
			 : "memory");
}

static inline void cpu_fence(void)
{
	__asm__ volatile("mfence; lfence" : : : "memory");
}

static inline u64 cpu_cr0(void)
{
	u64 value;

	__asm__ volatile("movq %%cr0, %0" : "=r"(value) : : "memory");
	return value;
}

static inline void cpu_set_cr0(u64 value)
{
	__asm__ volatile("movq %0, %%cr0" : : "r"(value) : "memory");
}

static inline u64 cpu_cr2(void)
{
	u64 value;

	__asm__ volatile("movq %%cr2, %0" : "=r"(value));
	return value;
}

static inline void cpu_set_cr2(u64 value)
{
	__asm__ volatile("movq %0, %%cr2" : : "r"(value));
}

static inline u64 cpu_cr3(void)
{
	u64 value;

	__asm__ volatile("movq %%cr3, %0" : "=r"(value) : : "memory");
	return value;
}

static inline void cpu_set_cr3(u64 value)
{
	__asm__ volatile("movq %0, %%cr3" : : "r"(value) : "memory");
}

static inline u64 cpu_cr4(void)
{
	u64 value;

	__asm__ volatile("movq %%cr4, %0" : "=r"(value) : : "memory");
	return value;
}

static inline void cpu_set_cr4(u64 value)
{
	__asm__ volatile("movq %0, %%cr4" : : "r"(value) : "memory");
}

static inline u64 cpu_cr8(void)
{
	u64 value;

	__asm__ volatile("movq %%cr8, %0" : "=r"(value) : : "memory");
	return value;
}

static inline void cpu_set_cr8(u64 value)
{
	__asm__ volatile("movq %0, %%cr8" : : "r"(value) : "memory");
}

/* `area` is 512 bytes, 16-byte aligned. */
static inline void cpu_fxsave(void *area)
{
	__asm__ volatile("fxsave64 (%0)" : : "r"(area) : "memory");
}

static inline void cpu_fxrstor(const void *area)
{
	__asm__ volatile("fxrstor64 (%0)" : : "r"(area) : "memory");
}

/* XMM0-XMM5, which compiled code never uses. CR4.OSFXSR must be set. */
static inline void cpu_load_xmm(const u64 from[12])
{
	__asm__ volatile("movups (%0), %%xmm0; movups 16(%0), %%xmm1;"
			 "movups 32(%0), %%xmm2; movups 48(%0), %%xmm3;"
			 "movups 64(%0), %%xmm4; movups 80(%0), %%xmm5"
			 :
			 : "r"(from)
			 : "memory");
}

static inline void cpu_store_xmm(u64 to[12])
{
	__asm__ volatile("movups %%xmm0, (%0); movups %%xmm1, 16(%0);"
			 "movups %%xmm2, 32(%0); movups %%xmm3, 48(%0);"
			 "movups %%xmm4, 64(%0); movups %%xmm5, 80(%0)"
			 :
			 : "r"(to)
			 : "memory");
}

static inline u64 cpu_dr6(void)
{
	u64 value;

	__asm__ volatile("movq %%dr6, %0" : "=r"(value));
	return value;
}

static inline void cpu_set_dr6(u64 value)
{
	__asm__ volatile("movq %0, %%dr6" : : "r"(value) : "memory");
}

static inline u64 cpu_read64(u64 gva)
{
	return *(volatile u64 *)gva;
}

static inline void cpu_write64(u64 gva, u64 value)
{
	*(volatile u64 *)gva = value;
}

#endif
