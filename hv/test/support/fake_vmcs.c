/* SPDX-License-Identifier: MIT */
/* The VMCS as an array (see fake_vmcs.h). */
#include "support/fake_vmcs.h"

#include <string.h>

#include "core/port/port.h"
#include "support/check.h"

struct fake_vmcs fake_vmcs;

static const struct {
	u32 encoding;
	const char *name;
} fields[] = {
#define VMCS_FIELD(_name, _encoding) {(_encoding), #_name},
#include "x86/vmcs_fields.def"
#undef VMCS_FIELD
};

void fake_vmcs_reset(void)
{
	memset(&fake_vmcs, 0, sizeof(fake_vmcs));
}

const char *fake_vmcs_name(u32 encoding)
{
	for (u32 i = 0; i < ARRAY_SIZE(fields); i++) {
		if (fields[i].encoding == encoding) {
			return fields[i].name;
		}
	}
	return NULL;
}

static void check_field(u32 encoding)
{
	if (fake_vmcs_name(encoding) == NULL) {
		check_fail(__FILE__, __LINE__, "no VMCS field 0x%x", encoding);
	}
}

u64 port_vmcs_get(enum vmcs_field field)
{
	check_field(field);
	return fake_vmcs.value[field];
}

void port_vmcs_set(enum vmcs_field field, u64 value)
{
	static const unsigned bits[] = {
		[VMCS_W16] = 16,
		[VMCS_W32] = 32,
		[VMCS_W64] = 64,
		[VMCS_WNATURAL] = 64,
	};
	unsigned width = bits[VMCS_WIDTH((u32)field)];

	check_field(field);
	if (width < 64 && value >> width != 0) {
		check_fail(__FILE__, __LINE__,
			   "VMCS field %s: 0x%llx > %u bits",
			   fake_vmcs_name(field), (unsigned long long)value,
			   width);
	}
	fake_vmcs.value[field] = value;
	fake_vmcs.written[field] = true;
	fake_vmcs.write_count++;
}

void port_reset_registers(void)
{
	fake_vmcs.resets++;
}

void port_vp_renew(struct vp *vp)
{
	fake_vmcs.renewed = vp;
	fake_vmcs.renewals++;
}

u64 port_register_get(enum port_register reg)
{
	return fake_vmcs.registers[reg];
}

/* A value for which WRMSR or MOV to DR6 raises #GP fails the test. */
void port_register_set(enum port_register reg, u64 value)
{
	bool is_32bit =
		reg == PORT_DR6 || reg == PORT_FMASK || reg == PORT_TSC_AUX;
	bool is_address = reg == PORT_LSTAR || reg == PORT_CSTAR ||
			  reg == PORT_KERNEL_GS_BASE;
	u64 sign = value >> 47;

	if ((is_32bit && value >> 32 != 0) ||
	    (is_address && sign != 0 && sign != 0x1ffff)) {
		check_fail(__FILE__, __LINE__, "register %u: #GP for 0x%llx",
			   reg, (unsigned long long)value);
	}
	fake_vmcs.registers[reg] = value;
}

void port_restart(void)
{
	port_panic("restart");
}

void port_finish(u32 exit_code, const char *reason)
{
	port_panic("finish code=%u reason=%s", exit_code, reason);
}

void port_fxsave(u8 area[512])
{
	memcpy(area, fake_vmcs.fxsave, sizeof(fake_vmcs.fxsave));
}

void port_fxrstor(const u8 area[512])
{
	memcpy(fake_vmcs.fxsave, area, sizeof(fake_vmcs.fxsave));
}
