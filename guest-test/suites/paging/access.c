/* SPDX-License-Identifier: MIT */
/* The access runs under trap_try(). At CPL 3 a window page has the code. */
#include "suites/paging/access.h"
#include "kernel/cpu.h"
#include "kernel/mem.h"
#include "kernel/page.h"

#include "x86/cr.h"

#define SLOT       701 /* a page of the window that only this code uses */
#define CODE_BYTES 16

/* call/entry.S: to CPL 3 with RSI = rsp; a fault returns */
void hypercall_user_entry(u64 rip, u64 rsp);

/* clang-format off */
static const u8 user_code[][CODE_BYTES] = {
	[ACCESS_READ] = {0x48, 0x8b, 0x06, 0x0f, 0x0b},  /* mov (%rsi), %rax; ud2 */
	[ACCESS_WRITE] = {0x48, 0x89, 0x06, 0x0f, 0x0b}, /* mov %rax, (%rsi); ud2 */
	[ACCESS_FETCH] = {0xff, 0xe6},                   /* jmp *%rsi */
};
/* clang-format on */

static void map_code(void)
{
	static u8 *code;

	if (code == NULL) {
		code = page_alloc(PAGE_SIZE);
		memcpy(code, user_code, sizeof(user_code));
		page_map(SLOT, page_gpa(code), PTE_USER);
	}
}

static void do_user(void *arg)
{
	const struct access *a = arg;

	hypercall_user_entry(page_window(SLOT) + a->kind * CODE_BYTES, a->gva);
}

static void do_access(void *arg)
{
	struct access *a = arg;

	if (a->has_ac) {
		cpu_set_flags(cpu_flags() | RFLAGS_AC);
	}
	switch (a->kind) {
	case ACCESS_READ:
		a->value = cpu_read64(a->gva);
		break;
	case ACCESS_WRITE:
		cpu_write64(a->gva, a->value);
		break;
	case ACCESS_FETCH:
		__asm__ volatile("call *%0" : : "r"(a->gva) : "memory");
		break;
	}
}

static void access_job(void *arg)
{
	struct access *a = arg;

	a->fault = trap_try(a->is_user ? do_user : do_access, a);
}

bool access_on(u32 n, struct access *a)
{
	map_code();
	region_run_on(n, access_job, a);
	if (a->is_user || a->kind == ACCESS_FETCH) {
		return a->fault.vector == TRAP_UD;
	}
	return a->fault.vector == TRAP_NONE;
}
