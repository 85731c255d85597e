/* SPDX-License-Identifier: MIT */
/*
 * The blocks are on the caller's stack (mapped one to one): a handler may make
 * such a call while the interrupted code prepares another one.
 */
#include "call/registers.h"
#include "harness/tap.h"
#include "kernel/host.h"
#include "kernel/page.h"
#include "kernel/smp.h"

#define ONE_ELEMENT FIELD_PREP(HV_CONTROL_REP_COUNT, 1)

/* 64 bytes, aligned to 64: the block crosses no page. */
struct get_block {
	struct hv_vp_registers header;
	u32 name;
	u32 padding;
	u64 unused;
	struct hv_register_value value;
} __aligned(64);

struct set_block {
	struct hv_vp_registers header;
	struct hv_register_assoc assoc;
} __aligned(64);

struct translate_block {
	struct hv_translate input;
	struct hv_translate_output output;
} __aligned(64);

static struct hv_vp_registers header_of(u32 n)
{
	return (struct hv_vp_registers){.partition_id = HV_PARTITION_ID_SELF,
					.vp_index = smp_vps[n]->index};
}

struct hv_register_value registers_get_name(u32 n, u32 name)
{
	struct get_block block = {.header = header_of(n), .name = name};
	u64 result = hypercall(HV_CALL_GET_VP_REGISTERS | ONE_ELEMENT,
			       page_gpa(&block), page_gpa(&block.value));

	tap_equal("0x0050", result, FIELD_PREP(HV_RESULT_REPS, 1));
	return block.value;
}

u64 registers_get(u32 n)
{
	return registers_get_name(n, HV_REGISTER_INTERCEPT_SUSPEND).low;
}

u16 registers_set(u32 n, u64 value)
{
	return registers_set_name(n, HV_REGISTER_INTERCEPT_SUSPEND,
				  (struct hv_register_value){value, 0});
}

u16 registers_set_name(u32 n, u32 name, struct hv_register_value value)
{
	struct set_block block = {.header = header_of(n),
				  .assoc = {.name = name, .value = value}};

	return (u16)FIELD_GET(HV_RESULT_STATUS,
			      hypercall(HV_CALL_SET_VP_REGISTERS | ONE_ELEMENT,
					page_gpa(&block), 0));
}

struct translation registers_translate(u32 n, u64 gva, u64 flags)
{
	struct translate_block block = {
		.input = {.partition_id = HV_PARTITION_ID_SELF,
			  .vp_index = smp_vps[n]->index,
			  .flags = flags,
			  .gva_page = gva >> PAGE_SHIFT},
		.output = {.result = ~0ull, .gpa_page = ~0ull},
	};
	u64 result = hypercall(HV_CALL_TRANSLATE_VIRTUAL_ADDRESS,
			       page_gpa(&block), page_gpa(&block.output));

	return (struct translation){
		.status = (u16)FIELD_GET(HV_RESULT_STATUS, result),
		.code = (u32)FIELD_GET(HV_TRANSLATE_RESULT_CODE,
				       block.output.result),
		.gpa_page = block.output.gpa_page,
	};
}

bool registers_is_suspended(u32 n)
{
	return (registers_get(n) & HV_INTERCEPT_SUSPENDED) != 0;
}

bool registers_is_inhibited(u32 n)
{
	return (registers_get(n) & HV_INTERCEPT_TLB_INHIBIT) != 0;
}

void registers_inhibit(u32 n)
{
	struct translation t = registers_translate(
		n, page_gpa(smp_vps),
		HV_TRANSLATE_READ | HV_TRANSLATE_FLUSH_INHIBIT);

	tap_equal("0x0052", t.status, HV_STATUS_SUCCESS);
	tap_equal("result code", t.code, HV_TRANSLATE_SUCCESS);
}

void registers_release(u32 n)
{
	tap_equal("0x0051", registers_set(n, 0), HV_STATUS_SUCCESS);
}
