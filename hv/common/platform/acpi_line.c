/* SPDX-License-Identifier: MIT */
/*
 * From an ISA IRQ to an input of an I/O APIC. ACPI 6.5, "I/O APIC Structure",
 * "Interrupt Source Override Structure", "MPS INTI Flags".
 */
#include "common/platform/acpi_line.h"

#include "base/bits.h"
#include "common/lib/bytes.h"
#include "common/lib/mem.h"

#define IO_APIC      1
#define IO_APIC_LEN  12
#define IO_APIC_HPA  4
#define IO_APIC_BASE 8

#define OVERRIDE        2
#define OVERRIDE_LEN    10
#define OVERRIDE_BUS    2 /* 0: ISA */
#define OVERRIDE_SOURCE 3
#define OVERRIDE_GSI    4
#define OVERRIDE_FLAGS  8

#define FLAGS_POLARITY GENMASK(1, 0)
#define FLAGS_TRIGGER  GENMASK(3, 2)
#define FLAGS_OTHER    3 /* active low; level. Else as on the ISA bus */

#define PIN_MAX 239 /* the version register has no larger number */

static const u8 irqs[HANDOFF_LINES] = {4, 3};

/* Where one interrupt goes, as far as the entries read so far say. */
struct search {
	u32 gsi;
	u32 flags;
	u32 base; /* first GSI of `io_apic` */
	u32 io_apic;
};

static void take_override(struct search *search, u8 irq, const u8 *entry)
{
	if (entry[OVERRIDE_BUS] == 0 && entry[OVERRIDE_SOURCE] == irq) {
		search->gsi = (u32)bytes_number(entry + OVERRIDE_GSI, 4);
		search->flags = (u32)bytes_number(entry + OVERRIDE_FLAGS, 2);
	}
}

/* The I/O APIC that begins nearest below the interrupt has it. */
static void take_io_apic(struct search *search, const u8 *entry)
{
	u32 base = (u32)bytes_number(entry + IO_APIC_BASE, 4);
	u32 hpa = (u32)bytes_number(entry + IO_APIC_HPA, 4);

	if (base <= search->gsi &&
	    (search->io_apic == HANDOFF_LINE_NONE || base > search->base) &&
	    hpa != 0 && (hpa & 0xf) == 0) {
		search->base = base;
		search->io_apic = hpa;
	}
}

/* Looks at all entries of one kind; false if the MADT is malformed. */
static bool look_at(const struct acpi_memory *memory, struct acpi_table madt,
		    u8 type, u8 irq, struct search *search)
{
	u8 entry[ACPI_MADT_ENTRY];
	u32 at = 0;
	enum err err;

	while ((err = acpi_madt_next(memory, madt, &at, entry)) == ERR_OK) {
		if (entry[0] != type) {
			continue;
		}
		if (entry[1] <
		    (type == OVERRIDE ? OVERRIDE_LEN : IO_APIC_LEN)) {
			return false;
		}
		if (type == OVERRIDE) {
			take_override(search, irq, entry);
		} else {
			take_io_apic(search, entry);
		}
	}
	return err == ERR_NOT_FOUND;
}

static struct handoff_line line_of(const struct acpi_memory *memory,
				   struct acpi_table madt, u8 irq)
{
	struct search search = {.gsi = irq, .io_apic = HANDOFF_LINE_NONE};
	struct handoff_line none = {.io_apic = HANDOFF_LINE_NONE};

	/* an override may come after its I/O APIC */
	if (!look_at(memory, madt, OVERRIDE, irq, &search) ||
	    !look_at(memory, madt, IO_APIC, irq, &search) ||
	    search.io_apic == HANDOFF_LINE_NONE ||
	    search.gsi - search.base > PIN_MAX) {
		return none;
	}
	return (struct handoff_line){
		.io_apic = search.io_apic,
		.pin = (u8)(search.gsi - search.base),
		.active_low =
			FIELD_GET(FLAGS_POLARITY, search.flags) == FLAGS_OTHER,
		.level = FIELD_GET(FLAGS_TRIGGER, search.flags) == FLAGS_OTHER,
	};
}

void acpi_lines(const struct acpi_memory *memory,
		const struct acpi_tables *tables,
		struct handoff_line lines[HANDOFF_LINES])
{
	memset(lines, 0, HANDOFF_LINES * sizeof(*lines));
	if (tables->madt.hpa == 0) {
		return;
	}
	for (u32 i = 0; i < HANDOFF_LINES; i++) {
		lines[i] = line_of(memory, tables->madt, irqs[i]);
	}
}
