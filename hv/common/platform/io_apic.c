/* SPDX-License-Identifier: MIT */
/* Decides the redirection entry of a serial port, or that there is none. */
#include "common/platform/io_apic.h"

#include "base/bits.h"

#define DEFAULT_HPA 0xfec00000u

#define VERSION_NUMBER   GENMASK(7, 0)
#define VERSION_LAST     GENMASK(23, 16) /* number of the last entry */
#define VERSION_RESERVED (GENMASK(31, 24) | GENMASK(14, 8))
#define VERSION_FIRST    0x10 /* below: an 82489DX, with other entries */
#define VERSION_END      0x30

/* Redirection entry; edge-triggered, physical destination, not masked */
#define ENTRY_FIRST      0x10u
#define ENTRY_NMI        0x400u /* the vector is ignored */
#define ENTRY_ACTIVE_LOW 0x2000u
#define ENTRY_DEST_SHIFT 24

/* An entry has 8 bits of an APIC ID; 255 are all CPUs. */
#define APIC_ID_MAX 254

static const u8 isa_irqs[HANDOFF_LINES] = {4, 3};

struct handoff_line io_apic_line(const struct handoff_line *line, u32 number)
{
	if (line->io_apic != 0) {
		return *line;
	}
	return (struct handoff_line){.io_apic = DEFAULT_HPA,
				     .pin = isa_irqs[number]};
}

bool io_apic_is_version(u32 version)
{
	u64 number = FIELD_GET(VERSION_NUMBER, version);

	return (version & VERSION_RESERVED) == 0 && number >= VERSION_FIRST &&
	       number < VERSION_END;
}

const char *io_apic_plan_nmi(const struct handoff_line *line, u32 version,
			     u32 apic_id, struct io_apic_entry *entry)
{
	if (line->io_apic == HANDOFF_LINE_NONE ||
	    !io_apic_is_version(version)) {
		return "no-io-apic";
	}
	if (line->pin > FIELD_GET(VERSION_LAST, version)) {
		return "no-such-pin";
	}
	if (line->level) {
		/* 82093AA, "Delivery Mode": an NMI has to be an edge */
		return "level-triggered";
	}
	if (apic_id > APIC_ID_MAX) {
		return "apic-id";
	}
	*entry = (struct io_apic_entry){
		.at = ENTRY_FIRST + 2u * line->pin,
		.low = ENTRY_NMI | (line->active_low ? ENTRY_ACTIVE_LOW : 0),
		.high = apic_id << ENTRY_DEST_SHIFT,
	};
	return NULL;
}
