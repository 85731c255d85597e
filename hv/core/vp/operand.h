/* SPDX-License-Identifier: MIT */
/*
 * The memory operand of an instruction that exits, as the exit's information
 * describes it. SDM 3C, "Instruction-Information Field", table for INVEPT,
 * INVPCID and INVVPID.
 */
#ifndef HV_CORE_VP_OPERAND_H
#define HV_CORE_VP_OPERAND_H

#include "base/types.h"

struct vp;

/* VMCS_EXIT_INSTRUCTION_INFO: the register operand */
#define OPERAND_REGISTER GENMASK(31, 28)

struct operand {
	u64 info;         /* VMCS_EXIT_INSTRUCTION_INFO */
	u64 displacement; /* exit qualification */
	u32 len;          /* bytes that are read */
};

/*
 * The linear address of the operand's first byte, for a read at CPL 0. False:
 * an exception with error code 0, its vector in *vector (#GP, or #SS for the
 * stack segment). VMCS current.
 */
bool operand_address(const struct vp *vp, const struct operand *operand,
		     gva_t *address, u8 *vector);

/* Its byte `n`: outside 64-bit mode addresses end at 4 GiB. VMCS current. */
gva_t operand_byte(gva_t address, u64 n);

/* A general register of the guest, 32 bits of it outside 64-bit mode. */
u64 operand_register(const struct vp *vp, u64 reg);

#endif
