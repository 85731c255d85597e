/* SPDX-License-Identifier: MIT */
/*
 * Writes AML, the byte code of ACPI's definition blocks, into a buffer: as much
 * of it as a DSDT without methods needs. ACPI 6.5, "ACPI Machine Language (AML)
 * Specification".
 */
#ifndef HV_COMMON_GUEST_ACPI_AML_H
#define HV_COMMON_GUEST_ACPI_AML_H

#include "base/types.h"

struct aml {
	u8 *to;
	u32 room;
	u32 len;     /* bytes written, at most `room` */
	bool is_cut; /* something did not fit and was left out */
};

struct aml aml_start(u8 *to, u32 room);

/*
 * Objects with a PkgLength: aml_open_*() writes what stands before it and
 * returns its place; aml_close() with that place puts the length there, once
 * all of the content is written. They nest.
 */
u32 aml_open_scope(struct aml *aml, const char *name);
u32 aml_open_device(struct aml *aml, const char *name);
u32 aml_open_package(struct aml *aml, u8 count);
void aml_close(struct aml *aml, u32 place);

/* Name (`name`, ...); the object follows. A name is `\`, or nothing, and one
   segment of 4 characters. */
void aml_name(struct aml *aml, const char *name);

void aml_integer(struct aml *aml, u32 value);

/* EisaId ("PNP0501"): three upper-case letters, four hexadecimal digits. */
void aml_eisa_id(struct aml *aml, const char *id);

/* Buffer () { bytes } */
void aml_buffer(struct aml *aml, const u8 *bytes, u32 len);

#endif
