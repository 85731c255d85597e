/* SPDX-License-Identifier: MIT */
/* What commands print of memory, page tables and software TLBs. */
#include "core/debug/parse.h"

#include <string.h>

#include "core/emulate/msr.h"
#include "core/paging/ept.h"
#include "support/check.h"
#include "support/command.h"
#include "support/fake_partition.h"
#include "support/fake_vmcs.h"
#include "support/shadow_vp.h"
#include "tlfs/msr.h"

static struct partition *p;
static struct vp *vp;

static void setup(void)
{
	p = command_setup();
	vp = p->vps[0];
}

static void t_x_shows_what_the_guest_sees(void)
{
	u64 value = HV_HYPERCALL_MSR_ENABLE | 0x5000;

	setup();
	memcpy(fake_ram(p, 0x4ff8), "abcdefgh01234567", 16);
	COMMAND_HAS(
		"x 0x4ff8 16",
		"0x00004ff8   61 62 63 64 65 66 67 68                        "
		"   abcdefgh\n"
		"0x00005000   30 31 32 33 34 35 36 37                        "
		"   01234567\n");
	CHECK_EQ(msr_write(vp, HV_X64_MSR_GUEST_OS_ID, 1), MSR_OK);
	CHECK_EQ(msr_write(vp, HV_X64_MSR_HYPERCALL, value), MSR_OK);
	COMMAND_HAS("x 0x4ff8 16", "0x00005000   0f 01 c1 c3 cc cc cc cc");
	COMMAND_HAS("x 0x3ffff8", "0x00400000 is outside RAM: 0 to 0x3fffff\n");
	COMMAND_HAS("x 0xfffffffffffffff0", "is outside RAM");
	COMMAND_HAS("walk 0 0x5000", "ept level 1 0x");
	COMMAND_HAS("walk 0 0x5000", " R-X -> ");
}

/* The tables of walk_tables.h, in the registers of the VMCS. */
static void load_walk(void)
{
	p = walk_p;
	vp = p->vps[0];
	CHECK_EQ(ept_build(&p->ept, p->memory, p->memory_len), ERR_OK);
	port_vmcs_set(VMCS_GUEST_CR0, walk_regs.cr0);
	port_vmcs_set(VMCS_GUEST_CR3, walk_regs.cr3);
	port_vmcs_set(VMCS_GUEST_CR4, walk_regs.cr4);
	port_vmcs_set(VMCS_GUEST_EFER, walk_regs.efer);
	fake_cpuid_set(0x80000008, 0, 40, 0, 0, 0);
}

static void t_walk_shows_each_level(void)
{
	u64 leaf_at;

	fake_vmcs_reset();
	walk_long_mode();
	load_walk();
	leaf_at = walk_entry_at[3];
	walk_put(leaf_at, PAGE | P | W, 8);
	(void)command_answer("walk 0 0x40201abc");
	CHECK(strstr(command_text, "guest bit 39 at=0x") != NULL);
	CHECK(strstr(command_text, "guest bit 12 at=0x") != NULL);
	CHECK(strstr(command_text, "0x0000000000020003 W-----X\n"
				   "mapped gpa=0x20abc\n"
				   "ept level 2 0x") != NULL);
	/* no accessed bit was set */
	CHECK_EQ(walk_get(leaf_at, 8), PAGE | P | W);
	/* the entry where it ends is shown */
	walk_put(leaf_at, 0xabc000, 8);
	(void)command_answer("walk 0 0x40201abc");
	CHECK(strstr(command_text, "guest bit 12 at=0x") != NULL);
	CHECK(strstr(command_text, "0x0000000000abc000\nnot present\n") !=
	      NULL);
	walk_put(leaf_at, PAGE | P | NX | BIT(51), 8);
	COMMAND_HAS("walk 0 0x40201abc", "a reserved bit is set");
	walk_put(walk_entry_at[1], 0x7fffff000 | P, 8);
	COMMAND_HAS("walk 0 0x40201abc", "outside RAM\n");
	COMMAND_HAS("walk 0 0x800000000000", "not canonical\n");
	port_vmcs_set(VMCS_GUEST_CR0, 0);
	COMMAND_HAS("walk 0 0x1234", "paging is off: mapped gpa=0x1234\n");
	COMMAND_HAS("walk 0 0x7fffffff", "ept gpa=0x7fffffff: not mapped\n");
}

static void t_tlb_marks_what_has_changed(void)
{
	fake_vmcs_reset();
	shadow_vp_setup(SHADOW_MODE_LONG, 100, false);
	load_walk();
	COMMAND_HAS("tlb 0", "paging = ept\n");
	vp->shadow = &shadow_vp;
	vp->own.view.cr3 = walk_regs.cr3;
	vp->own.view.efer = walk_regs.efer;
	for (u32 i = 0; i < 40; i++) {
		u64 gva = 0x40201000 + i * 0x40000000ull;

		shadow_vp_map(gva, 1, (0x20000 + i * PAGE_SIZE) | P | W | A);
		CHECK_EQ(shadow_vp_touch(gva, READ).end, SHADOW_FILLED);
	}
	(void)command_answer("tlb 0");
	CHECK(strstr(command_text, "fills=40 ") != NULL);
	CHECK(strstr(command_text, "0x0000000040201000 -> 0x000020000 4K") !=
	      NULL);
	CHECK(strstr(command_text, "\n40 leaves\n") != NULL);
	CHECK(strstr(command_text, "*") == NULL);
	shadow_vp_map(0x40201000, 1, 0x60000 | P | W | A);
	shadow_vp_map(0x80201000, 1, 0);
	(void)command_answer("tlb 0");
	CHECK(strstr(command_text,
		     "0x0000000040201000 -> 0x000020000 4K --X- * the "
		     "tables say gpa=0x60000\n") != NULL);
	CHECK(strstr(command_text,
		     "0x0000000080201000 -> 0x000021000 4K --X- * the "
		     "tables have nothing there\n") != NULL);
	COMMAND_HAS("tlb 0 0x80201fff", "0x0000000080201000 -> ");
	COMMAND_HAS("tlb 0 0x12345000", "0x0000000012345000: no leaf\n");
	COMMAND_HAS("walk 0 0x40201000",
		    "software TLB level 1 0x0000000000020");
	vp->shadow = NULL;
}

static const struct test tests[] = {
	{"x-shows-what-the-guest-sees", t_x_shows_what_the_guest_sees},
	{"walk-shows-each-level", t_walk_shows_each_level},
	{"tlb-marks-what-has-changed", t_tlb_marks_what_has_changed},
};

const struct suite suite_cmd_memory = SUITE("cmd_memory", tests);
