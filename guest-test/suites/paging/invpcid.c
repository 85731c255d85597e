/* SPDX-License-Identifier: MIT */
/*
 * INVPCID as an instruction: each way to name its descriptor, and what is #GP.
 * What its types remove is in pcid.c, how it is read in descriptor.c.
 */
#include "harness/suite.h"
#include "harness/tap.h"
#include "kernel/cpu.h"
#include "kernel/host.h"
#include "kernel/page.h"
#include "kernel/trap.h"
#include "suites/paging/access.h"
#include "suites/paging/spaces.h"

#include "x86/cr.h"
#include "x86/msr.h"

#define ONE_CONTEXT   1 /* a type */
#define NOT_CANONICAL BIT(47)
#define SLOT          702 /* a page of the window */
#define MISSED        8   /* a PCID that no space has */

struct descriptor {
	u64 pcid;
	u64 gva;
};

/* Of the forms: the PCID that has the root of PCID 0 */
static struct descriptor named __aligned(16) __attribute__((used)) = {1, 0};

typedef void form_fn(void *unused);

/* ---- each way to name the descriptor ---- */

/* `text` reads `named`; RAX, RCX and the type are its operands. */
#define FORM(_name, _text, _rax, _rcx)                                         \
	static void _name(void *arg)                                           \
	{                                                                      \
		u64 type = ONE_CONTEXT;                                        \
                                                                               \
		(void)arg;                                                     \
		__asm__ volatile(_text                                         \
				 :                                             \
				 : "a"(_rax), "c"(_rcx), "d"(type), "m"(named) \
				 : "memory", "cc", "r9", "r12", "r13");        \
	}

#define NAMED ((u64)&named)

/* clang-format off */
FORM(base, "invpcid (%%rax), %%rdx", NAMED, 0)
FORM(base_disp8, "invpcid -16(%%rax), %%rdx", NAMED + 16, 0)
FORM(base_disp32, "invpcid 0x12340(%%rax), %%rdx", NAMED - 0x12340, 0)
FORM(index_1, "invpcid (%%rax, %%rcx), %%rdx", NAMED - 24, 24)
FORM(index_2, "invpcid (%%rax, %%rcx, 2), %%rdx", NAMED - 48, 24)
FORM(index_4, "invpcid (%%rax, %%rcx, 4), %%rdx", NAMED + 96, -24ull)
FORM(index_8, "invpcid 8(%%rax, %%rcx, 8), %%rdx", NAMED - 200, 24)
FORM(index_alone, "invpcid 64(, %%rcx, 8), %%rdx", 0, (NAMED - 64) / 8)
FORM(absolute, "invpcid named, %%rdx", 0, 0)
FORM(rip_relative, "invpcid named(%%rip), %%rdx", 0, 0)
FORM(upper_base, "mov %%rax, %%r13; invpcid (%%r13), %%rdx", NAMED, 0)
FORM(upper_index, "mov %%rcx, %%r12; invpcid (%%rax, %%r12, 2), %%rdx",
     NAMED - 8, 4)
FORM(upper_type, "mov %%rdx, %%r9; invpcid (%%rax), %%r9", NAMED, 0)
FORM(rbp_base, "xchg %%rax, %%rbp; invpcid (%%rbp), %%rdx;"
     "xchg %%rax, %%rbp", NAMED, 0)
FORM(rsp_base, "pushq 8(%%rax); pushq (%%rax); invpcid (%%rsp), %%rdx;"
     "addq $16, %%rsp", NAMED, 0)
FORM(rsp_disp, "pushq 8(%%rax); pushq (%%rax); pushq %%rdx; pushq %%rdx;"
     "invpcid 16(%%rsp), %%rdx; addq $32, %%rsp", NAMED, 0)
FORM(size_32, "invpcid (%%eax), %%rdx", NAMED | BIT(45), 0)
FORM(size_32_wraps, "invpcid 0x100(%%eax, %%ecx, 4), %%rdx",
     NAMED - 0x100 - 0x20000000, 0x48000000 | BIT(40))
FORM(fs_base, "invpcid %%fs:(%%rax), %%rdx", NAMED - 0x5000, 0)
FORM(ds_has_none, "invpcid %%ds:(%%rax), %%rdx", NAMED, 0)
/* clang-format on */

static void run_form(const void *arg)
{
	form_fn *const *form = arg;
	bool is_strict = host_get()->has_shadow;
	u64 base = cpu_rdmsr(MSR_IA32_FS_BASE);
	struct trap_fault fault;

	spaces_begin(is_strict);
	cpu_wrmsr(MSR_IA32_FS_BASE, 0x5000);
	fault = trap_try(*form, NULL);
	cpu_wrmsr(MSR_IA32_FS_BASE, base);
	tap_equal("vector", fault.vector, TRAP_NONE);
	spaces_expect(0, IN(SPACE_SAME, AT_OWN), is_strict);
	spaces_end();
}

/* ---- what is #GP ---- */

struct legal_row {
	u64 type;
	struct descriptor descriptor;
	bool has_no_pcids; /* CR4.PCIDE = 0 */
	u64 gone;
	u32 vector;
};

