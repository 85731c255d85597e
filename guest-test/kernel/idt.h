/* SPDX-License-Identifier: MIT */
/* One IDT for all VPs; its gates lead to isr.S. */
#ifndef GUEST_TEST_KERNEL_IDT_H
#define GUEST_TEST_KERNEL_IDT_H

/* Fills the table; VP 0, once. */
void idt_init(void);

/* Loads it on this VP. */
void idt_load(void);

#endif
