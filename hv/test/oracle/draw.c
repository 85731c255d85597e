/* SPDX-License-Identifier: MIT */
/*
 * Draws good calls of every kind (see draw.h). From a source that only answers
 * 0 come small calls.
 */
#include "oracle/draw.h"

#define PAGE_WORDS  512
#define FAST_WORDS  14
#define INDEX_SELF  0xfffffffe
#define HOLE_BOTTOM 0x0000800000000000ull
#define HOLE_TOP    0xffff800000000000ull

static void put(struct drawn *out, u64 word)
{
	if (out->words < PAGE_WORDS) {
		out->block[out->words++] = word;
	}
}

/* ---- parts of a block ---- */

static u64 draw_page(struct draw *d)
{
	switch (draw_below(d, 8)) {
	case 4:
		return HOLE_BOTTOM - draw_below(d, 5) * PAGE_SIZE;
	case 5:
		return HOLE_TOP - draw_below(d, 5) * PAGE_SIZE;
	case 6:
		return 0 - (1ull + draw_below(d, 5)) * PAGE_SIZE;
	case 7:
		return draw_word(d) & PAGE_MASK;
	default:
		return d->window + draw_below(d, d->window_pages) * PAGE_SIZE;
	}
}

static u64 draw_range(struct draw *d, bool is_extended)
{
	u64 page = draw_page(d);

	switch (draw_below(d, is_extended ? 7 : 5)) {
	case 3:
		return page | draw_below(d, 40);
	case 4:
		return page | draw_below(d, 4096);
	case 5: /* 2 MiB */
		return (page & ~0x1fffffull) | 0x800 | draw_below(d, 4);
	case 6: /* 1 GiB */
		return (page & ~0x3fffffffull) | 0x1800 | draw_below(d, 2048);
	default:
		return page | draw_below(d, 3);
	}
}

static u64 draw_flags(struct draw *d, bool is_list, bool has_ranges)
{
	u64 flags = draw_below(d, 8);

	if (!draw_one_in(d, 4)) {
		flags &= ~1ull; /* ALL_PROCESSORS hides the set */
	}
	if (is_list && has_ranges && draw_one_in(d, 3)) {
		flags |= 8;
	}
	return flags;
}

/* One word of a set of VPs: those of bank `bank` that exist, or any */
static u64 draw_bank(struct draw *d, const struct oracle_machine *m, u32 bank)
{
	const struct oracle_partition *p = &m->partition[m->self];
	u64 bits = 0;

	if (draw_one_in(d, 6)) {
		return draw_word(d);
	}
	for (u32 bit = 0; bit < 64; bit++) {
		if (oracle_vp_exists(p, bank * 64ull + bit) &&
		    draw_below(d, 3) != 2) {
			bits |= 1ull << bit;
		}
	}
	return bits;
}

/* Format, ValidBanksMask, banks; returns how many banks */
static u32 draw_set(struct draw *d, const struct oracle_machine *m,
		    struct drawn *out, u32 room)
{
	const struct oracle_partition *p = &m->partition[m->self];
	u32 mask_at = out->words + 1;
	u32 count = 0;

	put(out, draw_one_in(d, 6));
	put(out, 0);
	for (u32 bank = 0; bank < 64 && count < room; bank++) {
		u32 last = (p->vps - 1) * p->stride;
		u32 above = last >= bank * 64 ? last - bank * 64 : 0;
		bool has_vps = bank * 64 <= last && above % p->stride < 64;

		if (has_vps ? draw_below(d, 4) != 3 : draw_one_in(d, 24)) {
			put(out, draw_bank(d, m, bank));
			out->block[mask_at] |= 1ull << bank;
			count++;
		}
	}
	return count;
}

/* ---- calls ---- */

static void draw_flush(struct draw *d, const struct oracle_machine *m, u16 code,
		       struct drawn *out)
{
	bool is_list = code == 0x0003 || code == 0x0014;
	bool is_ex = code >= 0x0013;
	bool is_fast = draw_one_in(d, 3);
	u32 room = is_fast ? FAST_WORDS : PAGE_WORDS;
	u32 most = 4;
	u32 count;

	put(out, draw_one_in(d, 3) ? draw_word(d) : d->root);
	put(out, draw_flags(d, is_list, (m->offers & ORACLE_HAS_RANGES) != 0));
	out->control = code;
	if (is_ex) {
		u32 banks = draw_set(d, m, out, room - 5);

		out->control |= FIELD_PREP(HV_CONTROL_VARHEAD, banks);
	} else {
		put(out, draw_bank(d, m, 0));
	}
	if (is_list) {
		room -= out->words;
		most = draw_one_in(d, 4) ? 24 : most;
		most = draw_one_in(d, 30) ? room : most;
		count = 1 + draw_below(d, most < room ? most : room);
		for (u32 i = 0; i < count; i++) {
			put(out, draw_range(d, (out->block[1] & 8) != 0));
		}
		out->control |= FIELD_PREP(HV_CONTROL_REP_COUNT, count);
		if (draw_one_in(d, 3)) {
			out->control |= FIELD_PREP(HV_CONTROL_REP_START,
						   draw_below(d, count));
		}
	}
	out->control |= is_fast ? HV_CONTROL_FAST : 0;
}

