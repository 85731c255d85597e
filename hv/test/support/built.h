/* SPDX-License-Identifier: MIT */
/*
 * Partitions made by build_partition() from a handoff, with the image of
 * elf_image.h, as the loaders hand it over.
 */
#ifndef HV_TEST_SUPPORT_BUILT_H
#define HV_TEST_SUPPORT_BUILT_H

#include "core/lifecycle/build.h"
#include "support/elf_image.h"
#include "support/symbol_file.h"

#define BUILT_RAM (4 * MIB)

extern struct handoff built_handoff;
extern struct elf_image built_image;
extern u8 built_initrd[5000];
extern struct symbol_file built_symbols;

/*
 * Describes partition `number` in the handoff: named pN, no initrd, no
 * symbols. The test may change the handoff before built_make().
 */
void built_describe(u32 number, u32 vps, u32 stride);

struct partition *built_make(u32 number);

#endif
