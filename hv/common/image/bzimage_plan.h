/* SPDX-License-Identifier: MIT */
/*
 * Linux's bzImage, entered by the 64-bit boot protocol. Linux,
 * Documentation/arch/x86/boot.rst, "The Linux/x86 Boot Protocol".
 *
 * State the VP starts in ("64-bit Boot Protocol"): 64-bit mode, RIP = plan
 * entry, RSI = plan info (the zero page), CR3 = plan cr3 (identity map of
 * [0, 4 GiB)), GDT at plan gdt, IF = 0.
 */
#ifndef HV_COMMON_IMAGE_BZIMAGE_PLAN_H
#define HV_COMMON_IMAGE_BZIMAGE_PLAN_H

#include "common/image/image_format.h"

extern const struct image_format bzimage_format;

#endif
