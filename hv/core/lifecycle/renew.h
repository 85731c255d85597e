/* SPDX-License-Identifier: MIT */
/*
 * Makes a partition and its VPs what they were before their first launch. What
 * they own by configuration stays: memory, VPIDs, EPTP, VMCS pages, tables.
 */
#ifndef HV_CORE_LIFECYCLE_RENEW_H
#define HV_CORE_LIFECYCLE_RENEW_H

struct partition;
struct vp;

/*
 * The partition, but for its VPs and its RAM; begins its next life. Called on
 * its keeper's CPU while all its VPs are STOPPED.
 */
void renew_partition(struct partition *p);

/*
 * A VP, after renew_partition(): its CPU drops all translations that it may
 * have of it (INVEPT, INVVPID), its VMCS is clear, VP 0 is RUNNABLE and others
 * wait for SIPI. Called on its own CPU, with its VMCS current and the run word
 * even.
 */
void renew_vp(struct vp *vp);

#endif