static void do_legal(void *arg)
{
	const struct legal_row *row = arg;

	cpu_invpcid(row->type, row->descriptor.pcid, row->descriptor.gva);
}

static void run_legal(const void *arg)
{
	struct legal_row row = *(const struct legal_row *)arg;
	bool is_strict = host_get()->has_shadow;

	if (row.has_no_pcids) {
		tap_equal("vector", trap_try(do_legal, &row).vector,
			  row.vector);
		return;
	}
	spaces_begin(is_strict);
	tap_equal("vector", trap_try(do_legal, &row).vector, row.vector);
	spaces_expect(0, row.gone, is_strict);
	spaces_end();
}

/* At CPL 3, before the descriptor is read */
static void user(const void *arg)
{
	static const u8 insn[] = {0x66, 0x0f, 0x38, 0x82, 0x06, 0x0f, 0x0b};
	struct access a = {.gva = page_window(SLOT),
			   .kind = ACCESS_FETCH,
			   .is_user = true};
	u8 *code = page_alloc(PAGE_SIZE);

	(void)arg;
	for (u32 i = 0; i < sizeof(insn); i++) {
		code[i] = insn[i];
	}
	page_map(SLOT, page_gpa(code), PTE_U);
	(void)access_on(0, &a);
	tap_equal("vector", a.fault.vector, TRAP_GP);
	tap_equal("RIP", a.fault.rip, a.gva);
}

/* ---- rows ---- */

#define MANUAL "SDM 2A: INVPCID"
#define CHECK(_name, _heading, _fn, _arg)                                      \
	{                                                                      \
		_name, _heading, _fn, _arg, 1,                                 \
			NEED_HV | NEED_PCID | NEED_INVPCID                     \
	}
#define BY(_fn)                                                                \
	CHECK("invpcid_by_" #_fn, "SDM 1: Operand Addressing", run_form,       \
	      &(form_fn *const){_fn})
#define GP(_name, _type, ...)                                                  \
	CHECK("invpcid_" _name, MANUAL, run_legal,                             \
	      (&(const struct legal_row){.type = (_type),                      \
					 .descriptor = {__VA_ARGS__},          \
					 .vector = TRAP_GP}))
#define GONE(_name, _type, _gone, ...)                                         \
	CHECK("invpcid_" _name, MANUAL, run_legal,                             \
	      (&(const struct legal_row){.type = (_type),                      \
					 .descriptor = {__VA_ARGS__},          \
					 .gone = (_gone),                      \
					 .vector = TRAP_NONE}))
#define WITHOUT(_name, _vector, _type, ...)                                    \
	CHECK("invpcid_without_" _name, MANUAL, run_legal,                     \
	      (&(const struct legal_row){.type = (_type),                      \
					 .descriptor = {__VA_ARGS__},          \
					 .has_no_pcids = true,                 \
					 .vector = (_vector)}))
/* clang-format off */
static const struct check checks[] = {
	BY(base), BY(base_disp8), BY(base_disp32), BY(index_1), BY(index_2),
	BY(index_4), BY(index_8), BY(index_alone), BY(absolute),
	BY(rip_relative), BY(upper_base), BY(upper_index), BY(upper_type),
	BY(rbp_base), BY(rsp_base), BY(rsp_disp), BY(size_32),
	BY(size_32_wraps), BY(fs_base), BY(ds_has_none),

	GP("type_4", 4, 1, 0),
	GP("type_high", BIT(32) | 2, 1, 0),
	GP("type_sign", ~0ull, 1, 0),
	GP("reserved_0", 0, BIT(12) | 1, 0),
	GP("reserved_1", 1, BIT(12) | 1, 0),
	GP("reserved_2", 2, BIT(32), 0),
	GP("reserved_3", 3, BIT(63), 0),
	GP("not_canonical", 0, 1, NOT_CANONICAL),
	GP("not_canonical_high", 0, 1, ~NOT_CANONICAL),
	GONE("address_ignored_1", 1, IN(SPACE_SAME, AT_OWN), 1, NOT_CANONICAL),
	GONE("address_ignored_2", 2, SPACES_EVERYTHING, 1, NOT_CANONICAL),
	GONE("address_ignored_3", 3, IN_ALL(AT_OWN), 1, NOT_CANONICAL),
	GONE("last_address", 0, 0, 1, ~0ull),
	GONE("missed", 1, 0, MISSED, 0),

	/* CR4.PCIDE = 0: there is PCID 0 only */
	WITHOUT("pcid_0", TRAP_NONE, 0, 0, 0),
	WITHOUT("context_0", TRAP_NONE, 1, 0, 0),
	WITHOUT("pcid_1", TRAP_GP, 0, 1, 0),
	WITHOUT("context_1", TRAP_GP, 1, 1, 0),
	WITHOUT("context_last", TRAP_GP, 1, 0x800, 0),
	WITHOUT("type_2", TRAP_NONE, 2, 1, 0),
	WITHOUT("type_3", TRAP_NONE, 3, 1, 0),
	WITHOUT("type_4", TRAP_GP, 4, 0, 0),
	CHECK("invpcid_user", MANUAL, user, NULL),
};
/* clang-format on */

SUITE("pcid", 102, checks);
