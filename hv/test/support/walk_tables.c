/* SPDX-License-Identifier: MIT */
/* Builds page tables by hand (see walk_tables.h). */
#include "support/walk_tables.h"

#include <string.h>

#include "support/call.h"
#include "support/check.h"

struct partition *walk_p;
struct walk_state walk_regs;

void walk_put(u64 at, u64 value, u32 size)
{
	memcpy(fake_ram(walk_p, at), &value, size);
}

u64 walk_get(u64 at, u32 size)
{
	u64 value = 0;

	memcpy(&value, fake_ram(walk_p, at), size);
	return value;
}

void walk_setup(void)
{
	fake_reset();
	walk_p = call_partition(1, 1);
	memset(&walk_regs, 0, sizeof(walk_regs));
	walk_regs.cr0 = CR0_PE | CR0_PG | CR0_WP;
	walk_regs.cr3 = ROOT;
	walk_regs.pat = PAT_RESET;
	walk_regs.address_bits = 40;
	walk_regs.has_1g_pages = true;
}

u64 walk_entry_at[4];

void walk_long_mode(void)
{
	walk_setup();
	walk_regs.cr4 = CR4_PAE;
	walk_regs.efer = EFER_LME | EFER_LMA | EFER_NXE;
	walk_entry_at[0] = ROOT;
	walk_entry_at[1] = TABLE + 8;
	walk_entry_at[2] = TABLE2 + 8;
	walk_entry_at[3] = TABLE3 + 8;
	walk_put(walk_entry_at[0], TABLE | P | W | US, 8);
	walk_put(walk_entry_at[1], TABLE2 | P | W | US, 8);
	walk_put(walk_entry_at[2], TABLE3 | P | W | US, 8);
	walk_put(walk_entry_at[3], PAGE | P | W | US, 8);
}

enum walk_status walk_go(u64 gva, u64 flags, struct walk_result *result)
{
	memset(result, 0, sizeof(*result));
	return walk(walk_p, &walk_regs, (gva_t){gva}, flags, result);
}

void walk_goes_to(u64 gva, u64 gpa)
{
	struct walk_result result;

	CHECK_EQ(walk_go(gva, WALK_READ, &result), WALK_OK);
	CHECK_EQ(result.gpa.v, gpa);
	CHECK_EQ(result.memory_type, PAT_WB);
}

void walk_fails(u64 gva, u64 flags, enum walk_status want)
{
	struct walk_result result;

	CHECK_EQ(walk_go(gva, flags, &result), want);
}
