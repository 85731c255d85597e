/* SPDX-License-Identifier: MIT */
/* The functions of core/port/port.h that take only a few instructions. */
#include "core/port/port.h"

#include "core/port/guest_entry.h"
#include "core/state/partition.h"
#include "x86/insn.h"
#include "x86/paging.h"

u64 port_tsc(void)
{
	return insn_rdtsc();
}

void port_stamp(u64 *to)
{
	insn_rdtsc_to((u32 *)to);
}

u64 port_log2(u64 value)
{
	return insn_bsr(value);
}

void port_pause(void)
{
	insn_pause();
}

void port_cpuid(u32 leaf, u32 subleaf, u32 out[4])
{
	insn_cpuid(leaf, subleaf, out);
}

void port_read_xmm(u64 to[12], bool all)
{
	if (all) {
		insn_read_xmm0_5(to);
	} else {
		insn_read_xmm0(to);
	}
}

void port_write_xmm(const u64 from[12])
{
	insn_write_xmm0_5(from);
}

/* Copies eight bytes per iteration, because in Bochs each one costs a tick. */
static void copy(void *to, const void *from, size_t len)
{
	if (len % 8 == 0) {
		insn_rep_movsq(to, from, len / 8);
	} else {
		insn_rep_movsb(to, from, len);
	}
}

static bool in_ram(const struct partition *p, gpa_t gpa, size_t len)
{
	return gpa.v <= p->memory_len && len <= p->memory_len - gpa.v;
}

static void *ram_at(const struct partition *p, gpa_t gpa)
{
	return paging_direct((hpa_t){p->memory.v + gpa.v});
}

enum err port_read_guest(struct partition *p, gpa_t from, void *to, size_t len)
{
	if (!in_ram(p, from, len)) {
		return ERR_RANGE;
	}
	copy(to, ram_at(p, from), len);
	return ERR_OK;
}

enum err port_write_guest(struct partition *p, gpa_t to, const void *from,
			  size_t len)
{
	if (!in_ram(p, to, len)) {
		return ERR_RANGE;
	}
	copy(ram_at(p, to), from, len);
	return ERR_OK;
}

enum err port_fill_guest(struct partition *p, gpa_t at, u64 word, size_t count)
{
	if (!in_ram(p, at, count * sizeof(word))) {
		return ERR_RANGE;
	}
	insn_rep_stosq(ram_at(p, at), word, count);
	return ERR_OK;
}

/* RAM is whole pages, and an entry lies in one. */
static bool is_entry(const struct partition *p, gpa_t at, size_t size)
{
	HV_ASSERT((size == 4 || size == 8) && (at.v & (size - 1)) == 0);
	return at.v < p->memory_len;
}

enum err port_load_guest(struct partition *p, gpa_t at, u64 *value, size_t size)
{
	if (!is_entry(p, at, size)) {
		return ERR_RANGE;
	}
	*value = size == 4 ? __atomic_load_n((const u32 *)ram_at(p, at),
					     __ATOMIC_RELAXED)
			   : __atomic_load_n((const u64 *)ram_at(p, at),
					     __ATOMIC_RELAXED);
	return ERR_OK;
}

/* Changes *expected only if the entry differs from it. */
enum err port_cmpxchg_guest(struct partition *p, gpa_t at, u64 *expected,
			    u64 desired, size_t size)
{
	u32 expected32 = (u32)*expected;

	if (!is_entry(p, at, size)) {
		return ERR_RANGE;
	}
	if (size == 8) {
		__atomic_compare_exchange_n((u64 *)ram_at(p, at), expected,
					    desired, false, __ATOMIC_SEQ_CST,
					    __ATOMIC_SEQ_CST);
		return ERR_OK;
	}
	__atomic_compare_exchange_n((u32 *)ram_at(p, at), &expected32,
				    (u32)desired, false, __ATOMIC_SEQ_CST,
				    __ATOMIC_SEQ_CST);
	*expected = expected32;
	return ERR_OK;
}
