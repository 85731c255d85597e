/* SPDX-License-Identifier: MIT */
/*
 * Decides which VPs an IPI addresses and posts it to them. An APIC ID is the
 * VP's number in its partition; an IPI to an ID that no VP has is dropped, as
 * on hardware.
 */
#include "core/events/ipi.h"

#include "base/bits.h"
#include "core/apic/interrupts.h"
#include "core/apic/registers.h"
#include "core/events/post.h"
#include "core/state/partition.h"
#include "core/state/vp.h"

#define DEST_BROADCAST 0xffffffffu /* physical and logical alike */

#define LOGICAL_CLUSTER GENMASK(31, 16)
#define LOGICAL_MEMBERS GENMASK(15, 0)
#define CLUSTER_VPS     16u

#define NOBODY 0xffffffffu

/*
 * VPs `first` to `end` - 1 without `except`; of a cluster only those whose
 * bit is set in `members`.
 */
struct targets {
	u32 first;
	u32 end;
	u32 except;
	bool is_cluster;
	u32 members;
};

static void post_nmi(struct vp *vp, u8 vector)
{
	(void)vector;
	vp_post(vp, VP_EVENT_NMI);
}

static void post_init(struct vp *vp, u8 vector)
{
	(void)vector;
	vp_post(vp, VP_EVENT_INIT);
}

/*
 * Not here: SMI (there is no SMM), the reserved modes 3 and 7. They are
 * dropped.
 */
/* clang-format off */
static void (*const post_fns[VAPIC_MODE_COUNT])(struct vp *vp, u8 vector) = {
	[VAPIC_MODE_FIXED]   = vp_post_irq,
	[VAPIC_MODE_LOWEST]  = vp_post_irq,
	[VAPIC_MODE_NMI]     = post_nmi,
	[VAPIC_MODE_INIT]    = post_init,
	[VAPIC_MODE_STARTUP] = vp_post_sipi,
};
/* clang-format on */

/*
 * INIT level de-assert is not supported since Pentium 4, and the shorthands
 * that include the sender are valid with fixed mode only: SDM 3A, "Valid
 * Combinations for the Pentium 4 and Intel Xeon Processors' Local xAPIC
 * Interrupt Command Register". Invalid ones are dropped.
 */
static bool is_sent(const struct vapic_ipi *ipi)
{
	if (!ipi->send || post_fns[ipi->mode % VAPIC_MODE_COUNT] == NULL) {
		return false;
	}
	if (ipi->mode == VAPIC_MODE_INIT && ipi->level && !ipi->assert) {
		return false;
	}
	return ipi->mode == VAPIC_MODE_FIXED ||
	       ipi->shorthand == VAPIC_TO_DEST ||
	       ipi->shorthand == VAPIC_TO_OTHERS;
}

static struct targets range(const struct partition *p, u32 first, u32 count)
{
	struct targets t = {.first = first, .except = NOBODY};

	if (first < p->vp_count) {
		u32 left = p->vp_count - first;

		t.end = first + (count < left ? count : left);
	}
	return t;
}

/* SDM 3A, "Logical Destination Mode in x2APIC Mode" */
static struct targets cluster(const struct partition *p, u32 dest)
{
	u32 number = (u32)FIELD_GET(LOGICAL_CLUSTER, dest);
	struct targets t = range(p, number * CLUSTER_VPS, CLUSTER_VPS);

	t.is_cluster = true;
	t.members = (u32)FIELD_GET(LOGICAL_MEMBERS, dest);
	return t;
}

static struct targets resolve(const struct vp *self,
			      const struct vapic_ipi *ipi)
{
	const struct partition *p = self->partition;
	struct targets t = range(p, 0, p->vp_count);

	switch (ipi->shorthand) {
	case VAPIC_TO_SELF:
		return range(p, self->number, 1);
	case VAPIC_TO_ALL:
		return t;
	case VAPIC_TO_OTHERS:
		t.except = self->number;
		return t;
	default:
		break;
	}
	if (ipi->dest == DEST_BROADCAST) {
		return t;
	}
	return ipi->logical ? cluster(p, ipi->dest) : range(p, ipi->dest, 1);
}

static bool has(const struct targets *t, u32 number)
{
	return number >= t->first && number < t->end && number != t->except &&
	       (!t->is_cluster || (t->members & BIT(number - t->first)) != 0);
}

/*
 * Lowest priority: the sender, if it is addressed, because it needs no kick;
 * else the addressed VP with the lowest number. A software-disabled APIC does
 * not take part. (Priorities of other VPs can change while they are compared;
 * the SDM calls the choice model specific.)
 */
static struct vp *arbitrate(const struct vp *self, const struct targets *t)
{
	struct vp *const *vps = self->partition->vps;

	if (has(t, self->number) && vapic_is_enabled(&self->own.vapic)) {
		return vps[self->number];
	}
	for (u32 n = t->first; n < t->end; n++) {
		if (has(t, n) && vapic_is_enabled(&vps[n]->own.vapic)) {
			return vps[n];
		}
	}
	return NULL;
}

void ipi_send(struct vp *self, const struct vapic_ipi *ipi)
{
	struct vp *const *vps = self->partition->vps;
	struct targets t;

	if (!is_sent(ipi)) {
		return;
	}
	t = resolve(self, ipi);
	if (ipi->mode == VAPIC_MODE_LOWEST) {
		struct vp *winner = arbitrate(self, &t);

		if (winner != NULL) {
			vp_post_irq(winner, ipi->vector);
		}
		return;
	}
	for (u32 n = t.first; n < t.end; n++) {
		if (has(&t, n)) {
			post_fns[ipi->mode](vps[n], ipi->vector);
		}
	}
}

void ipi_send_set(const struct partition *p, const struct vp_set *set,
		  u8 vector)
{
	u64 index;

	VP_SET_FOR_EACH(index, set) {
		vp_post_irq(p->by_index[index], vector);
	}
}
