/* SPDX-License-Identifier: MIT */
/*
 * Results of 0x0052 for mappings of the window: by the VP itself at CPL 0, and
 * by another VP while VP 0 runs at CPL 3. No memory access uses these mappings,
 * so that only the call can set A and D.
 */
#include "call/registers.h"
#include "harness/suite.h"
#include "harness/tap.h"
#include "kernel/cpu.h"
#include "kernel/mem.h"
#include "kernel/page.h"
#include "kernel/smp.h"
#include "kernel/trap.h"
#include "kernel/watchdog.h"

#include "x86/msr.h"
#include "x86/pte.h"

#define SLOT     700 /* a page of the window that only this suite uses */
#define GVA      page_window(SLOT)
#define READ     HV_TRANSLATE_READ
#define WRITE    HV_TRANSLATE_WRITE
#define EXEC     HV_TRANSLATE_EXECUTE
#define EXEMPT   HV_TRANSLATE_PRIVILEGE_EXEMPT
#define SET_BITS HV_TRANSLATE_SET_PTE_BITS
#define LOCK     HV_TRANSLATE_FLUSH_INHIBIT
#define OUTSIDE  BIT(62) /* in `entry`: names the page after RAM instead */

#define NOT_PRESENT HV_TRANSLATE_PAGE_NOT_PRESENT
#define DENIED      HV_TRANSLATE_PRIVILEGE_VIOLATION
#define BAD_FLAGS   HV_TRANSLATE_INVALID_PAGE_TABLE_FLAGS
#define UNMAPPED    HV_TRANSLATE_GPA_UNMAPPED

#define AD_BITS (PTE_ACCESSED | PTE_DIRTY)

struct walk_row {
	u64 entry; /* flags of the leaf; its page is added */
	u64 flags; /* of the call */
	u32 code;
	bool nxe;    /* with EFER.NXE = 1 */
	u64 changed; /* bits that the call must set in the entry */
};

static u64 frame_of(u64 entry)
{
	static u64 frame;

	if (frame == 0) {
		frame = page_gpa(page_alloc(PAGE_SIZE));
	}
	return entry & OUTSIDE ? page_memory_end() : frame;
}

static void expect(const struct translation *t, u32 code, u64 gpa)
{
	tap_equal("status", t->status, HV_STATUS_SUCCESS);
	tap_equal("result code", t->code, code);
	tap_equal("GPA page", t->gpa_page,
		  code == HV_TRANSLATE_SUCCESS ? gpa >> PAGE_SHIFT : 0);
}

static void run_row(const void *arg)
{
	const struct walk_row *row = arg;
	u64 frame = frame_of(row->entry);
	u64 entry = (row->entry & ~OUTSIDE) | frame;
	u64 efer = cpu_rdmsr(MSR_IA32_EFER);
	struct translation t;

	page_set_entry(SLOT, entry);
	if (row->nxe) {
		cpu_wrmsr(MSR_IA32_EFER, efer | EFER_NXE);
	}
	t = registers_translate(vp_self()->id, GVA, row->flags);
	cpu_wrmsr(MSR_IA32_EFER, efer);
	expect(&t, row->code, frame);
	tap_equal("entry", page_get_entry(SLOT), entry | row->changed);
	tap_equal("inhibited", registers_is_inhibited(vp_self()->id),
		  (row->flags & LOCK) != 0 &&
			  row->code == HV_TRANSLATE_SUCCESS);
	registers_release(vp_self()->id);
	page_set_entry(SLOT, 0);
}

/* Every page of a 2 MiB mapping has its own GPA. */
static void large_page(const void *arg)
{
	u64 frame = page_gpa(page_alloc_large());

	(void)arg;
	page_map_large(PAGE_WINDOW_LARGE_COUNT - 1, frame, 0);
	for (u32 i = 0; i < PAGE_LARGE / PAGE_SIZE; i += 73) {
		u64 gva = page_window_large(PAGE_WINDOW_LARGE_COUNT - 1) +
			  i * PAGE_SIZE;
		struct translation t =
			registers_translate(0, gva, READ | WRITE | EXEC);

		expect(&t, HV_TRANSLATE_SUCCESS, frame + i * PAGE_SIZE);
	}
}

/* Upper levels without an entry, and the kernel itself. */
static void other_addresses(const void *arg)
{
	struct translation t;

	(void)arg;
	t = registers_translate(0, PAGE_WINDOW + BIT(21) * 100, READ);
	expect(&t, NOT_PRESENT, 0);
	t = registers_translate(0, PAGE_WINDOW + BIT(30) * 100, READ);
	expect(&t, NOT_PRESENT, 0);
	t = registers_translate(0, PAGE_WINDOW + BIT(39) * 10, READ);
	expect(&t, NOT_PRESENT, 0);
	t = registers_translate(0, (u64)smp_vps & PAGE_MASK, READ | WRITE);
	expect(&t, HV_TRANSLATE_SUCCESS, (u64)smp_vps & PAGE_MASK);
}

