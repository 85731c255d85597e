/* SPDX-License-Identifier: MIT */
/* Mappings of the kernel itself that go and come again at the same place. */
#ifndef GUEST_TEST_LINUX_KERNEL_MAPS_H
#define GUEST_TEST_LINUX_KERNEL_MAPS_H

/*
 * The word `rounds` says how often each CPU does it. A result says whether the
 * kernel did what it had to do each time; the counter is shown after each
 * round.
 */
void kernel_maps_job(void);

#endif