static u64 draw_partition_id(struct draw *d, const struct oracle_machine *m)
{
	return draw_one_in(d, 3) ? draw_below(d, m->partition_count + 2)
				 : HV_PARTITION_ID_SELF;
}

static u64 draw_vp_index(struct draw *d, const struct oracle_machine *m)
{
	const struct oracle_partition *p =
		&m->partition[draw_below(d, m->partition_count)];

	if (draw_one_in(d, 4)) {
		return INDEX_SELF;
	}
	return draw_one_in(d, 8) ? draw_below(d, 4200)
				 : draw_below(d, p->vps) * p->stride;
}

static void draw_registers(struct draw *d, const struct oracle_machine *m,
			   u16 code, struct drawn *out)
{
	u32 count = 1 + draw_below(d, 5);

	put(out, draw_partition_id(d, m));
	put(out, draw_vp_index(d, m));
	for (u32 i = 0; i < count; i++) {
		u32 name = draw_one_in(d, 8) ? draw_below(d, 0x10000) : 1;

		if (code == HV_CALL_SET_VP_REGISTERS) {
			put(out, name);
			put(out, 0);
			put(out, draw_below(d, 6) & 3);
			put(out, 0);
		} else if (i % 2 == 0) {
			put(out, name);
		} else {
			out->block[out->words - 1] |= (u64)name << 32;
		}
	}
	out->control = code | FIELD_PREP(HV_CONTROL_REP_COUNT, count);
	if (draw_one_in(d, 4)) {
		out->control |=
			FIELD_PREP(HV_CONTROL_REP_START, draw_below(d, count));
	}
}

static void draw_translate(struct draw *d, const struct oracle_machine *m,
			   struct drawn *out)
{
	put(out, draw_partition_id(d, m));
	put(out, draw_vp_index(d, m));
	put(out, draw_below(d, 0x40) | 1ull << draw_below(d, 3));
	put(out, draw_one_in(d, 3) ? draw_word(d) >> 12 : draw_below(d, 512));
	out->control = HV_CALL_TRANSLATE_VIRTUAL_ADDRESS;
}

/* 0x000B and 0x0015. Half of the vectors are the one that a guest expects. */
static void draw_ipi(struct draw *d, const struct oracle_machine *m,
		     struct drawn *out)
{
	u64 vector = draw_one_in(d, 2) ? draw_below(d, 0x120) : d->ipi_vector;

	put(out, vector);
	if (draw_one_in(d, 2)) {
		out->control = 0x0015;
		out->control |= FIELD_PREP(HV_CONTROL_VARHEAD,
					   draw_set(d, m, out, FAST_WORDS - 3));
	} else {
		put(out, draw_bank(d, m, 0));
		out->control = 0x000b;
	}
	out->control |= draw_one_in(d, 2) ? HV_CONTROL_FAST : 0;
}

static void draw_other(struct draw *d, const struct oracle_machine *m,
		       struct drawn *out)
{
	switch (draw_below(d, 7)) {
	case 5:
		draw_ipi(d, m, out);
		break;
	case 6:
		out->control = 0x8001;
		out->control |= draw_one_in(d, 2) ? HV_CONTROL_FAST : 0;
		break;
	case 0:
		put(out, draw_word(d));
		out->control = HV_CALL_NOTIFY_LONG_SPIN_WAIT;
		out->control |= draw_one_in(d, 2) ? HV_CONTROL_FAST : 0;
		break;
	case 1:
		put(out, draw_vp_index(d, m));
		put(out, 0);
		out->control = LETHE_CALL_TEST_READ;
		break;
	case 2:
		out->control = draw_below(d, 0x20);
		break;
	case 3:
		out->control = draw_below(d, 0x8010);
		break;
	default:
		out->control = draw_word(d);
		break;
	}
}

void draw_good(struct draw *d, const struct oracle_machine *m,
	       struct drawn *out)
{
	static const u16 flushes[] = {0x0003, 0x0014, 0x0002, 0x0013};
	u32 kind = draw_below(d, 16);

	out->words = 0;
	if (kind < 11) {
		draw_flush(d, m, flushes[kind % 4], out);
	} else if (kind < 13) {
		draw_registers(d, m,
			       kind == 11 ? HV_CALL_SET_VP_REGISTERS
					  : HV_CALL_GET_VP_REGISTERS,
			       out);
	} else if (kind == 13) {
		draw_translate(d, m, out);
	} else {
		draw_other(d, m, out);
	}
}
