/* SPDX-License-Identifier: MIT */
/* The checks of suite `apic` that are not in ipi.c. */
#ifndef GUEST_TEST_SUITES_APIC_APIC_SUITE_H
#define GUEST_TEST_SUITES_APIC_APIC_SUITE_H

/* registers.c */
void apic_check_registers(const void *arg);
void apic_check_reserved_bits(const void *arg);
void apic_check_reset_values(const void *arg);
void apic_check_base_bits(const void *arg);

/* timer.c */
void apic_check_one_shot(const void *arg);
void apic_check_periodic(const void *arg);
void apic_check_deadline(const void *arg);
void apic_check_mode_change(const void *arg);
void apic_check_timer_masked(const void *arg);
void apic_check_hlt_timer(const void *arg);

/* init.c */
void apic_check_init_registers(const void *arg);
void apic_check_init_cache_bits(const void *arg);

/* wake.c */
void apic_check_interrupt_window(const void *arg);
void apic_check_sti_shadow(const void *arg);
void apic_check_hlt_ipi(const void *arg);
void apic_check_hlt_nmi(const void *arg);
void apic_check_init_sipi(const void *arg);

#endif
