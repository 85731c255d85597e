/* SPDX-License-Identifier: MIT */
/*
 * What assembly and C share: selectors, the page of the AP trampoline, and the
 * offsets in struct guest_cpu, which vp.h asserts.
 */
#ifndef GUEST_TEST_KERNEL_LAYOUT_H
#define GUEST_TEST_KERNEL_LAYOUT_H

#define SEL_CODE64 0x08
#define SEL_DATA   0x10
#define SEL_CODE32 0x18
#define SEL_UDATA  0x20 /* DPL 3 */
#define SEL_UCODE  0x28 /* DPL 3 */
#define SEL_TSS    0x30

#define AP_PAGE   0x8000 /* the trampoline; SIPI vector 8 */
#define REAL_PAGE 0x7000 /* forms_real_mode() */

#define VP_SELF           0
#define VP_TRY_RSP        8
#define VP_CALL_RSP       16
#define VP_CALL_RSP_AFTER 24
#define VP_STACK_TOP      32

#endif
