/* SPDX-License-Identifier: MIT */
/*
 * Page faults while an event is being delivered: SDM 3A, "Interrupt 8 - Double
 * Fault Exception". An IDT of its own begins where two of its gates lie on
 * different pages, so that one of them can be missing. A translation that is
 * only not cached must not show: each event arrives once.
 */
#include "harness/suite.h"
#include "harness/tap.h"
#include "kernel/apic.h"
#include "kernel/cpu.h"
#include "kernel/idt.h"
#include "kernel/irq.h"
#include "kernel/mem.h"
#include "kernel/page.h"
#include "kernel/relax.h"
#include "suites/paging/access.h"

#include "x86/cr.h"
#include "x86/exception.h"

#define IDT_PAGE    region_gva(0x800800) /* pages that only this file uses */
#define STACK_PAGE  region_gva(0x800810)
#define NO_PAGE     region_gva(0x800820)
#define VECTOR      0x4b
#define GATE_LEN    16
#define IDT_LEN     (256 * GATE_LEN)
#define ROUNDS      32
#define TSS_RSP0    1 /* in words of 32 bits */
#define TSS_IST1    9
#define GATE_IST(n) ((u64)(n) << 32) /* in the low half of a gate */
#define PAGES       3

struct table_ptr {
	u16 limit;
	u64 base;
} __attribute__((packed));

static u64 frames[PAGES]; /* two of the IDT, one of the stack */
static u64 idt;           /* its address now */

/* As it is when the gates from `vector` on lie on the second page. */
static u64 *gate(u32 vector)
{
	u64 at = (idt & ~PAGE_MASK) + vector * GATE_LEN;

	return (u64 *)(frames[at / PAGE_SIZE] + (at & ~PAGE_MASK));
}

static void map(u64 gva, u32 i)
{
	region_set(region_entry(gva, 1), frames[i] | PTE_PRESENT | PTE_WRITE);
}

static void unmap(u64 gva)
{
	region_set(region_entry(gva, 1), 0);
	cpu_invlpg(gva);
}

/* A copy of the kernel's IDT; gate `second` is the first of the second page. */
static void begin(u32 second)
{
	struct table_ptr ptr;
	u64 length = second * GATE_LEN;

	for (u32 i = 0; i < PAGES && frames[i] == 0; i++) {
		frames[i] = page_gpa(page_alloc(PAGE_SIZE));
	}
	__asm__ volatile("sidt %0" : "=m"(ptr));
	memcpy((void *)(frames[0] + PAGE_SIZE - length), (void *)ptr.base,
	       length);
	memcpy((void *)frames[1], (void *)(ptr.base + length),
	       IDT_LEN - length);
	idt = IDT_PAGE + PAGE_SIZE - length;
	map(IDT_PAGE, 0);
	map(IDT_PAGE + PAGE_SIZE, 1);
	map(STACK_PAGE, 2);
	region_set(region_entry(NO_PAGE, 1), 0);
	cpu_cli();
	ptr.limit = IDT_LEN - 1;
	ptr.base = idt;
	__asm__ volatile("lidt %0" : : "m"(ptr) : "memory");
}

static void end(void)
{
	idt_load();
	cpu_sti();
	trap_set_handler(TRAP_PF, NULL);
	for (u32 i = 0; i < 2; i++) {
		unmap(IDT_PAGE + i * PAGE_SIZE);
	}
	unmap(STACK_PAGE);
	region_expect_no_eviction();
}

static void set_stack(u32 word, u64 top)
{
	u32 *tss = vp_self()->gdt.tss;

	tss[word] = (u32)top;
	tss[word + 1] = (u32)(top >> 32);
}

static void expect_double_fault(u64 page)
{
	struct access a = {.gva = NO_PAGE};

	(void)access_on(0, &a);
	tap_equal("vector", a.fault.vector, X86_VECTOR_DF);
	tap_equal("error code", a.fault.error, 0);
	tap_equal("page of CR2", a.fault.cr2 & PAGE_MASK, page);
}

static void expect_page_fault(const struct trap_fault *fault, u64 error,
			      u64 page)
{
	tap_equal("vector", fault->vector, TRAP_PF);
	tap_equal("error code", fault->error, error);
	tap_equal("page of CR2", fault->cr2 & PAGE_MASK, page);
}

