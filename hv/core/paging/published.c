/* SPDX-License-Identifier: MIT */
/*
 * Publishing under a sequence count: odd while the copy changes. Writer: the
 * VP's own CPU; readers wait for it only during a few VMREADs and stores.
 */
#include "core/paging/published.h"

#include "core/cpu/kick.h"
#include "core/paging/guest_view.h"
#include "core/port/vmcs.h"
#include "x86/cr.h"
#include "x86/msr.h"

#define WORDS        (sizeof(struct published) / sizeof(u64))
#define WORDS_NO_PAE (offsetof(struct published, pdpte) / sizeof(u64))

/* In the order of struct published */
static const enum vmcs_field fields[] = {
	VMCS_GUEST_CR0,    VMCS_GUEST_CR3,    VMCS_GUEST_CR4,
	VMCS_GUEST_EFER,   VMCS_GUEST_RFLAGS, VMCS_GUEST_SS_ACCESS,
	VMCS_GUEST_PAT,    VMCS_GUEST_PDPTE0, VMCS_GUEST_PDPTE1,
	VMCS_GUEST_PDPTE2, VMCS_GUEST_PDPTE3,
};
_Static_assert(ARRAY_SIZE(fields) == WORDS, "struct published");

static bool uses_pdptes(const struct published *regs)
{
	return (regs->cr0 & CR0_PG) && (regs->cr4 & CR4_PAE) &&
	       !(regs->efer & EFER_LMA);
}

/* These two are unrolled because they run at each exit. */
static inline void read_words(u64 *words, u32 begin, u32 end)
{
#pragma GCC unroll 16
	for (u32 i = begin; i < end; i++) {
		words[i] = port_vmcs_get(fields[i]);
	}
}

static inline void store_words(u64 *to, const u64 *from, u32 begin, u32 end)
{
#pragma GCC unroll 16
	for (u32 i = begin; i < end; i++) {
		__atomic_store_n(&to[i], from[i], __ATOMIC_RELAXED);
	}
}

/* False: PAE paging is off, and the PDPTEs of `regs` are not written. */
static inline bool read_vmcs(struct published *regs)
{
	read_words((u64 *)regs, 0, WORDS_NO_PAE);
	if (LIKELY(!uses_pdptes(regs))) {
		return false;
	}
	read_words((u64 *)regs, WORDS_NO_PAE, WORDS);
	return true;
}

/* The same of a VP with a software TLB: what the guest sees. */
static inline bool read_view(const struct vp *vp, struct published *regs)
{
	read_words((u64 *)regs, 0, WORDS_NO_PAE);
	view_correct(vp, regs);
	return uses_pdptes(regs);
}

static void store_pdptes(struct vp *vp, const struct published *regs)
{
	static const struct published none;

	store_words((u64 *)&vp->own.published,
		    (const u64 *)(regs ? regs : &none), WORDS_NO_PAE, WORDS);
}

/* Ends what published_begin() began. */
static inline __attribute__((always_inline)) void update(struct vp *vp,
							 bool is_shadow)
{
	struct published regs;
	bool had_pdptes = uses_pdptes(&vp->own.published);
	bool has_pdptes = is_shadow ? read_view(vp, &regs) : read_vmcs(&regs);

	__atomic_thread_fence(__ATOMIC_RELEASE);
	store_words((u64 *)&vp->own.published, (const u64 *)&regs, 0,
		    WORDS_NO_PAE);
	if (UNLIKELY(had_pdptes || has_pdptes)) {
		store_pdptes(vp, has_pdptes ? &regs : NULL);
	}
	/* even after the last word; pairs with load() */
	__atomic_store_n(&vp->own.published_seq, vp->own.published_seq + 1,
			 __ATOMIC_RELEASE);
}

/* Not inlined: the update of other VPs keeps the words in registers. */
static __attribute__((noinline)) void update_shadow(struct vp *vp)
{
	published_begin(vp);
	update(vp, true);
}

void published_end(struct vp *vp)
{
	update(vp, false);
}

void published_update(struct vp *vp)
{
	if (LIKELY(!vp->partition->publishes_regs)) {
		return;
	}
	if (UNLIKELY(vp->shadow != NULL)) {
		update_shadow(vp);
	} else {
		published_begin(vp);
		published_end(vp);
	}
}

/* False: the words changed during the copy; try again. */
static bool load(const struct vp *vp, struct published *regs)
{
	const u64 *from = (const u64 *)&vp->own.published;
	u64 *to = (u64 *)regs;
	/* pairs with published_update(): the words of an even count are
	   complete */
	u32 seq = __atomic_load_n(&vp->own.published_seq, __ATOMIC_ACQUIRE);

	for (u32 i = 0; i < WORDS; i++) {
		to[i] = __atomic_load_n(&from[i], __ATOMIC_RELAXED);
	}
	/* pairs with published_update(): a newer word has a newer count */
	__atomic_thread_fence(__ATOMIC_ACQUIRE);
	return !(seq & 1) &&
	       __atomic_load_n(&vp->own.published_seq, __ATOMIC_RELAXED) == seq;
}

void published_read_own(const struct vp *vp, struct published *out)
{
	*out = (struct published){0};
	if (vp->shadow != NULL) {
		read_view(vp, out);
	} else {
		read_vmcs(out);
	}
}

void published_read(struct vp *self, struct vp *target, struct published *out)
{
	struct vp_set one;

	if (target == self) {
		published_read_own(self, out);
		return;
	}
	/* nothing was put that its CPU has to see, so no barrier before */
	one.banks = 0;
	vp_set_add(&one, target->index);
	kick_and_wait(self->cpu, target->partition, &one, NULL, self, NULL);
	while (!load(target, out)) {
		port_pause();
	}
}
