/* SPDX-License-Identifier: MIT */
/* The command `sanitize`: counters, findings, uses that wait, stale leaves. */
#include <string.h>

#include "core/paging/shadow_arm.h"
#include "core/sanitize/scan.h"
#include "core/sanitize/watch.h"
#include "support/check.h"
#include "support/command.h"
#include "support/fake_partition.h"
#include "support/fake_vmcs.h"
#include "support/shadow_vp.h"

#define PAGES 40

static struct sanitize z;
static struct vp *vp;

static u64 page(u32 i)
{
	return 0xffff900040201000ull + i * 0x40000000ull;
}

/* VP 0 has read 40 pages, of which the last 3 are mapped no more. */
static void setup(void)
{
	(void)command_setup();
	fake_vmcs_reset();
	shadow_vp_setup(SHADOW_MODE_LONG, 100, false);
	shadow_vp_may_be_armed = true;
	sanitize_reset(&z);
	vp = walk_p->vps[0];
	port_vmcs_set(VMCS_GUEST_CR0, walk_regs.cr0);
	port_vmcs_set(VMCS_GUEST_CR4, walk_regs.cr4);
	fake_cpuid_set(0x80000008, 0, 40, 0, 0, 0);
	vp->shadow = &shadow_vp;
	vp->sanitize = &z;
	vp->own.view.cr3 = walk_regs.cr3;
	vp->own.view.efer = walk_regs.efer;
	for (u32 i = 0; i < PAGES; i++) {
		shadow_vp_map(page(i), 1, (0x20000 + i * PAGE_SIZE) | P | A);
		CHECK_EQ(shadow_vp_touch(page(i), READ).end, SHADOW_FILLED);
	}
	for (u32 i = PAGES - 3; i < PAGES; i++) {
		shadow_vp_map(page(i), 1, 0);
	}
}

static void end(void)
{
	vp->shadow = NULL;
	vp->sanitize = NULL;
}

static u32 count(const char *part)
{
	u32 found = 0;

	for (const char *at = command_text; (at = strstr(at, part)) != NULL;
	     at++) {
		found++;
	}
	return found;
}

/* Armed or not: what is compared is the leaf as it was. */
static void t_stale_leaves_are_listed(void)
{
	struct sanitize_view v;

	setup();
	(void)command_answer("sanitize 0");
	CHECK_EQ(count("stale kind=absent gva=0xffff90"), 3);
	CHECK(strstr(command_text, "\n3 stale now\n") != NULL);
	CHECK(strstr(command_text, "compared=0 ") != NULL);
	v = (struct sanitize_view){walk_p, &shadow_vp, &z, walk_regs, 0};
	while (z.count.passes == 0) {
		sanitize_scan(&v);
	}
	CHECK_EQ(z.count.armed, 3);
	(void)command_answer("sanitize 0");
	CHECK_EQ(count("stale kind=absent gva=0xffff90"), 3);
	CHECK(strstr(command_text, "compared=40 ") != NULL);
	CHECK(strstr(command_text, " armed=3 ") != NULL);
	CHECK(strstr(command_text, " passes=1 stale=3\n") != NULL);
	end();
}

static void t_findings_and_uses_are_listed(void)
{
	struct sanitize_use use = {.kind = SANITIZE_FRAME,
				   .gva = 0x7000,
				   .access = WALK_WRITE,
				   .level = 1};

	setup();
	for (u32 i = 0; i < 2 * SANITIZE_FINDINGS; i++) {
		use.rip = 0x1000 + i;
		CHECK(sanitize_found(&z, &use));
	}
	use.rip = 0x8000;
	for (u32 i = 0; i < SANITIZE_WATCHES; i++) {
		sanitize_watch(&z, &use);
	}
	(void)command_answer("sanitize 0");
	CHECK_EQ(count("finding kind=frame rip=0x10"), SANITIZE_FINDINGS);
	CHECK(strstr(command_text, "finding kind=frame rip=0x103f gva=0x7000 "
				   "write cpl=0 leaf=0x0 entry=0x0\n") != NULL);
	CHECK(strstr(command_text, "rip=0x101f ") == NULL);
	CHECK_EQ(count("waits kind=frame rip=0x8000 "), SANITIZE_WATCHES);
	CHECK(strstr(command_text, "kind=frame uses=32 findings=64\n") != NULL);
	CHECK(command_calls > 2);
	CHECK(strstr(command_text, "\n3 stale now\n") != NULL);
	end();
}

static void t_says_why_there_is_nothing(void)
{
	setup();
	vp->sanitize = NULL;
	COMMAND_HAS("sanitize 0", " has no sanitizer: sanitize = off\n");
	vp->sanitize = &z;
	port_vmcs_set(VMCS_GUEST_CR0, 0);
	COMMAND_HAS("sanitize 0", "paging is off\n");
	end();
}

static const struct test tests[] = {
	{"stale-leaves-are-listed", t_stale_leaves_are_listed},
	{"findings-and-uses-are-listed", t_findings_and_uses_are_listed},
	{"says-why-there-is-nothing", t_says_why_there_is_nothing},
};

const struct suite suite_cmd_sanitize = SUITE("cmd_sanitize", tests);
