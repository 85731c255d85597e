/* SPDX-License-Identifier: MIT */
/* When is a copy of a record that another CPU may overwrite a good one? */
#include "core/trace/read.h"

#include "core/state/machine.h"

#define RECORD_LEN ((u16)sizeof(struct trace_record))

/*
 * A copy takes a few dozen instructions. A ring whose CPU did nothing but write
 * records would need more ticks than this for one round.
 */
#define COPY_TICKS_MAX 16384

static u64 pointer_of(const struct cpu *cpu)
{
	/* pairs with record_next(): what was written before is seen.
	   rule: take-place-then-fill */
	return (u64)__atomic_load_n(&cpu->trace, __ATOMIC_ACQUIRE);
}

static u16 low_of(u64 pointer)
{
	return (u16)(pointer & (RECORD_RING_LEN - 1));
}

/* One load: the CPU moves the pointer meanwhile. */
bool read_is_on(const struct cpu *cpu)
{
	u64 pointer = pointer_of(cpu);

	return pointer - low_of(pointer) == (u64)cpu->trace_ring;
}

/* Where the next record of the ring goes. */
static u16 end_of(const struct cpu *cpu)
{
	return read_is_on(cpu) ? low_of(pointer_of(cpu)) : cpu->trace_stopped;
}

void read_begin(struct read *r, const struct cpu *cpu, u32 count)
{
	u32 most = (u32)RECORD_RING_COUNT;

	r->cpu = cpu;
	r->left = count < most ? count : most;
	r->at = (u16)(end_of(cpu) - r->left * RECORD_LEN);
	r->tsc = cpu->trace_since;
	r->lost = 0;
}

static void copy(struct trace_record *to, const struct trace_record *from)
{
	const u64 *words = (const u64 *)from;

	for (u32 i = 0; i < sizeof(*to) / sizeof(u64); i++) {
		((u64 *)to)[i] = __atomic_load_n(&words[i], __ATOMIC_ACQUIRE);
	}
}

/* True if the CPU does not write: it is this one, in guest mode, or idle. */
static bool stands_still(const struct cpu *cpu, u64 run)
{
	return cpu == machine.cpus[port_cpu_number()] ||
	       ((run & (RUN_GUEST | RUN_IDLE)) != 0 &&
		__atomic_load_n(&cpu->run, __ATOMIC_ACQUIRE) == run);
}

/* Copies the record at `at`; false if it was, or may have been, overwritten. */
static bool copy_safely(const struct cpu *cpu, u16 at, struct trace_record *to)
{
	u64 run = __atomic_load_n(&cpu->run, __ATOMIC_ACQUIRE);
	u64 before = pointer_of(cpu);
	u64 began = port_tsc();
	u16 until = (u16)(at - low_of(before)); /* its place is taken then */
	u16 taken;

	copy(to, &cpu->trace_ring[at / RECORD_LEN]);
	if (!read_is_on(cpu)) {
		return true;
	}
	taken = (u16)(low_of(pointer_of(cpu)) - low_of(before));
	if (taken > until || port_tsc() - began > COPY_TICKS_MAX) {
		return false;
	}
	/* the place that was taken last may not be filled yet */
	return until != (u16)-RECORD_LEN || taken != 0 ||
	       stands_still(cpu, run);
}

bool read_next(struct read *r, struct trace_record *to)
{
	while (r->left != 0) {
		bool good = copy_safely(r->cpu, r->at, to);

		r->left--;
		r->at = (u16)(r->at + RECORD_LEN);
		if (!good) {
			r->lost++;
		} else if (to->event != 0 && to->tsc >= r->tsc) {
			r->tsc = to->tsc;
			return true;
		}
	}
	return false;
}

/*
 * The CPU goes on counting in the low half while this is stored, and may
 * overwrite that half: any value is one of the ring that was chosen.
 */
static void choose(struct cpu *cpu, const struct trace_record *ring)
{
	u64 to = (u64)ring | low_of(pointer_of(cpu));

	__atomic_store_n((u64 *)&cpu->trace, to, __ATOMIC_RELEASE);
}

void read_switch(bool on)
{
	for (u32 i = 0; i < machine.cpu_count; i++) {
		struct cpu *cpu = machine.cpus[i];

		if (on == read_is_on(cpu)) {
			continue;
		}
		if (!on) {
			cpu->trace_stopped = low_of(pointer_of(cpu));
		}
		choose(cpu, on ? cpu->trace_ring : cpu->trace_spare);
	}
}

void read_clear(void)
{
	u64 now = port_tsc();

	for (u32 i = 0; i < machine.cpu_count; i++) {
		machine.cpus[i]->trace_since = now;
	}
}
