/* SPDX-License-Identifier: MIT */
/*
 * A real machine has a jump into its firmware there; kernels restart it that
 * way. The code does the same in 16-, 32- and 64-bit mode.
 */
#include "core/lifecycle/reset_vector.h"

#include "common/image/image_plan.h"
#include "core/port/port.h"
#include "core/state/partition.h"

/*
 * MOV DX, 0xCF9 is MOV EDX, 0x…0CF9 in 32-bit code: the two bytes after the
 * operand are then part of it, and DX is the same. They are `MOV AL, 6`, which
 * is therefore repeated.
 */
static const u8 code[] = {
	0xfa,             /* CLI */
	0xba, 0xf9, 0x0c, /* MOV DX, 0xCF9 */
	0xb0, 0x06,       /* MOV AL, 6: system reset, by the CPU */
	0xb0, 0x06,       /* MOV AL, 6 */
	0xee,             /* OUT DX, AL: it does not return */
	0xf4,             /* HLT */
	0xeb, 0xfd,       /* JMP to the HLT */
};

_Static_assert(RESET_VECTOR + sizeof(code) <= 0x100000, "below 1 MiB");

/* Is a byte of it in a segment of the image? All of that is the image's. */
static bool is_taken(const struct partition *p)
{
	for (u32 i = 0; i < p->plan->segment_count; i++) {
		u64 start = p->plan->segments[i].gpa;

		if (start < RESET_VECTOR + sizeof(code) &&
		    RESET_VECTOR < start + p->plan->segments[i].memsz) {
			return true;
		}
	}
	return false;
}

enum err reset_vector_write(struct partition *p)
{
	if (is_taken(p)) {
		return ERR_OK;
	}
	return port_write_guest(p, (gpa_t){RESET_VECTOR}, code, sizeof(code));
}
