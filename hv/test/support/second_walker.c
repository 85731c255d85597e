/* SPDX-License-Identifier: MIT */
/* The second page walker (see second_walker.h). */
#include "support/second_walker.h"

#include <string.h>

#include "support/fake.h"

/* What an entry of one level may be, by the formats of SDM 3A */
struct level {
	u32 low;      /* lowest address bit that indexes this table */
	u32 bits;     /* and how many of them do */
	u32 page_low; /* lowest frame bit of a page; 0: maps none */
	bool by_ps;   /* it maps a page only if bit 7 is set */
};

enum mode { MODE_32, MODE_PAE, MODE_LONG };

static const struct level levels[][4] = {
	[MODE_32] = {{22, 10, 22, true}, {12, 10, 12, false}},
	[MODE_PAE] = {{21, 9, 21, true}, {12, 9, 12, false}},
	[MODE_LONG] = {{39, 9, 0, false},
		       {30, 9, 30, true},
		       {21, 9, 21, true},
		       {12, 9, 12, false}},
};
static const u32 level_count[] = {2, 2, 4};

static enum mode mode_of(const struct walk_state *s)
{
	if (s->efer >> 10 & 1) {
		return MODE_LONG;
	}
	return s->cr4 >> 5 & 1 ? MODE_PAE : MODE_32;
}

static u64 bits(u32 from, u32 to)
{
	u64 mask = 0;

	for (u32 i = from; i <= to && i < 64; i++) {
		mask |= 1ull << i;
	}
	return mask;
}

static bool maps_page(const struct walk_state *s, enum mode mode,
		      const struct level *l, u64 entry)
{
	if (l->page_low == 0) {
		return false;
	}
	if (!l->by_ps) {
		return true;
	}
	if (mode == MODE_32 && !(s->cr4 >> 4 & 1)) {
		return false;
	}
	if (l->low == 30 && !s->has_1g_pages) {
		return false;
	}
	return entry >> 7 & 1;
}

/* The bits that a present entry may have set */
static u64 may_have(const struct walk_state *s, enum mode mode,
		    const struct level *l, bool page)
{
	u32 top = s->address_bits - 1;
	u64 mask;

	if (mode == MODE_32) {
		mask = bits(0, 31);
		if (page && l->low == 22) {
			/*
			 * PSE-36: bits 20:13 are bits 39:32 of the address, as
			 * far as the CPU has them
			 */
			mask &= ~bits(13, 21);
			mask |= top >= 32 ? bits(13, top - 19) & bits(13, 20)
					  : 0;
		}
		return mask;
	}
	mask = bits(0, 6) | bits(8, 11);
	mask |= mode == MODE_LONG ? bits(52, 62) : 0;
	mask |= s->efer >> 11 & 1 ? bits(63, 63) : 0;
	if (!page) {
		/*
		 * An entry for a table: where large pages exist, one with bit 7
		 * set maps a page and does not come here.
		 */
		return mask | bits(12, top) |
		       (l->by_ps && l->low == 21 ? bits(7, 7) : 0);
	}
	mask |= bits(7, 7) | bits(l->page_low, top);
	return l->by_ps ? mask | bits(12, 12) : mask;
}

static u64 fetch(struct partition *p, u64 at, u32 size, bool *inside)
{
	u64 value = 0;

	*inside = at + size <= p->memory_len;
	if (*inside) {
		memcpy(&value, fake_ram(p, at), size);
	}
	return value;
}

struct rights {
	bool write;
	bool user;
	bool nx;
};

static bool data_allowed(const struct walk_state *s, struct rights r, u64 flags,
			 bool is_write)
{
	bool wp = s->cr0 >> 16 & 1;
	bool smap = (s->cr4 >> 21 & 1) && !(s->rflags >> 18 & 1);

	if (flags & WALK_EXEMPT) {
		return !is_write || r.write || !wp;
	}
	if (s->cpl == 3) {
		return r.user && (!is_write || r.write);
	}
	if (r.user && smap) {
		return false;
	}
	return !is_write || r.write || !wp;
}

static bool fetch_allowed(const struct walk_state *s, struct rights r,
			  u64 flags)
{
	bool smep = s->cr4 >> 20 & 1;

	if (r.nx) {
		return false;
	}
	if (flags & WALK_EXEMPT) {
		return true;
	}
	return s->cpl == 3 ? r.user : !(r.user && smep);
}

