/* SPDX-License-Identifier: MIT */
/* Included before every file of hv/core: the core executes no instruction. */
#pragma GCC poison asm __asm __asm__
