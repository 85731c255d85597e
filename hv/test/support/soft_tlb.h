/* SPDX-License-Identifier: MIT */
/*
 * VPs with a software TLB (paging = shadow) and guest address spaces for them:
 * 4-level tables in the partition's RAM. What a VP has cached is read from its
 * tables by a walk that shares nothing with core/paging. The fake VMCS has the
 * VPs' common state; their CR3 is in vp->own.view.
 */
#ifndef HV_TEST_SUPPORT_SOFT_TLB_H
#define HV_TEST_SUPPORT_SOFT_TLB_H

#include "core/state/shadow.h"
#include "support/fake_partition.h"

#define SOFT_TLB_PAGES 80             /* tables of each VP */
#define SOFT_TLB_RAM   0x200000       /* the guests' tables, from here on */
#define SOFT_TLB_PAGE  0x100000       /* where all guest pages lead */
#define SOFT_TLB_AREA  (512ull << 30) /* where the CPUs see the tables */

/* Gives each VP of the partition an empty software TLB. */
void soft_tlb_add(struct partition *p);

/* A VP whose registers have values, such as that of reg_vp_new(), gets one. */
void soft_tlb_convert(struct vp *vp);

/*
 * Maps `gva` under the root table at GPA `root`, which may be 0: present,
 * writable, and `flags`.
 */
void soft_tlb_map(struct partition *p, u64 root, u64 gva, u64 flags);

/*
 * `vp` is in 64-bit mode with PCIDs, CPL 0, and loads CR3, which keeps what it
 * has cached.
 */
void soft_tlb_use(struct vp *vp, u64 cr3);

/* A read, with the page fault that it may need. */
void soft_tlb_read(struct vp *vp, u64 gva);

/*
 * Is there a translation of the address in the context of that PCID, or a
 * global one? No page fault would walk the guest's tables then.
 */
bool soft_tlb_has(const struct vp *vp, u32 pcid, u64 gva);

#endif
