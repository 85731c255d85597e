/* SPDX-License-Identifier: MIT */
/* The checks of suite `msr` that are in hypercall_page.c. */
#ifndef GUEST_TEST_SUITES_MSR_MSR_SUITE_H
#define GUEST_TEST_SUITES_MSR_MSR_SUITE_H

void msr_check_page_works(const void *arg);
void msr_check_page_overlays(const void *arg);
void msr_check_page_write(const void *arg);
void msr_check_page_moves(const void *arg);
void msr_check_page_moves_under_use(const void *arg);
void msr_check_page_beyond_ram(const void *arg);
void msr_check_page_without_os_id(const void *arg);
void msr_check_page_os_id_cleared(const void *arg);
void msr_check_lock(const void *arg);

void msr_check_apic_eoi(const void *arg);
void msr_check_apic_icr(const void *arg);
void msr_check_apic_tpr(const void *arg);
void msr_check_apic_reserved(const void *arg);
void msr_check_vp_assist(const void *arg);

#endif
