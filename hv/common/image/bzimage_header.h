/* SPDX-License-Identifier: MIT */
/*
 * Where fields lie in a bzImage, in the zero page, and in the pages that Lethe
 * gives to it. Linux, Documentation/arch/x86/boot.rst, "The Real-Mode Kernel
 * Header", and zero-page.rst; all fields are little endian.
 */
#ifndef HV_COMMON_IMAGE_BZIMAGE_HEADER_H
#define HV_COMMON_IMAGE_BZIMAGE_HEADER_H

#include "base/types.h"

/* The header, at the same place in the file and in the zero page */
#define BZIMAGE_SETUP_SECTS     0x1f1u
#define BZIMAGE_SYSSIZE         0x1f4u
#define BZIMAGE_BOOT_FLAG       0x1feu
#define BZIMAGE_HEADER_LEN      0x201u /* from BZIMAGE_HEADER on */
#define BZIMAGE_HEADER          0x202u
#define BZIMAGE_VERSION         0x206u
#define BZIMAGE_TYPE_OF_LOADER  0x210u
#define BZIMAGE_LOADFLAGS       0x211u
#define BZIMAGE_CODE32_START    0x214u
#define BZIMAGE_RAMDISK_IMAGE   0x218u
#define BZIMAGE_RAMDISK_SIZE    0x21cu
#define BZIMAGE_CMD_LINE_PTR    0x228u
#define BZIMAGE_INITRD_ADDR_MAX 0x22cu
#define BZIMAGE_ALIGNMENT       0x230u
#define BZIMAGE_RELOCATABLE     0x234u
#define BZIMAGE_XLOADFLAGS      0x236u
#define BZIMAGE_CMDLINE_SIZE    0x238u
#define BZIMAGE_PREF_ADDRESS    0x258u
#define BZIMAGE_INIT_SIZE       0x260u
#define BZIMAGE_READ_LEN        0x264u /* the end of init_size */
#define BZIMAGE_HEADER_END      0x290u /* in the zero page: what follows */

/* Only in the zero page */
#define BZIMAGE_ACPI_RSDP_ADDR 0x070u
#define BZIMAGE_E820_ENTRIES   0x1e8u
#define BZIMAGE_E820_TABLE     0x2d0u
#define BZIMAGE_E820_LEN       20u /* address, length, type */

#define BZIMAGE_SECTOR    512u
#define BZIMAGE_PARAGRAPH 16u
#define BZIMAGE_ENTRY_64  0x200u /* from the kernel's first byte on */

#define BZIMAGE_LOADER_UNDEFINED 0xffu

/* Pages of the plan, in this order */
enum bzimage_page {
	BZIMAGE_PAGE_ZERO,
	BZIMAGE_PAGE_TEXT, /* command line, then GDT */
	BZIMAGE_PAGE_PML4,
	BZIMAGE_PAGE_PDPT,
	BZIMAGE_PAGE_PD, /* and three more: one GiB each */
	BZIMAGE_PAGES = BZIMAGE_PAGE_PD + 4,
};

#define BZIMAGE_GDT_OFFSET 0x800u /* in BZIMAGE_PAGE_TEXT */

#endif
