/* SPDX-License-Identifier: MIT */
/*
 * Parts: 0 is the whole RAM, 1 the reset vector, the ones after it are those of
 * the plan.
 */
#include "core/lifecycle/refill.h"

#include "common/image/image_plan.h"
#include "core/lifecycle/reset_vector.h"
#include "core/port/port.h"
#include "core/state/partition.h"

static u64 piece_of(const struct partition *p, u64 len)
{
	u64 left = len - p->refill.done;

	return left < REFILL_PIECE ? left : REFILL_PIECE;
}

/* Notes that `piece` bytes are done; true if they were the part's last ones. */
static bool note(struct partition *p, u64 piece, u64 len)
{
	p->refill.done += piece;
	if (p->refill.done < len) {
		return false;
	}
	p->refill.part++;
	p->refill.done = 0;
	return true;
}

static void check(const struct partition *p, enum err err)
{
	if (err != ERR_OK) {
		port_panic(
			"partition %s: RAM does not take what it took before",
			p->config->name);
	}
}

static bool fill(struct partition *p, u64 word)
{
	u64 piece = piece_of(p, p->memory_len);

	check(p, port_fill_guest(p, (gpa_t){p->refill.done}, word,
				 piece / sizeof(word)));
	return note(p, piece, p->memory_len);
}

static void copy(struct partition *p, const struct image_part *part)
{
	u64 piece = piece_of(p, part->len);

	if (piece > 0) {
		check(p,
		      port_write_guest(p, (gpa_t){part->to.v + p->refill.done},
				       (const u8 *)part->from + p->refill.done,
				       piece));
	}
	(void)note(p, piece, part->len);
}

static bool end(struct partition *p)
{
	p->refill = (struct refill){0, 0};
	return true;
}

bool refill_poison(struct partition *p)
{
	return fill(p, REFILL_POISON) && end(p);
}

bool refill_load(struct partition *p)
{
	struct image_part part;

	if (p->refill.part == 0) {
		(void)fill(p, 0);
		return false;
	}
	if (p->refill.part == 1) {
		check(p, reset_vector_write(p));
		p->refill.part++;
		return false;
	}
	if (image_part(p->plan, p->files.image, p->files.initrd,
		       p->refill.part - 2, &part)) {
		copy(p, &part);
		return false;
	}
	return end(p);
}
