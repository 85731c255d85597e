/* SPDX-License-Identifier: MIT */
/*
 * Access to the current VMCS. A failing VMREAD or VMWRITE is a bug of the
 * hypervisor: it panics with the field's name, so no caller checks.
 */
#ifndef HV_VMX_VMCS_H
#define HV_VMX_VMCS_H

#include "vmx/insn.h"
#include "x86/vmcs.h"

void vmcs_fail(const char *what, u32 field) __attribute__((noreturn, cold));

/* Name of a field for dumps, without "VMCS_". */
const char *vmcs_field_name(u32 field);

static inline u64 vmread_raw(u32 field)
{
	u64 value;

	if (UNLIKELY(insn_vmread(field, &value))) {
		vmcs_fail("VMREAD", field);
	}
	return value;
}

static inline void vmwrite_raw(u32 field, u64 value)
{
	if (UNLIKELY(insn_vmwrite(field, value))) {
		vmcs_fail("VMWRITE", field);
	}
}

/* The width is checked at compile time, from the encoding itself. */
#define VMCS_CHECK(_f, _width)                                                 \
	_Static_assert(VMCS_WIDTH(_f) == (_width), #_f " has another width")

#define vmcs_read32(_f)                                                        \
	({                                                                     \
		VMCS_CHECK(_f, VMCS_W32);                                      \
		(u32) vmread_raw(_f);                                          \
	})
/*
 * VMREAD clears the upper half: as a u64 the value costs no further
 * instruction.
 */
#define vmcs_read32_wide(_f)                                                   \
	({                                                                     \
		VMCS_CHECK(_f, VMCS_W32);                                      \
		vmread_raw(_f);                                                \
	})
#define vmcs_read64(_f)                                                        \
	({                                                                     \
		VMCS_CHECK(_f, VMCS_W64);                                      \
		vmread_raw(_f);                                                \
	})
#define vmcs_read_natural(_f)                                                  \
	({                                                                     \
		VMCS_CHECK(_f, VMCS_WNATURAL);                                 \
		vmread_raw(_f);                                                \
	})
#define vmcs_write16(_f, _v)                                                   \
	do {                                                                   \
		VMCS_CHECK(_f, VMCS_W16);                                      \
		vmwrite_raw((_f), (u16)(_v));                                  \
	} while (0)
#define vmcs_write32(_f, _v)                                                   \
	do {                                                                   \
		VMCS_CHECK(_f, VMCS_W32);                                      \
		vmwrite_raw((_f), (u32)(_v));                                  \
	} while (0)
#define vmcs_write64(_f, _v)                                                   \
	do {                                                                   \
		VMCS_CHECK(_f, VMCS_W64);                                      \
		vmwrite_raw((_f), (_v));                                       \
	} while (0)
#define vmcs_write_natural(_f, _v)                                             \
	do {                                                                   \
		VMCS_CHECK(_f, VMCS_WNATURAL);                                 \
		vmwrite_raw((_f), (_v));                                       \
	} while (0)

#endif
