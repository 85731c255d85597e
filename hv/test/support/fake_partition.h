/* SPDX-License-Identifier: MIT */
/* Builds CPUs, partitions and VPs of the fake machine. */
#ifndef HV_TEST_SUPPORT_FAKE_PARTITION_H
#define HV_TEST_SUPPORT_FAKE_PARTITION_H

#include "support/fake.h"

/* CPUs 0 … count - 1 exist (apic_id = 2 * number), all in root mode. */
void fake_cpus(u32 count);

/*
 * A new partition: `vp_count` VPs with VP index n * stride, VP n on CPU n (and
 * again from CPU 0 after the last), all privileges, FAKE_RAM bytes of
 * RAM. Makes the CPUs it needs if fake_cpus() was not called. Its config may
 * be changed through fake_config(); after that all calls take the slow path
 * until hc_fast_path_plan(). EPT, log and vapic are not initialised.
 */
struct partition *fake_partition(u32 vp_count, u32 stride);
struct config_partition *fake_config(struct partition *p);

#endif
