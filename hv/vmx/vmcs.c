/* SPDX-License-Identifier: MIT */
/* Names of the VMCS fields, and the panic when an access fails. */
#include "vmx/vmcs.h"

#include "core/port/port.h"
#include "core/port/vmcs.h"

static const struct {
	u32 field;
	const char *name;
} names[] = {
#define VMCS_FIELD(_name, _encoding) {(_encoding), #_name},
#include "x86/vmcs_fields.def"
#undef VMCS_FIELD
};

const char *vmcs_field_name(u32 field)
{
	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		if (names[i].field == field) {
			return names[i].name;
		}
	}
	return "unknown";
}

void vmcs_fail(const char *what, u32 field)
{
	u64 error = 0;
	bool failed = insn_vmread(VMCS_INSTRUCTION_ERROR, &error);

	port_panic("%s of %s (0x%x) failed: instruction error %llu", what,
		   vmcs_field_name(field), field,
		   failed ? 0ull : (unsigned long long)error);
}

u64 port_vmcs_get(enum vmcs_field field)
{
	return vmread_raw(field);
}

void port_vmcs_set(enum vmcs_field field, u64 value)
{
	vmwrite_raw(field, value);
}
