/* SPDX-License-Identifier: MIT */
/* The apic suite's checks, by file. */
#ifndef GUEST_TEST_SUITES_APIC_APIC_SUITE_H
#define GUEST_TEST_SUITES_APIC_APIC_SUITE_H

/* suite_apic_regs.c */
void apic_check_registers(const void *arg);
void apic_check_reserved_bits(const void *arg);
void apic_check_reset_values(const void *arg);

/* suite_apic_timer.c */
void apic_check_one_shot(const void *arg);
void apic_check_periodic(const void *arg);
void apic_check_deadline(const void *arg);
void apic_check_timer_masked(const void *arg);
void apic_check_hlt_timer(const void *arg);

/* suite_apic_wake.c */
void apic_check_interrupt_window(const void *arg);
void apic_check_sti_shadow(const void *arg);
void apic_check_hlt_ipi(const void *arg);
void apic_check_hlt_nmi(const void *arg);
void apic_check_init_sipi(const void *arg);

#endif
