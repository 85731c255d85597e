/* SPDX-License-Identifier: MIT */
/*
 * `vp`: everything about a VP that its CPU knows, in one call, so that it is
 * the state at one instant. The name of RIP comes after it, in as many calls as
 * the symbol table needs.
 */
#include "common/image/elf_symbols.h"
#include "core/debug/commands.h"
#include "core/debug/print.h"
#include "core/flush/inhibit.h"
#include "core/paging/guest_view.h"
#include "core/state/cpu.h"
#include "core/state/partition.h"
#include "core/state/vp.h"

#define COLUMNS 3 /* registers in a line */

/* Symbols that one call looks at: about 100,000 instructions */
#define SYMBOLS_A_CALL  1500u
#define SYMBOLS_A_PIECE 50u /* between two looks at the line */

/* One register after the other, COLUMNS of them in a line */
static void print_register(struct debug_call *call, u32 *count,
			   const char *name, u64 value)
{
	debug_print(call, "%s%6s=0x%016llx", *count % COLUMNS == 0 ? "" : " ",
		    name, (unsigned long long)value);
	*count += 1;
	if (*count % COLUMNS == 0) {
		debug_print(call, "\n");
	}
}

static void end_line(struct debug_call *call, u32 *count)
{
	if (*count % COLUMNS != 0) {
		debug_print(call, "\n");
	}
	*count = 0;
}

static const char *const gpr_names[] = {
	"rax", "rcx", "rdx", "rbx", NULL,  "rbp", "rsi", "rdi",
	"r8",  "r9",  "r10", "r11", "r12", "r13", "r14", "r15",
};
_Static_assert(ARRAY_SIZE(gpr_names) == GPR_COUNT, "enum vp_gpr");

static void print_gprs(struct debug_call *call)
{
	const struct vp *vp = call->vp;
	u32 count = 0;

	print_register(call, &count, "rip", port_vmcs_get(VMCS_GUEST_RIP));
	print_register(call, &count, "rsp", port_vmcs_get(VMCS_GUEST_RSP));
	print_register(call, &count, "rflags",
		       port_vmcs_get(VMCS_GUEST_RFLAGS));
	for (u32 i = 0; i < GPR_COUNT; i++) {
		if (gpr_names[i] != NULL) {
			print_register(call, &count, gpr_names[i],
				       vp->own.gpr[i]);
		}
	}
	end_line(call, &count);
}

static void print_controls(struct debug_call *call)
{
	static const struct {
		const char *name;
		enum port_register reg;
	} here[] = {
		{"cr2", PORT_CR2}, {"dr0", PORT_DR0}, {"dr1", PORT_DR1},
		{"dr2", PORT_DR2}, {"dr3", PORT_DR3}, {"dr6", PORT_DR6},
	};
	u32 count = 0;

	print_register(call, &count, "cr0", view_cr0());
	print_register(call, &count, "cr3", view_cr3(call->vp));
	print_register(call, &count, "cr4", view_cr4());
	print_register(call, &count, "efer", view_efer(call->vp));
	for (u32 i = 0; i < ARRAY_SIZE(here); i++) {
		print_register(call, &count, here[i].name,
			       port_register_get(here[i].reg));
	}
	print_register(call, &count, "dr7", port_vmcs_get(VMCS_GUEST_DR7));
	end_line(call, &count);
}

static void print_segments(struct debug_call *call)
{
	static const char *const names[] = {"es", "cs", "ss",   "ds",
					    "fs", "gs", "ldtr", "tr"};

	/* the fields of one kind stand in this order, 2 apart */
	for (u32 i = 0; i < ARRAY_SIZE(names); i++) {
		debug_print(call,
			    "%4s=0x%04x base=0x%016llx limit=0x%08x "
			    "access=0x%05x\n",
			    names[i],
			    (u32)port_vmcs_get(VMCS_GUEST_ES_SELECTOR + 2 * i),
			    (unsigned long long)port_vmcs_get(
				    VMCS_GUEST_ES_BASE + 2 * i),
			    (u32)port_vmcs_get(VMCS_GUEST_ES_LIMIT + 2 * i),
			    (u32)port_vmcs_get(VMCS_GUEST_ES_ACCESS + 2 * i));
	}
	debug_print(call, "gdtr base=0x%016llx limit=0x%x\n",
		    (unsigned long long)port_vmcs_get(VMCS_GUEST_GDTR_BASE),
		    (u32)port_vmcs_get(VMCS_GUEST_GDTR_LIMIT));
	debug_print(call, "idtr base=0x%016llx limit=0x%x\n",
		    (unsigned long long)port_vmcs_get(VMCS_GUEST_IDTR_BASE),
		    (u32)port_vmcs_get(VMCS_GUEST_IDTR_LIMIT));
}

