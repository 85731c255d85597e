/* SPDX-License-Identifier: MIT */
/* Which calls exist, and their shapes. Rows are designated by call code. */
#include "core/hypercall/handlers.h"
#include "core/hypercall/table.h"
#include "core/state/partition.h"
#include "tlfs/cpuid.h"
#include "tlfs/hypercall.h"
#include "tlfs/register.h"

/* Bit 31 is refused by a hypervisor that is not nested (abi.md: nested bit). */
#define ZERO_REP    (HV_CONTROL_RESERVED | HV_CONTROL_NESTED)
#define ZERO_SIMPLE (ZERO_REP | HV_CONTROL_REP_COUNT | HV_CONTROL_REP_START)

#define HC_ROW(_code, _fn, _header, ...)                                       \
	[_code] = {.fn = (_fn),                                                \
		   .name = #_fn,                                               \
		   .code = (_code),                                            \
		   .header_size = sizeof(_header),                             \
		   __VA_ARGS__}
/* Bits of the control word that are 0 in their class */
#define HC_ZERO(_bits)                                                         \
	.control_zero = (_bits),                                               \
	.fast_path_mask = (_bits) | HV_CONTROL_REP_START
#define HC_ELEMENTS(_element) .is_rep = true, .element_size = sizeof(_element)
#define HC_SIMPLE(_code, _fn, _header)                                         \
	HC_ROW(_code, _fn, _header, HC_ZERO(ZERO_SIMPLE | HV_CONTROL_VARHEAD))
#define HC_SIMPLE_OUT(_code, _fn, _header, _output)                            \
	HC_ROW(_code, _fn, _header, .output_size = sizeof(_output),            \
	       HC_ZERO(ZERO_SIMPLE | HV_CONTROL_VARHEAD))
#define HC_REP(_code, _fn, _header, _element, ...)                             \
	HC_ROW(_code, _fn, _header, HC_ELEMENTS(_element),                     \
	       HC_ZERO(ZERO_REP | HV_CONTROL_VARHEAD), __VA_ARGS__)
#define HC_REP_OUT(_code, _fn, _header, _element, _output, ...)                \
	HC_REP(_code, _fn, _header, _element,                                  \
	       .output_element_size = sizeof(_output), __VA_ARGS__)
/* ...EX: the VP set's banks are a variable header */
#define HC_SIMPLE_EX(_code, _fn, _header)                                      \
	HC_ROW(_code, _fn, _header, HC_ZERO(ZERO_SIMPLE), .is_ex = true,       \
	       .needs_hint = HV_HINT_EX_PROCESSOR_MASKS)
#define HC_REP_EX(_code, _fn, _header, _element, ...)                          \
	HC_ROW(_code, _fn, _header, HC_ELEMENTS(_element), HC_ZERO(ZERO_REP),  \
	       .is_ex = true, .needs_hint = HV_HINT_EX_PROCESSOR_MASKS,        \
	       __VA_ARGS__)
/* ..._IPI...: the cluster IPI is recommended */
#define HC_SIMPLE_IPI(_code, _fn, _header)                                     \
	HC_ROW(_code, _fn, _header, HC_ZERO(ZERO_SIMPLE | HV_CONTROL_VARHEAD), \
	       .needs_hint = HV_HINT_CLUSTER_IPI)
#define HC_SIMPLE_IPI_EX(_code, _fn, _header)                                  \
	HC_ROW(_code, _fn, _header, HC_ZERO(ZERO_SIMPLE), .is_ex = true,       \
	       .needs_hint = HV_HINT_CLUSTER_IPI | HV_HINT_EX_PROCESSOR_MASKS)
#define WIDENS  .widens = true
#define AT_ONCE .at_once = true
#define ASKS    .asks = true

