/* SPDX-License-Identifier: MIT */
/* Registers for 32-bit callers, and the XMM registers of fast calls. */
#include "call/forms.h"
#include "kernel/cpu.h"
#include "kernel/layout.h"
#include "kernel/mem.h"
#include "kernel/page.h"
#include "kernel/paging32.h"
#include "kernel/relax.h"
#include "kernel/smp.h"
#include "kernel/trap.h"

#include "x86/cr.h"

enum { RAX, RCX, RDX, RBX, RBP, RSI, RDI, R8, FLAGS = 15, REG_COUNT };

#define PUSHES_SEEN 16 /* after VMCALL: 4 of 4 bytes */

/* entry32.S */
void mode32_compat(u64 *regs);
void mode32_unpaged(u64 *regs);
void mode32_paged(u64 *regs);
extern const u8 mode32_real_begin[];
extern const u8 mode32_real_end[];

static void do_compat(void *arg)
{
	mode32_compat(arg);
}

static void do_unpaged(void *arg)
{
	mode32_unpaged(arg);
}

static void do_pae(void *arg)
{
	paging32_select(PAGING32_PAE);
	mode32_paged(arg);
}

static void do_classic(void *arg)
{
	paging32_select(PAGING32_CLASSIC);
	mode32_paged(arg);
}

static void (*const enter[])(void *arg) = {
	[FORMS_COMPAT] = do_compat,
	[FORMS_UNPAGED] = do_unpaged,
	[FORMS_PAE] = do_pae,
	[FORMS_CLASSIC] = do_classic,
};

static u64 set_half(u64 dirty, u64 value)
{
	return (dirty & ~0xffffffffull) | (u32)value;
}

static void load(u64 *regs, u64 control, u64 in, u64 out)
{
	for (u64 i = 0; i < REG_COUNT; i++) {
		regs[i] =
			0x5a5a000000000000ull | (i + 1) << 32 | 0xdead0000 | i;
	}
	regs[RAX] = set_half(regs[RAX], control);
	regs[RDX] = set_half(regs[RDX], control >> 32);
	regs[RCX] = set_half(regs[RCX], in);
	regs[RBX] = set_half(regs[RBX], in >> 32);
	regs[RSI] = set_half(regs[RSI], out);
	regs[RDI] = set_half(regs[RDI], out >> 32);
	regs[FLAGS] = RFLAGS_FIXED;
}

/*
 * SDM 1, "General-Purpose Registers in 64-Bit Mode": a switch to a 32-bit mode
 * loses the upper halves, leaving IA-32e mode loses R8-R15.
 */
static bool is_kept(const u64 *before, const u64 *after, bool compat)
{
	u64 lost = ((before[RCX] ^ after[RCX]) | (before[RBX] ^ after[RBX]) |
		    (before[RSI] ^ after[RSI]) | (before[RDI] ^ after[RDI])) &
		   0xffffffff;

	if (!compat) {
		return lost == 0;
	}
	lost |= (before[RBP] ^ after[RBP]) & 0xffffffff;
	for (u32 i = R8; i < FLAGS; i++) {
		lost |= before[i] ^ after[i];
	}
	return lost == 0;
}

struct hypercall_result forms_call32(enum forms_mode mode, u64 control, u64 in,
				     u64 out)
{
	bool compat = mode == FORMS_COMPAT;
	struct hypercall_result r = {.kept_flags = true};
	struct guest_cpu *vp = vp_self();
	u64 flags = cpu_flags();
	u64 before[REG_COUNT];
	u64 after[REG_COUNT];

	load(before, control, in, out);
	memcpy(after, before, sizeof(after));
	cpu_cli();
	r.fault = trap_try(enter[mode], after);
	cpu_set_flags(flags);
	r.rax = after[RDX] << 32 | (u32)after[RAX];
	r.status = (u16)FIELD_GET(HV_RESULT_STATUS, r.rax);
	r.reps = (u16)FIELD_GET(HV_RESULT_REPS, r.rax);
	r.is_clean = (r.rax & ~(HV_RESULT_STATUS | HV_RESULT_REPS)) == 0;
	r.kept_regs = is_kept(before, after, compat);
	r.kept_flags = !compat || after[FLAGS] == before[FLAGS];
	r.moved_rip = vp->call_rsp - vp->call_rsp_after == PUSHES_SEEN;
	return r;
}

static u64 put(const u64 *block)
{
	u8 *page = vp_self()->input;

	memcpy(page, block, FORM_QWORDS * sizeof(u64));
	return page_gpa(page);
}

struct hypercall_result forms_fast(u64 control, u64 block[FORM_QWORDS])
{
	struct hypercall_result r;

	cpu_load_xmm(&block[2]);
	r = hypercall_checked(control | HV_CONTROL_FAST, block[0], block[1]);
	cpu_store_xmm(&block[2]);
	return r;
}

static struct hypercall_result fast32(enum forms_mode mode, u64 control,
				      u64 *block)
{
	struct hypercall_result r;

	cpu_load_xmm(&block[2]);
	r = forms_call32(mode, control | HV_CONTROL_FAST, block[0], block[1]);
	cpu_store_xmm(&block[2]);
	return r;
}

#define DEFINE_FORMS(_name, _mode)                                             \
	struct hypercall_result forms_##_name##_memory(u64 control,            \
						       u64 block[FORM_QWORDS]) \
	{                                                                      \
		return forms_call32(_mode, control, put(block), 0);            \
	}                                                                      \
	struct hypercall_result forms_##_name##_fast(u64 control,              \
						     u64 block[FORM_QWORDS])   \
	{                                                                      \
		return fast32(_mode, control, block);                          \
	}
DEFINE_FORMS(compat, FORMS_COMPAT)
DEFINE_FORMS(unpaged, FORMS_UNPAGED)
DEFINE_FORMS(pae, FORMS_PAE)
DEFINE_FORMS(classic, FORMS_CLASSIC)

void forms_begin(void)
{
	cpu_set_cr4(cpu_cr4() | CR4_OSFXSR);
}

struct hypercall_result forms_fast_enabled(u64 control, u64 block[FORM_QWORDS])
{
	forms_begin();
	return forms_fast(control, block);
}

u32 forms_real_mode(u32 n)
{
	volatile u32 *seen = (volatile u32 *)(u64)(REAL_PAGE + 4);
	u32 starts = smp_vps[n]->starts;

	memcpy((void *)(u64)REAL_PAGE, mode32_real_begin,
	       (size_t)(mode32_real_end - mode32_real_begin));
	smp_send_init(n);
	smp_send_sipi_page(n, REAL_PAGE);
	wait_until(smp_vps[n]->starts != starts);
	return *seen;
}