static void print_vmcs(struct debug_call *call)
{
	debug_print(call,
		    "vmcs exit=0x%x qualification=0x%llx vectoring=0x%x "
		    "entry_controls=0x%x\n",
		    (u32)port_vmcs_get(VMCS_EXIT_REASON),
		    (unsigned long long)port_vmcs_get(VMCS_EXIT_QUALIFICATION),
		    (u32)port_vmcs_get(VMCS_IDT_VECTORING_INFO),
		    (u32)port_vmcs_get(VMCS_ENTRY_CONTROLS));
	debug_print(call,
		    "     proc=0x%x exceptions=0x%x eptp=0x%llx vpid=%u\n",
		    (u32)port_vmcs_get(VMCS_PROC_CONTROLS),
		    (u32)port_vmcs_get(VMCS_EXCEPTION_BITMAP),
		    (unsigned long long)port_vmcs_get(VMCS_EPT_POINTER),
		    call->vp->vpid);
}

static void print_interrupts(struct debug_call *call)
{
	const struct vp *vp = call->vp;

	debug_print(call,
		    "interrupts entry_event=0x%x blocking=0x%x "
		    "pending_debug=0x%llx nmi=%s tpr=0x%x\n",
		    vp->own.entry_event,
		    (u32)port_vmcs_get(VMCS_GUEST_INTERRUPTIBILITY),
		    (unsigned long long)port_vmcs_get(VMCS_GUEST_PENDING_DEBUG),
		    vp->own.nmi_pending ? "pending" : "no", vp->own.vapic.tpr);
}

/* cursor[]: struct elf_symbols_search; 0 is the address to look up */
static enum debug_end print_symbol(struct debug_call *call)
{
	const struct elf_symbols *symbols = call->partition->symbols;
	struct elf_symbols_search search = {
		.address = call->cursor[0],
		.best_value = call->cursor[1],
		.next = (u32)call->cursor[2],
		.best = (u32)call->cursor[3],
	};
	char name[ELF_SYMBOLS_NAME_MAX];
	u64 offset;

	bool is_over = false;

	for (u32 i = 0; i < SYMBOLS_A_CALL && !is_over; i += SYMBOLS_A_PIECE) {
		is_over = elf_symbols_look(symbols, &search, SYMBOLS_A_PIECE);
		debug_keep_up(call);
	}
	if (!is_over) {
		call->cursor[1] = search.best_value;
		call->cursor[2] = search.next;
		call->cursor[3] = search.best;
		return DEBUG_MORE;
	}
	if (search.best == 0) {
		debug_print(call, "rip is in no symbol\n");
		return DEBUG_DONE;
	}
	elf_symbols_name(symbols, &search, name, &offset);
	debug_print(call, "rip is %s+0x%llx\n", name,
		    (unsigned long long)offset);
	return DEBUG_DONE;
}

/* The linear address of the next instruction. */
static u64 linear_rip(void)
{
	return port_vmcs_get(VMCS_GUEST_CS_BASE) +
	       port_vmcs_get(VMCS_GUEST_RIP);
}

enum debug_end cmd_vp(struct debug_call *call)
{
	const struct vp *vp = call->vp;

	if (call->steps > 0) {
		return print_symbol(call);
	}
	debug_print(call,
		    "%s:%u %s cpu=%u index=%u exits=%llu inhibit=0x%llx\n",
		    vp->partition->config->name, vp->number,
		    debug_state_name(vp), vp->cpu->number, vp->index,
		    (unsigned long long)vp->own.exit_count,
		    (unsigned long long)inhibit_word(vp));
	print_gprs(call);
	print_controls(call);
	print_segments(call);
	print_vmcs(call);
	print_interrupts(call);
	if (vp->partition->symbols == NULL) {
		return DEBUG_DONE;
	}
	call->cursor[0] = linear_rip();
	return DEBUG_MORE;
}
