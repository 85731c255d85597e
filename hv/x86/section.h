/* SPDX-License-Identifier: MIT */
/*
 * The parts of the image and their bounds, as hv.lds places them; each bound is
 * page aligned. paging.c gives them their rights.
 */
#ifndef HV_X86_SECTION_H
#define HV_X86_SECTION_H

#include "base/types.h"

/* Written before paging_seal(), read-only afterwards */
#define __ro_after_launch __attribute__((section(".ro_after_launch")))

extern const u8 section_text_start[];
extern const u8 section_text_end[];
extern const u8 section_rodata_start[];
extern const u8 section_rodata_end[];
extern const u8 section_ro_after_launch_start[];
extern const u8 section_ro_after_launch_end[];
extern const u8 section_data_start[];
extern const u8 section_data_end[];

/* Inside data: the page below the boot stack, left out of our page tables */
extern const u8 section_boot_guard[];

#endif
