/* SPDX-License-Identifier: MIT */
/*
 * Page tables for 32-bit code without IA-32e mode: three GiB one to one, the
 * last one for tests of translations. SDM 3A, "PAE Paging", "32-Bit Paging".
 */
#ifndef GUEST_TEST_KERNEL_PAGING32_H
#define GUEST_TEST_KERNEL_PAGING32_H

#include "base/types.h"

enum paging32 { PAGING32_PAE, PAGING32_CLASSIC };

#define PAGING32_BASE 0xc0000000u

/*
 * CR3 and CR4 with which 32-bit code uses the tables of this kind. Assembly
 * exchanges them with those of 64-bit code on its way there and back.
 */
extern u32 paging32_cr3;
extern u32 paging32_cr4;
void paging32_select(enum paging32 kind);

/*
 * Writes entry `i` of the page table that maps PAGING32_BASE onwards or, if
 * `is_large`, entry `i` > 0 of the directory from there on. No memory access
 * uses these translations.
 */
void paging32_set(enum paging32 kind, bool is_large, u32 i, u64 entry);
u64 paging32_get(enum paging32 kind, bool is_large, u32 i);

/* Where that entry is: its address, linear and physical. */
u32 paging32_entry(enum paging32 kind, bool is_large, u32 i);

/* The address that this entry maps. */
u32 paging32_address(enum paging32 kind, bool is_large, u32 i);

#endif
