/* SPDX-License-Identifier: MIT */
/*
 * All VPs: VP 0 runs the checks and gives functions to the others, which
 * otherwise wait in smp_ap_main().
 */
#ifndef GUEST_TEST_KERNEL_SMP_H
#define GUEST_TEST_KERNEL_SMP_H

#include "kernel/vp.h"

#define VPS_MAX  256
#define VP_STACK 16384

extern struct guest_cpu *smp_vps[VPS_MAX];

/* Makes the caller VP 0 and prepares the others. */
void smp_init(u32 count, u32 stride);

/* Starts VPs 1 … count-1 by INIT-SIPI-SIPI and waits for all of them. */
void smp_start(void);

/* For a VP that waits in smp_ap_main(), or that has got an INIT. */
void smp_send_init(u32 n);
void smp_send_sipi(u32 n);
void smp_send_sipi_page(u32 n, u32 page); /* another start address */

/* Runs fn(arg) on VP n, which must be free; smp_wait() waits for its end. */
void smp_run(u32 n, vp_fn *fn, void *arg);
void smp_wait(u32 n);
bool smp_is_busy(u32 n);

/* smp_run() and smp_wait() for the same function on VP first … last. */
void smp_run_range(u32 first, u32 last, vp_fn *fn, void *arg);
void smp_wait_range(u32 first, u32 last);

u32 smp_count(void);

/* CPUs, as the hypervisor says; VP n runs on CPU n % smp_cpus(). */
u32 smp_cpus(void);

#endif