/* The gate of #PF is missing. */
static void double_fault_gate(const void *arg)
{
	(void)arg;
	begin(TRAP_PF);
	unmap(IDT_PAGE + PAGE_SIZE);
	expect_double_fault(IDT_PAGE + PAGE_SIZE);
	end();
}

/* The stack of #PF is missing. */
static void double_fault_stack(const void *arg)
{
	(void)arg;
	begin(TRAP_PF);
	*gate(TRAP_PF) |= GATE_IST(1);
	set_stack(TSS_IST1, STACK_PAGE + PAGE_SIZE);
	unmap(STACK_PAGE);
	expect_double_fault(STACK_PAGE);
	end();
}

static void do_int(void *arg)
{
	(void)arg;
	__asm__ volatile("int %0" : : "i"(VECTOR) : "memory");
}

static void do_gp(void *arg)
{
	(void)arg;
	(void)cpu_rdmsr(0x4fffffff);
}

/* Benign, then a page fault: no double fault. */
static void page_fault_of_int(const void *arg)
{
	struct trap_fault fault;

	(void)arg;
	begin(TRAP_PF + 1);
	unmap(IDT_PAGE + PAGE_SIZE);
	fault = trap_try(do_int, NULL);
	expect_page_fault(&fault, 0, IDT_PAGE + PAGE_SIZE);
	end();
}

/* Contributory, then a page fault: no double fault. */
static void page_fault_of_gp(const void *arg)
{
	struct trap_fault fault;

	(void)arg;
	begin(TRAP_PF);
	unmap(IDT_PAGE);
	fault = trap_try(do_gp, NULL);
	expect_page_fault(&fault, 0, IDT_PAGE);
	end();
}

/*
 * UD2 at CPL 3: the push to the stack of CPL 0 is a write of the supervisor.
 * #PF has a stack of its own.
 */
static void page_fault_of_user_stack(const void *arg)
{
	struct access a = {.gva = STACK_PAGE, .kind = ACCESS_READ};
	u64 top = vp_self()->stack_top;

	(void)arg;
	begin(TRAP_PF);
	region_set(region_entry(NO_PAGE, 1),
		   frames[2] | PTE_PRESENT | PTE_WRITE | PTE_USER);
	a.gva = NO_PAGE;
	a.is_user = true;
	*gate(TRAP_PF) |= GATE_IST(1);
	set_stack(TSS_IST1, STACK_PAGE + PAGE_SIZE);
	set_stack(TSS_RSP0, IDT_PAGE + 3 * PAGE_SIZE);
	(void)access_on(0, &a);
	set_stack(TSS_RSP0, top);
	expect_page_fault(&a.fault, PF_W, IDT_PAGE + 2 * PAGE_SIZE);
	unmap(NO_PAGE);
	end();
}

/* The event is delivered; the first instruction of its handler faults. */
static void page_fault_of_handler(const void *arg)
{
	struct trap_fault fault;
	u64 at = NO_PAGE;

	(void)arg;
	begin(TRAP_PF + 1);
	gate(VECTOR)[0] = (gate(VECTOR)[0] & 0x0000ffffffff0000ull) |
			  (at & 0xffff) | (at >> 16 & 0xffff) << 48;
	gate(VECTOR)[1] = at >> 32;
	fault = trap_try(do_int, NULL);
	expect_page_fault(&fault, 0, NO_PAGE);
	tap_equal("RIP", fault.rip, NO_PAGE);
	end();
}

/* ---- events whose gate and stack are mapped, but not cached ---- */

static void forget(void)
{
	u64 cr4 = cpu_cr4();

	cpu_set_cr4(cr4 & ~CR4_PGE);
	cpu_set_cr4(cr4);
}

static void raise_interrupt(void)
{
	apic_send(0, APIC_ICR_ASSERT | VECTOR);
	forget();
	cpu_sti();
	cpu_cli();
}

static void raise_halted(void)
{
	apic_send(0, APIC_ICR_ASSERT | VECTOR);
	forget();
	cpu_sti_hlt();
	cpu_cli();
}

static void raise_int(void)
{
	forget();
	do_int(NULL);
}

static void raise_nmi(void)
{
	u32 before = irq_got_nmi(0);

	forget();
	apic_send(0, APIC_ICR_ASSERT | APIC_ICR_NMI);
	irq_wait_nmi(0, before + 1);
}

static u32 got(void)
{
	return irq_got(0, VECTOR) + irq_got_nmi(0);
}

