/* SPDX-License-Identifier: MIT */
/*
 * What the tables say. One page holds them, each at a multiple of 16 bytes.
 */
#include "common/guest_acpi/guest_acpi.h"

#include "common/guest_acpi/aml.h"
#include "common/lib/mem.h"

#define VPS_MAX 256u

/* Lengths, and offsets in a table. ACPI 6.5, "ACPI System Description Tables"
 */
#define RSDP_LEN    36u
#define RSDP_V1_LEN 20u /* what its first checksum covers */
#define HEADER_LEN  36u
#define XSDT_LEN    (HEADER_LEN + 2 * 8)
#define FADT_LEN    276u
#define MADT_HEAD   (HEADER_LEN + 8)
#define MADT_X2APIC 255u /* the first APIC ID that needs the longer entry */
#define DSDT_MAX    256u

#define AT_LENGTH   4u
#define AT_REVISION 8u
#define AT_CHECKSUM 9u

#define LOCAL_APIC 0xfee00000u

/* Ports of core/emulate/ioport.c */
#define PORT_UART     0x3f8u
#define PORT_SLEEP    0x600u
#define PORT_RESET    0xcf9u
#define RESET_VALUE   6u
#define UART_LEN      8u
#define SLEEP_TYPE_S5 5u

static u32 align(u32 len)
{
	return (len + 15) & ~15u;
}

_Static_assert(RSDP_LEN + 16 + XSDT_LEN + 16 + FADT_LEN + 16 + DSDT_MAX + 16 +
			       MADT_HEAD + MADT_X2APIC * 8 +
			       (VPS_MAX - MADT_X2APIC) * 16 <=
		       GUEST_ACPI_LEN,
	       "the tables of 256 VPs fit into one page");

struct maker {
	u8 *page;
	u32 gpa;
	u32 next; /* where the next table goes */
};

/* A number in a table */
struct field {
	u16 offset;
	u8 width;
	u64 value;
};

/* Generic Address Structure of one byte in I/O space */
#define PORT(_offset, _port)                                                   \
	{(_offset), 1, 1}, {(_offset) + 1, 1, 8}, {(_offset) + 3, 1, 1},       \
	{                                                                      \
		(_offset) + 4, 8, (_port)                                      \
	}

/* clang-format off */
static const struct field fadt[] = {
	{ 109, 2, 0x2c }, /* no VGA, no MSI, no CMOS clock; no 8042 */
	/* WBINVD; no fixed power and sleep button; reset register; hardware-
	   reduced: no PM timer, no PM1, no SCI */
	{ 112, 4, 1u << 0 | 1u << 4 | 1u << 5 | 1u << 10 | 1u << 20 },
	PORT(116, PORT_RESET),
	{ 128, 1, RESET_VALUE },
	{ 131, 1, 5 },    /* revision 6.5 */
	PORT(244, PORT_SLEEP),
	PORT(256, PORT_SLEEP + 1),
};
/* clang-format on */

static void put(u8 *at, u32 width, u64 value)
{
	for (u32 i = 0; i < width; i++) {
		at[i] = (u8)(value >> (8 * i));
	}
}

/* What has to be added to the sum of these bytes to make it 0. */
static u8 checksum(const u8 *bytes, u32 len)
{
	u8 sum = 0;

	for (u32 i = 0; i < len; i++) {
		sum = (u8)(sum + bytes[i]);
	}
	return (u8)-sum;
}

static u8 *begin(const struct maker *m, const char *signature, u8 revision)
{
	u8 *table = m->page + m->next;

	memcpy(table, signature, 4);
	table[AT_REVISION] = revision;
	memcpy(table + 10, "LETHE LETHEVM ", 14);
	put(table + 24, 4, 1);
	memcpy(table + 28, "LTHE", 4);
	put(table + 32, 4, 1);
	return table;
}

/* Returns the guest-physical address of the table, which is `len` long. */
static u32 finish(struct maker *m, u8 *table, u32 len)
{
	u32 gpa = m->gpa + m->next;

	put(table + AT_LENGTH, 4, len);
	table[AT_CHECKSUM] = checksum(table, len);
	m->next = align(m->next + len);
	return gpa;
}

/*
 * The serial port has no interrupt: a driver then polls it, and no interrupt
 * controller but the local APICs is needed.
 */
