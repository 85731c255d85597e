/* SPDX-License-Identifier: MIT */
/* The hypervisor's ELF file, carried inside the application. */
	.section .rodata
	.globl payload_begin, payload_end
	.hidden payload_begin, payload_end
	.balign 8
payload_begin:
	.incbin LETHE_PAYLOAD
payload_end:

	.section .note.GNU-stack, "", @progbits