static void arrives_once(const void *arg)
{
	void (*raise)(void) = *(void (*const *)(void))arg;

	begin(TRAP_PF + 1);
	irq_count(VECTOR);
	irq_count_nmi();
	irq_reset();
	set_stack(TSS_IST1, STACK_PAGE + PAGE_SIZE);
	*gate(VECTOR) |= GATE_IST(1);
	*gate(TRAP_NMI) |= GATE_IST(1);
	for (u32 i = 1; i <= ROUNDS; i++) {
		raise();
		tap_equal("arrived", got(), i);
	}
	end();
}

/* Exceptions keep error code and CR2, though their delivery fills the TLB. */
static void fault_arrives_once(const void *arg)
{
	(void)arg;
	begin(TRAP_PF);
	set_stack(TSS_IST1, STACK_PAGE + PAGE_SIZE);
	*gate(TRAP_PF) |= GATE_IST(1);
	*gate(TRAP_GP) |= GATE_IST(1);
	for (u32 i = 0; i < ROUNDS; i++) {
		struct access a = {.gva = NO_PAGE + 8 * i,
				   .kind = ACCESS_WRITE};
		struct trap_fault fault;

		forget();
		(void)access_on(0, &a);
		expect_page_fault(&a.fault, PF_W, NO_PAGE);
		tap_equal("CR2", a.fault.cr2, a.gva);
		forget();
		cpu_set_cr2(i);
		fault = trap_try(do_gp, NULL);
		tap_equal("vector", fault.vector, TRAP_GP);
		tap_equal("CR2 after #GP", fault.cr2, i);
	}
	end();
}

/*
 * An interrupt whose gate is missing until #PF's handler maps it. A CPU that
 * delivers it has acknowledged it already and loses it; a hypervisor that sees
 * the fault delivers it again.
 */

static volatile u32 mapped;

static void map_gate(struct trap_frame *frame)
{
	(void)frame;
	mapped++;
	map(IDT_PAGE + PAGE_SIZE, 1);
}

static void gate_mapped_by_fault(const void *arg)
{
	(void)arg;
	begin(TRAP_PF + 1);
	irq_count(VECTOR);
	irq_reset();
	mapped = 0;
	trap_set_handler(TRAP_PF, map_gate);
	for (u32 i = 1; i <= ROUNDS; i++) {
		unmap(IDT_PAGE + PAGE_SIZE);
		apic_send(0, APIC_ICR_ASSERT | VECTOR);
		cpu_sti();
		irq_settle();
		cpu_cli();
		tap_equal("page faults", mapped, i);
		tap_equal("arrived", irq_got(0, VECTOR), i);
	}
	end();
}

static void (*const interrupt)(void) = raise_interrupt;
static void (*const halted)(void) = raise_halted;
static void (*const software)(void) = raise_int;
static void (*const nmi)(void) = raise_nmi;

#define DOUBLE "SDM 3A: Interrupt 8—Double Fault Exception (#DF)"
#define DELIVERY                                                               \
	"SDM 3C: Information for VM Exits That Occur During Event Delivery"

/* clang-format off */
static const struct check checks[] = {
	{"double_fault_gate", DOUBLE, double_fault_gate, NULL, 1, NEED_HV},
	{"double_fault_stack", DOUBLE, double_fault_stack, NULL, 1, NEED_HV},
	{"page_fault_of_int", DOUBLE, page_fault_of_int, NULL, 1, NEED_HV},
	{"page_fault_of_gp", DOUBLE, page_fault_of_gp, NULL, 1, NEED_HV},
	{"page_fault_of_user_stack", DOUBLE, page_fault_of_user_stack, NULL, 1,
	 NEED_HV},
	{"page_fault_of_handler", DOUBLE, page_fault_of_handler, NULL, 1,
	 NEED_HV},
	{"interrupt_once", DELIVERY, arrives_once, &interrupt, 1, NEED_HV},
	{"interrupt_once_halted", DELIVERY, arrives_once, &halted, 1, NEED_HV},
	{"interrupt_once_software", DELIVERY, arrives_once, &software, 1,
	 NEED_HV},
	{"nmi_once", DELIVERY, arrives_once, &nmi, 1, NEED_HV},
	{"fault_once", DELIVERY, fault_arrives_once, NULL, 1, NEED_HV},
	{"gate_mapped_by_fault", DELIVERY, gate_mapped_by_fault, NULL, 1,
	 NEED_HV | NEED_SHADOW},
};
/* clang-format on */

SUITE("faults", 096, checks);
