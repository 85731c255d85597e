/* SPDX-License-Identifier: MIT */
/* Deliberate faults. */
#include "vmx/selftest.h"

#include "core/console/log.h"
#include "core/port/port.h"
#include "vmx/selftest_invvpid.h"
#include "vmx/selftest_panic.h"
#include "vmx/vmcs.h"
#include "x86/section.h"
#include "x86/stack.h"

/* The highest address of the page below the boot CPU's root stack. */
static u64 guard_page(void)
{
	u64 va = stack_top(0, STACK_ROOT) - 8;
	u32 number;

	while (!stack_is_guard(va, &number)) {
		va -= PAGE_SIZE;
	}
	return va;
}

static u64 victim(enum config_selftest what)
{
	if (what == CONFIG_SELFTEST_WRITE_TEXT) {
		return (u64)section_text_start;
	}
	if (what == CONFIG_SELFTEST_WRITE_RODATA) {
		return (u64)section_rodata_start;
	}
	return what == CONFIG_SELFTEST_WRITE_GUARD ? guard_page() : 0;
}

void selftest_memory(enum config_selftest what)
{
	u64 at = victim(what);

	if (at == 0) {
		return;
	}
	log_line("selftest", "writing to 0x%lx", at);
	log_flush();
	*(volatile u64 *)at = 0;
	port_panic("selftest: the write to 0x%lx went through", at);
}

/* RFLAGS bit 1 is fixed to 1: SDM 3C, "Checks on Guest RIP, RFLAGS, and SSP" */
void selftest_entry(enum config_selftest what)
{
	if (what == CONFIG_SELFTEST_BAD_ENTRY) {
		vmcs_write_natural(VMCS_GUEST_RFLAGS, 0);
	}
	if (what == CONFIG_SELFTEST_INVVPID) {
		selftest_invvpid();
	}
	selftest_panic_ask(what);
}
