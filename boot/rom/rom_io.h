/* SPDX-License-Identifier: MIT */
/* Port instructions for the ROM loader, one each. */
#ifndef BOOT_ROM_ROM_IO_H
#define BOOT_ROM_ROM_IO_H

#include "base/types.h"

static inline void rom_io_out8(u16 port, u8 value)
{
	asm volatile("outb %0, %1" : : "a"(value), "Nd"(port));
}

static inline u8 rom_io_in8(u16 port)
{
	u8 value;

	asm volatile("inb %1, %0" : "=a"(value) : "Nd"(port));
	return value;
}

/* Reads `len` bytes, a multiple of 4, by 32-bit accesses. */
static inline void rom_io_in_block(u16 port, void *to, u64 len)
{
	u64 count = len / 4;

	asm volatile("rep insl" : "+D"(to), "+c"(count) : "d"(port) : "memory");
}

#endif
