/* SPDX-License-Identifier: MIT */
/*
 * Segment and gate descriptors: the bits of the 8-byte forms, SDM 3A, "Segment
 * Descriptors" and "IDT Descriptors". Fit for assembly.
 */
#ifndef X86_SEG_H
#define X86_SEG_H

#include "base/bits.h"

#define SEG_TYPE_DATA_RW  (U(0x3) << 40) /* read/write, accessed */
#define SEG_TYPE_CODE_RX  (U(0xb) << 40) /* execute/read, accessed */
#define SEG_TYPE_TSS      (U(0x9) << 40) /* 64-bit TSS, available */
#define SEG_TYPE_TSS_BUSY (U(0xb) << 40)
#define SEG_CODE_OR_DATA  BIT(44)
#define SEG_PRESENT       BIT(47)
#define SEG_LONG          BIT(53)
#define SEG_DB            BIT(54)
#define SEG_GRANULARITY   BIT(55) /* the limit is in pages */

#define SEG_LIMIT_LOW  GENMASK(15, 0)
#define SEG_BASE_LOW   GENMASK(39, 16)
#define SEG_LIMIT_HIGH GENMASK(51, 48)
#define SEG_BASE_HIGH  GENMASK(63, 56)

#define SEG_KERNEL_CODE                                                        \
	(SEG_TYPE_CODE_RX | SEG_CODE_OR_DATA | SEG_PRESENT | SEG_LONG)
#define SEG_KERNEL_DATA                                                        \
	(SEG_TYPE_DATA_RW | SEG_CODE_OR_DATA | SEG_PRESENT | SEG_DB)

/* Low word of a 64-bit interrupt gate */
#define GATE_OFFSET_LOW  GENMASK(15, 0)
#define GATE_SELECTOR    GENMASK(31, 16)
#define GATE_IST         GENMASK(34, 32)
#define GATE_INTERRUPT   (U(0xe) << 40)
#define GATE_PRESENT     BIT(47)
#define GATE_OFFSET_HIGH GENMASK(63, 48)

#endif