static bool allowed(const struct walk_state *s, struct rights r, u64 flags)
{
	return (!(flags & WALK_READ) || data_allowed(s, r, flags, false)) &&
	       (!(flags & WALK_WRITE) || data_allowed(s, r, flags, true)) &&
	       (!(flags & WALK_EXECUTE) || fetch_allowed(s, r, flags));
}

static u64 frame(enum mode mode, const struct level *l, u64 entry)
{
	if (mode == MODE_32 && l->low == 22) {
		return (entry & bits(22, 31)) | (entry >> 13 & 0xff) << 32;
	}
	return entry & bits(l->page_low, 51);
}

static u32 type_of(const struct walk_state *s, const struct level *l, u64 entry)
{
	u32 pat_at = l->low == 12 ? 7 : 12;
	u32 i = (entry >> 3 & 1) + 2 * (entry >> 4 & 1) +
		4 * (entry >> pat_at & 1);
	const u8 *types = (const u8 *)&s->pat;

	return types[i] == 7 ? 0 : types[i];
}

static void finish(struct second_walk *o, struct partition *p,
		   const struct walk_state *s, struct rights r, u64 flags)
{
	if (!allowed(s, r, flags)) {
		o->status = WALK_DENIED;
	} else if (o->gpa >= p->memory_len) {
		o->status = WALK_UNMAPPED;
	} else {
		o->status = WALK_OK;
	}
	if (o->status != WALK_OK || !(flags & WALK_SET_BITS)) {
		o->writes = 0;
		return;
	}
	for (u32 i = 0; i < o->writes; i++) {
		o->write[i].value |= 0x20;
	}
	if (flags & WALK_WRITE) {
		o->write[o->writes - 1].value |= 0x40;
	}
}

static struct second_walk fails(enum walk_status status)
{
	return (struct second_walk){.status = status};
}

struct second_walk second_walk(struct partition *p, const struct walk_state *s,
			       u64 gva, u64 flags)
{
	enum mode mode = mode_of(s);
	struct second_walk o = {.writes = 0};
	struct rights r = {true, true, false};
	u32 size = mode == MODE_32 ? 4 : 8;
	u64 table = s->cr3 & (mode == MODE_LONG ? bits(12, 51) : bits(12, 31));

	if (mode == MODE_LONG && gva >= 1ull << 47 && gva < ~0ull << 47) {
		return fails(WALK_BAD_FLAGS);
	}
	gva &= mode == MODE_LONG ? ~0ull : 0xffffffff;
	if (mode == MODE_PAE) {
		u64 pdpte = s->pdpte[gva >> 30];

		if (!(pdpte & 1)) {
			return fails(WALK_NOT_PRESENT);
		}
		if (pdpte & ~(1 | bits(3, 4) | bits(9, s->address_bits - 1))) {
			return fails(WALK_BAD_FLAGS);
		}
		table = pdpte & bits(12, 51);
	}
	for (u32 i = 0; i < level_count[mode]; i++) {
		const struct level *l = &levels[mode][i];
		u64 at = table + (gva >> l->low) % (1ull << l->bits) * size;
		bool inside;
		u64 entry = fetch(p, at, size, &inside);
		bool page = maps_page(s, mode, l, entry);

		if (!inside) {
			return fails(WALK_UNMAPPED);
		}
		if (!(entry & 1)) {
			return fails(WALK_NOT_PRESENT);
		}
		if (entry & ~may_have(s, mode, l, page)) {
			return fails(WALK_BAD_FLAGS);
		}
		o.write[o.writes].at = at;
		o.write[o.writes].value = entry;
		o.write[o.writes++].size = size;
		r.write = r.write && (entry >> 1 & 1);
		r.user = r.user && (entry >> 2 & 1);
		r.nx = r.nx || (entry >> 63);
		if (page) {
			o.gpa = frame(mode, l, entry) + gva % (1ull << l->low);
			o.memory_type = type_of(s, l, entry);
			finish(&o, p, s, r, flags);
			return o;
		}
		table = entry & bits(12, mode == MODE_32 ? 31 : 51);
	}
	return fails(WALK_BAD_FLAGS);
}