/* generated: calls, from include/abi.toml */
/* clang-format off */
static const struct hc_desc table[] = {
	HC_SIMPLE        (HV_CALL_FLUSH_VIRTUAL_ADDRESS_SPACE,    hc_flush,         struct hv_flush),
	HC_REP           (HV_CALL_FLUSH_VIRTUAL_ADDRESS_LIST,     hc_flush,         struct hv_flush, u64, WIDENS),
	HC_SIMPLE        (HV_CALL_NOTIFY_LONG_SPIN_WAIT,          hc_notify_spin,   struct hv_long_spin_wait),
	HC_SIMPLE_IPI    (HV_CALL_SEND_SYNTHETIC_CLUSTER_IPI,     hc_send_ipi,      struct hv_send_ipi),
	HC_SIMPLE_EX     (HV_CALL_FLUSH_VIRTUAL_ADDRESS_SPACE_EX, hc_flush,         struct hv_flush_ex),
	HC_REP_EX        (HV_CALL_FLUSH_VIRTUAL_ADDRESS_LIST_EX,  hc_flush,         struct hv_flush_ex, u64, WIDENS),
	HC_SIMPLE_IPI_EX (HV_CALL_SEND_SYNTHETIC_CLUSTER_IPI_EX,  hc_send_ipi,      struct hv_send_ipi_ex),
	HC_REP_OUT       (HV_CALL_GET_VP_REGISTERS,               hc_get_registers, struct hv_vp_registers, u32, struct hv_register_value, ASKS),
	HC_REP           (HV_CALL_SET_VP_REGISTERS,               hc_set_registers, struct hv_vp_registers, struct hv_register_assoc, AT_ONCE, ASKS),
	HC_SIMPLE_OUT    (HV_CALL_TRANSLATE_VIRTUAL_ADDRESS,      hc_translate,     struct hv_translate, struct hv_translate_output),
};
/* clang-format on */
/* end: calls */

/* Extended calls take no input; rows from HV_EXT_CALL_QUERY_CAPABILITIES on. */
#define HC_EXT_OUT(_code, _fn, _output)                                        \
	[(_code)-HV_EXT_CALL_QUERY_CAPABILITIES] = {                           \
		.fn = (_fn),                                                   \
		.name = #_fn,                                                  \
		.code = (_code),                                               \
		.output_size = sizeof(_output),                                \
		.control_zero = ZERO_SIMPLE | HV_CONTROL_VARHEAD,              \
		.needs_privilege = HV_PRIV_EXTENDED_HYPERCALLS,                \
	}

/* generated: extended calls, from include/abi.toml */
/* clang-format off */
static const struct hc_desc extended[] = {
	HC_EXT_OUT (HV_EXT_CALL_QUERY_CAPABILITIES, hc_ext_query, struct hv_ext_capabilities),
};
/* clang-format on */
/* end: extended calls */

#define HC_TEST_OUT(_code, _fn, _header, _output)                              \
	{                                                                      \
		.fn = (_fn), .name = #_fn, .code = (_code),                    \
		.header_size = sizeof(_header),                                \
		.output_size = sizeof(_output),                                \
		.control_zero = ZERO_SIMPLE | HV_CONTROL_VARHEAD,              \
		.is_test = true,                                               \
	}

/* generated: test call, from include/abi.toml */
/* clang-format off */
static const struct hc_desc test_read =
	HC_TEST_OUT(LETHE_CALL_TEST_READ, hc_counters_read, struct lethe_test_input, struct lethe_test_output);
/* clang-format on */
/* end: test call */

bool hc_row_is_offered(const struct partition *p, const struct hc_desc *row)
{
	const struct config_privileges *granted = &p->config->privileges;

	return (granted->hints & row->needs_hint) == row->needs_hint &&
	       (row->needs_privilege == 0 ||
		(granted->mask & row->needs_privilege) != 0);
}

const struct hc_desc *hc_table_find(u16 code)
{
	if (LIKELY(code < ARRAY_SIZE(table))) {
		return table[code].fn == NULL ? NULL : &table[code];
	}
	if (code >= HV_EXT_CALL_QUERY_CAPABILITIES &&
	    code - HV_EXT_CALL_QUERY_CAPABILITIES < (int)ARRAY_SIZE(extended)) {
		return &extended[code - HV_EXT_CALL_QUERY_CAPABILITIES];
	}
	return code == LETHE_CALL_TEST_READ ? &test_read : NULL;
}