static void put_uart(struct aml *aml)
{
	static const u8 resources[] = {
		/* IO (Decode16, 0x3f8, 0x3f8, 0, 8), then the end tag; its
		   checksum 0 means that there is none */
		0x47,
		0x01,
		PORT_UART & 0xff,
		PORT_UART >> 8,
		PORT_UART & 0xff,
		PORT_UART >> 8,
		0,
		UART_LEN,
		0x79,
		0};
	u32 device = aml_open_device(aml, "COM0");

	aml_name(aml, "_HID");
	aml_eisa_id(aml, "PNP0501");
	aml_name(aml, "_UID");
	aml_integer(aml, 1);
	aml_name(aml, "_CRS");
	aml_buffer(aml, resources, sizeof(resources));
	aml_close(aml, device);
}

static u32 write_dsdt(struct maker *m)
{
	u8 *table = begin(m, "DSDT", 2);
	struct aml aml = aml_start(table + HEADER_LEN, DSDT_MAX - HEADER_LEN);
	u32 scope = aml_open_scope(&aml, "\\_SB_");

	put_uart(&aml);
	aml_close(&aml, scope);
	aml_name(&aml, "_S5_");

	u32 package = aml_open_package(&aml, 4);

	aml_integer(&aml, SLEEP_TYPE_S5);
	for (u32 i = 1; i < 4; i++) {
		aml_integer(&aml, 0);
	}
	aml_close(&aml, package);
	return finish(m, table, HEADER_LEN + aml.len);
}

static u32 write_fadt(struct maker *m, u32 dsdt)
{
	u8 *table = begin(m, "FACP", 6);

	for (u32 i = 0; i < ARRAY_SIZE(fadt); i++) {
		put(table + fadt[i].offset, fadt[i].width, fadt[i].value);
	}
	put(table + 40, 4, dsdt);
	put(table + 140, 8, dsdt);
	return finish(m, table, FADT_LEN);
}

/* Returns the length of the entry: type 0, or 9 if one byte is too short. */
static u32 put_vp(u8 *at, u32 number)
{
	if (number < MADT_X2APIC) {
		put(at, 2, 0 | 8 << 8);
		put(at + 2, 1, number);
		put(at + 3, 1, number);
		put(at + 4, 4, 1); /* enabled */
		return 8;
	}
	put(at, 2, 9 | 16 << 8);
	put(at + 4, 4, number);
	put(at + 8, 4, 1); /* enabled */
	put(at + 12, 4, number);
	return 16;
}

static u32 write_madt(struct maker *m, u32 vp_count)
{
	u8 *table = begin(m, "APIC", 5);
	u32 len = MADT_HEAD;

	put(table + HEADER_LEN, 4, LOCAL_APIC);
	for (u32 number = 0; number < vp_count; number++) {
		len += put_vp(table + len, number);
	}
	return finish(m, table, len);
}

static u32 write_xsdt(struct maker *m, u32 fadt_gpa, u32 madt_gpa)
{
	u8 *table = begin(m, "XSDT", 1);

	put(table + HEADER_LEN, 8, fadt_gpa);
	put(table + HEADER_LEN + 8, 8, madt_gpa);
	return finish(m, table, XSDT_LEN);
}

static void write_rsdp(u8 *rsdp, u32 xsdt)
{
	memcpy(rsdp, "RSD PTR ", 8);
	memcpy(rsdp + 9, "LETHE ", 6);
	put(rsdp + 15, 1, 2);
	put(rsdp + 20, 4, RSDP_LEN);
	put(rsdp + 24, 8, xsdt);
	rsdp[8] = checksum(rsdp, RSDP_V1_LEN);
	rsdp[32] = checksum(rsdp, RSDP_LEN);
}

u32 guest_acpi_write(u8 page[GUEST_ACPI_LEN], u32 gpa, u32 vp_count)
{
	struct maker m = {.page = page, .gpa = gpa, .next = align(RSDP_LEN)};
	u32 dsdt = write_dsdt(&m);
	u32 fadt_gpa = write_fadt(&m, dsdt);
	u32 madt = write_madt(&m, vp_count);

	write_rsdp(page, write_xsdt(&m, fadt_gpa, madt));
	return m.next;
}
