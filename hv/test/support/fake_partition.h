/* SPDX-License-Identifier: MIT */
/* Builds CPUs, partitions and VPs of the fake machine. */
#ifndef HV_TEST_SUPPORT_FAKE_PARTITION_H
#define HV_TEST_SUPPORT_FAKE_PARTITION_H

#include "support/fake.h"

/* Makes CPUs 0 … count - 1, with apic_id 2 * number, all in root mode. */
void fake_cpus(u32 count);

/*
 * Makes a partition with `vp_count` VPs, all privileges and FAKE_RAM bytes of
 * RAM. VP n has VP index n * stride and is on CPU n; after the last CPU comes
 * CPU 0 again. Makes the CPUs that it needs if the test has not called
 * fake_cpus(). EPT, log and vapic are not initialised. fake_config() returns
 * the configuration, which the test may change; after that all calls take the
 * slow path until hc_fast_path_plan().
 */
struct partition *fake_partition(u32 vp_count, u32 stride);
struct config_partition *fake_config(struct partition *p);

#endif
