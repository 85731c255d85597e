/* SPDX-License-Identifier: MIT */
/*
 * Accesses whose instruction has a name. void sanitize_read(u64 gva) and
 * void sanitize_write(u64 gva): the access is the first instruction.
 */
	.text
	.globl sanitize_read
sanitize_read:
	movq (%rdi), %rax
	ret

	.globl sanitize_write
sanitize_write:
	movq %rdi, (%rdi)
	ret