/* For CPL 3: a loop until the word at 0x800 of its page is not 0. */
static const u8 user_loop[] = {
	0x83, 0x3d, 0xf9, 0x07, 0x00, 0x00, 0x00, /* cmpl $0, 0x7f9(%rip) */
	0x74, 0xf7,                               /* je .-7 */
	0x0f, 0x0b,                               /* ud2 */
};

static u8 *user_page;

static void watch_user_job(void *arg)
{
	struct translation t;

	(void)arg;
	/* until the call sees VP 0 at CPL 3 */
	do {
		t = registers_translate(0, (u64)smp_vps & PAGE_MASK, READ);
		watchdog_poll();
	} while (t.code == HV_TRANSLATE_SUCCESS);
	expect(&t, DENIED, 0);
	t = registers_translate(0, (u64)smp_vps & PAGE_MASK, READ | EXEMPT);
	expect(&t, HV_TRANSLATE_SUCCESS, (u64)smp_vps & PAGE_MASK);
	t = registers_translate(0, PAGE_WINDOW, READ | EXEC);
	expect(&t, HV_TRANSLATE_SUCCESS, page_gpa(user_page));
	t = registers_translate(0, GVA, WRITE);
	expect(&t, DENIED, 0);
	cpu_write64(page_gpa(user_page) + 0x800, 1);
}

void hypercall_user_entry(u64 rip, u64 rsp);

static void enter_user(void *arg)
{
	(void)arg;
	hypercall_user_entry(PAGE_WINDOW, PAGE_WINDOW + PAGE_SIZE);
}

static void other_vp_at_cpl_3(const void *arg)
{
	struct trap_fault fault;

	(void)arg;
	user_page = page_alloc(PAGE_SIZE);
	memcpy(user_page, user_loop, sizeof(user_loop));
	page_map(0, page_gpa(user_page), PTE_U);
	page_set_entry(SLOT, frame_of(0) | PTE_P | PTE_U);
	cpu_invlpg(PAGE_WINDOW);
	smp_run(1, watch_user_job, NULL);
	fault = trap_try(enter_user, NULL);
	tap_equal("end of the loop", fault.vector, TRAP_UD);
	smp_wait(1);
	page_set_entry(SLOT, 0);
	page_map(0, page_gpa(user_page), 0);
	cpu_invlpg(PAGE_WINDOW);
}

#define NEEDS (NEED_HV | NEED_REGISTERS)
#define WALK(_name, _entry, _flags, _code, ...)                                \
	{                                                                      \
		"walk_" _name, "TLFS: HvCallTranslateVirtualAddress", run_row, \
			&(const struct walk_row){.entry = _entry,              \
						 .flags = _flags,              \
						 .code = _code,                \
						 __VA_ARGS__},                 \
			1, NEEDS                                               \
	}
#define DONE HV_TRANSLATE_SUCCESS

/* clang-format off */
static const struct check checks[] = {
	WALK("read", PTE_P | PTE_W, READ, DONE, .changed = 0),
	WALK("read_inhibits", PTE_P | PTE_W, READ | LOCK, DONE, .changed = 0),
	WALK("write", PTE_P | PTE_W, READ | WRITE, DONE, .changed = 0),
	WALK("exec", PTE_P | PTE_W, EXEC, DONE, .changed = 0),
	WALK("user_page", PTE_P | PTE_W | PTE_U, READ | WRITE | EXEC, DONE, .changed = 0),
	WALK("read_only", PTE_P, READ, DONE, .changed = 0),
	WALK("read_only_write", PTE_P, WRITE | LOCK, DENIED, .changed = 0),
	WALK("not_present", PTE_W, READ | LOCK, NOT_PRESENT, .changed = 0),
	WALK("nx_read", PTE_P | PTE_NX, READ, DONE, .nxe = true),
	WALK("nx_exec", PTE_P | PTE_NX, EXEC | LOCK, DENIED, .nxe = true),
	WALK("nx_without_nxe", PTE_P | PTE_NX, READ | LOCK, BAD_FLAGS,
	     .changed = 0),
	WALK("reserved_bit", PTE_P | BIT(51), READ | LOCK, BAD_FLAGS,
	     .changed = 0),
	WALK("outside_ram", PTE_P | PTE_W | OUTSIDE, READ | LOCK, UNMAPPED,
	     .changed = 0),
	WALK("set_accessed", PTE_P | PTE_W, READ | SET_BITS, DONE,
	     .changed = PTE_ACCESSED),
	WALK("set_dirty", PTE_P | PTE_W, WRITE | SET_BITS, DONE, .changed = AD_BITS),
	WALK("set_nothing_denied", PTE_P, WRITE | SET_BITS, DENIED, .changed = 0),
	{"walk_large_page", "SDM 3A: 4-Level Paging", large_page, NULL, 1,
	 NEEDS},
	{"walk_other_addresses", "SDM 3A: 4-Level Paging", other_addresses,
	 NULL, 1, NEEDS},
	{"walk_vp_at_cpl_3", "SDM 3A: Access Rights", other_vp_at_cpl_3, NULL, 2,
	 NEEDS | TAG_IF0},
};
/* clang-format on */

SUITE("inhibit", 160, checks);
