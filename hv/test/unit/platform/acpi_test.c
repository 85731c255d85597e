/* SPDX-License-Identifier: MIT */
/* Good and bad ACPI tables, built in an array. */
#include "common/platform/acpi_s5.h"

#include <string.h>

#include "support/check.h"

#define BASE 0xe0000ull /* physical address of the array */
#define LEN  0x2000u

#define RSDP 0x000u
#define RSDT 0x040u
#define XSDT 0x080u
#define MADT 0x100u
#define FADT 0x400u
#define DSDT 0x800u

#define FADT_LEN 276u

static u8 firmware[LEN];
static u32 unreadable; /* an offset that cannot be read; 0: all can */

static bool read_firmware(void *ctx, u64 hpa, void *to, size_t len)
{
	CHECK(ctx == firmware);
	if (hpa < BASE || hpa - BASE > LEN || len > LEN - (hpa - BASE) ||
	    (unreadable >= hpa - BASE && unreadable < hpa - BASE + len &&
	     unreadable != 0)) {
		return false;
	}
	memcpy(to, firmware + (hpa - BASE), len);
	return true;
}

static const struct acpi_memory memory = {read_firmware, firmware};

static void put(u32 at, u32 width, u64 value)
{
	for (u32 i = 0; i < width; i++) {
		firmware[at + i] = (u8)(value >> (8 * i));
	}
}

static void fix_sum(u32 at, u32 len, u32 sum_at)
{
	u8 sum = 0;

	firmware[sum_at] = 0;
	for (u32 i = 0; i < len; i++) {
		sum = (u8)(sum + firmware[at + i]);
	}
	firmware[sum_at] = (u8)-sum;
}

/* Writes the header of a table whose body is already there. */
static void finish_table(u32 at, const char *signature, u32 len)
{
	memcpy(firmware + at, signature, 4);
	put(at + 4, 4, len);
	fix_sum(at, len, at + 9);
}

static void finish_rsdp(u8 revision, u64 xsdt)
{
	memcpy(firmware + RSDP, "RSD PTR ", 8);
	firmware[RSDP + 15] = revision;
	put(RSDP + 16, 4, BASE + RSDT);
	put(RSDP + 20, 4, 36);
	put(RSDP + 24, 8, xsdt);
	firmware[RSDP + 32] = 0;
	fix_sum(RSDP, 20, RSDP + 8);
	fix_sum(RSDP, 36, RSDP + 32);
}

/* CPUs: 0, 2 (disabled), 4, 0x105 by x2APIC, 0x106 (disabled), 4 again */
static void make_madt(void)
{
	/* clang-format off */
	static const u8 entries[] = {
		0, 8, 0, 0, 1, 0, 0, 0,
		0, 8, 1, 2, 0, 0, 0, 0,
		1, 12, 9, 0, 0, 0, 0xc0, 0xfe, 0, 0, 0, 0,
		0, 8, 2, 4, 1, 0, 0, 0,
		0, 8, 3, 0xff, 1, 0, 0, 0,
		9, 16, 0, 0, 5, 1, 0, 0, 1, 0, 0, 0, 3, 0, 0, 0,
		9, 16, 0, 0, 6, 1, 0, 0, 2, 0, 0, 0, 4, 0, 0, 0,
		9, 16, 0, 0, 4, 0, 0, 0, 1, 0, 0, 0, 5, 0, 0, 0,
	};
	/* clang-format on */

	memcpy(firmware + MADT + 44, entries, sizeof(entries));
	finish_table(MADT, "APIC", 44 + sizeof(entries));
}

static void make_fadt(void)
{
	put(FADT + 40, 4, BASE + DSDT);
	put(FADT + 64, 4, 0x604);
	put(FADT + 76, 4, 0x608);
	firmware[FADT + 91] = 4;
	finish_table(FADT, "FACP", FADT_LEN);
}

static void make_dsdt(const void *aml, u32 at, u32 len)
{
	memset(firmware + DSDT, 0, LEN - DSDT);
	memcpy(firmware + DSDT + 36 + at, aml, len);
	finish_table(DSDT, "DSDT", 36 + at + len);
}

static const u8 plain_s5[] = {0x08, '_',  'S',  '5',  '_',  0x12, 0x06,
			      0x04, 0x0a, 0x05, 0x0a, 0x06, 0x00};

static void make_firmware(void)
{
	memset(firmware, 0, sizeof(firmware));
	unreadable = 0;
	make_madt();
	make_fadt();
	make_dsdt(plain_s5, 0, sizeof(plain_s5));
	put(RSDT + 36, 4, BASE + FADT);
	put(RSDT + 40, 4, BASE + MADT);
	finish_table(RSDT, "RSDT", 44);
	put(XSDT + 36, 8, BASE + MADT);
	put(XSDT + 44, 8, BASE + FADT);
	finish_table(XSDT, "XSDT", 52);
	finish_rsdp(2, BASE + XSDT);
}

static void check_found(void)
{
	struct acpi_tables tables;

	CHECK_EQ(acpi_find(&memory, BASE + RSDP, &tables), ERR_OK);
	CHECK_EQ(tables.madt.hpa, BASE + MADT);
	CHECK_EQ(tables.madt.len, 44 + 92);
	CHECK_EQ(tables.fadt.hpa, BASE + FADT);
	CHECK_EQ(tables.fadt.len, FADT_LEN);
}

static void t_tables_are_found_by_xsdt(void)
{
	make_firmware();
	firmware[RSDT] = 'x';
	check_found();
}

static void t_tables_are_found_by_rsdt(void)
{
	make_firmware();
	finish_rsdp(0, BASE + XSDT);
	firmware[XSDT] = 'x';
	check_found();
	make_firmware();
	finish_rsdp(2, 0);
	check_found();
	make_firmware();
	firmware[XSDT + 50]++; /* checksum */
	check_found();
	make_firmware();
	firmware[RSDP + 33]++; /* extended checksum */
	check_found();
}

static void t_bad_rsdp_is_refused(void)
{
	struct acpi_tables tables;

	make_firmware();
	CHECK_EQ(acpi_find(&memory, 0, &tables), ERR_INVALID);
	CHECK_EQ(acpi_find(&memory, BASE + LEN - 8, &tables), ERR_INVALID);
	CHECK_EQ(acpi_find(&memory, ~0ull - 4, &tables), ERR_INVALID);
	CHECK_EQ(acpi_find(&memory, BASE + RSDT, &tables), ERR_INVALID);
	firmware[RSDP + 10]++;
	CHECK_EQ(acpi_find(&memory, BASE + RSDP, &tables), ERR_INVALID);
	make_firmware();
	firmware[XSDT]++;
	firmware[RSDT]++;
	CHECK_EQ(acpi_find(&memory, BASE + RSDP, &tables), ERR_INVALID);
}

static void t_bad_tables_are_passed_over(void)
{
	struct acpi_tables tables;

	make_firmware();
	firmware[MADT + 47]++;
	CHECK_EQ(acpi_find(&memory, BASE + RSDP, &tables), ERR_OK);
	CHECK_EQ(tables.madt.hpa, 0);
	CHECK_EQ(tables.fadt.hpa, BASE + FADT);
	make_firmware();
	finish_table(FADT, "FACP", 35);
	CHECK_EQ(acpi_find(&memory, BASE + RSDP, &tables), ERR_OK);
	CHECK_EQ(tables.fadt.hpa, 0);
	put(FADT + 4, 4, 0xffffffff);
	CHECK_EQ(acpi_find(&memory, BASE + RSDP, &tables), ERR_OK);
	CHECK_EQ(tables.fadt.hpa, 0);
	make_firmware();
	unreadable = FADT + 200;
	CHECK_EQ(acpi_find(&memory, BASE + RSDP, &tables), ERR_OK);
	CHECK_EQ(tables.fadt.hpa, 0);
}

static void t_enabled_cpus_are_listed_once(void)
{
	struct acpi_tables tables;
	u32 ids[8];
	u32 count;

	make_firmware();
	CHECK_EQ(acpi_find(&memory, BASE + RSDP, &tables), ERR_OK);
	CHECK_EQ(acpi_cpus(&memory, &tables, ids, 8, &count), ERR_OK);
	CHECK_EQ(count, 3);
	CHECK_EQ(ids[0], 0);
	CHECK_EQ(ids[1], 4);
	CHECK_EQ(ids[2], 0x105);
	CHECK_EQ(acpi_cpus(&memory, &tables, ids, 3, &count), ERR_OK);
	CHECK_EQ(acpi_cpus(&memory, &tables, ids, 2, &count), ERR_RANGE);
	CHECK_EQ(count, 2);
}

static enum err cpus_after(u32 at, u8 value, u32 *count)
{
	struct acpi_tables tables;
	u32 ids[8];

	make_firmware();
	firmware[MADT + 44 + at] = value;
	fix_sum(MADT, 44 + 92, MADT + 9);
	CHECK_EQ(acpi_find(&memory, BASE + RSDP, &tables), ERR_OK);
	return acpi_cpus(&memory, &tables, ids, 8, count);
}

static void t_bad_madt_entries_are_refused(void)
{
	struct acpi_tables none = {0};
	u32 ids[8];
	u32 count;

	CHECK_EQ(cpus_after(1, 0, &count), ERR_INVALID);
	CHECK_EQ(cpus_after(1, 1, &count), ERR_INVALID);
	CHECK_EQ(cpus_after(1, 7, &count), ERR_INVALID);
	CHECK_EQ(cpus_after(77, 17, &count), ERR_INVALID); /* past the end */
	CHECK_EQ(cpus_after(77, 15, &count), ERR_INVALID);
	CHECK_EQ(cpus_after(2, 7, &count), ERR_OK); /* the processor's UID */
	CHECK_EQ(acpi_cpus(&memory, &none, ids, 8, &count), ERR_NOT_FOUND);
	make_firmware();
	finish_table(MADT, "APIC", 44);
	none.madt = (struct acpi_table){BASE + MADT, 44};
	CHECK_EQ(acpi_cpus(&memory, &none, ids, 8, &count), ERR_NOT_FOUND);
}

static struct handoff_acpi_poweroff poweroff;
static u16 pm_timer;

static enum err read_power(u32 fadt_len)
{
	struct acpi_tables tables;

	finish_table(FADT, "FACP", fadt_len);
	memset(&poweroff, 0xa5, sizeof(poweroff));
	CHECK_EQ(acpi_find(&memory, BASE + RSDP, &tables), ERR_OK);
	return acpi_power(&memory, &tables, &pm_timer, &poweroff);
}

static void t_power_is_read_from_the_old_fields(void)
{
	make_firmware();
	CHECK_EQ(read_power(116), ERR_OK);
	CHECK_EQ(pm_timer, 0x608);
	CHECK_EQ(poweroff.pm1a_port, 0x604);
	CHECK_EQ(poweroff.pm1b_port, 0);
	CHECK_EQ(poweroff.slp_typ_a, 5);
	CHECK_EQ(poweroff.slp_typ_b, 6);
	put(FADT + 68, 4, 0x704);
	CHECK_EQ(read_power(116), ERR_OK);
	CHECK_EQ(poweroff.pm1b_port, 0x704);
}

static void t_extended_fields_count_if_io(void)
{
	make_firmware();
	put(FADT + 172, 4, 0x00001001); /* I/O space, 16 bits */
	put(FADT + 176, 8, 0xb004);
	put(FADT + 208, 4, 0x00002001);
	put(FADT + 212, 8, 0xb008);
	CHECK_EQ(read_power(FADT_LEN), ERR_OK);
	CHECK_EQ(poweroff.pm1a_port, 0xb004);
	CHECK_EQ(pm_timer, 0xb008);
	CHECK_EQ(read_power(180), ERR_OK); /* ends before the PM timer's */
	CHECK_EQ(pm_timer, 0x608);
	firmware[FADT + 172] = 0; /* memory space */
	firmware[FADT + 208] = 0;
	CHECK_EQ(read_power(FADT_LEN), ERR_OK);
	CHECK_EQ(poweroff.pm1a_port, 0x604);
	CHECK_EQ(pm_timer, 0x608);
	put(FADT + 64, 4, 0x10604); /* no port */
	CHECK_EQ(read_power(FADT_LEN), ERR_OK);
	CHECK_EQ(poweroff.pm1a_port, 0);
}

static void t_x_dsdt_comes_first(void)
{
	make_firmware();
	put(FADT + 140, 8, BASE + DSDT);
	put(FADT + 40, 4, 0x1234);
	CHECK_EQ(read_power(FADT_LEN), ERR_OK);
	CHECK_EQ(poweroff.pm1a_port, 0x604);
	firmware[DSDT + 40]++;
	CHECK_EQ(read_power(FADT_LEN), ERR_OK);
	CHECK_EQ(poweroff.pm1a_port, 0);
	CHECK_EQ(pm_timer, 0x608);
}

static void t_absent_power_is_zero(void)
{
	struct acpi_tables none = {0};

	make_firmware();
	firmware[FADT + 91] = 0; /* PM_TMR_LEN */
	CHECK_EQ(read_power(FADT_LEN), ERR_OK);
	CHECK_EQ(pm_timer, 0);
	firmware[FADT + 91] = 4;
	put(FADT + 112, 4, 1u << 20); /* HW_REDUCED_ACPI */
	CHECK_EQ(read_power(FADT_LEN), ERR_OK);
	CHECK_EQ(pm_timer, 0);
	CHECK_EQ(poweroff.pm1a_port, 0);
	CHECK_EQ(acpi_power(&memory, &none, &pm_timer, &poweroff),
		 ERR_NOT_FOUND);
}

/* clang-format off */
static const struct s5 {
	u8 aml[24];
	u32 len;
	bool is_found;
	u8 a;
	u8 b;
} s5_forms[] = {
	{{8, '_', 'S', '5', '_', 0x12, 6, 4, 10, 5, 10, 6, 0}, 13, true, 5, 6},
	{{8, '\\', '_', 'S', '5', '_', 0x12, 4, 2, 1, 0}, 11, true, 1, 0},
	{{8, '_', 'S', '5', '_', 0x12, 0x48, 0, 2, 11, 7, 0, 10, 3}, 14,
	 true, 7, 3},
	{{8, '_', 'S', '5', '_', 0x12, 12, 2, 12, 2, 0, 0, 0, 12, 3, 0, 0, 0},
	 18, true, 2, 3},
	/* not a package, one element, too large, a method call, cut */
	{{8, '_', 'S', '5', '_', 0x11, 6, 4, 10, 5, 10, 6, 0}, 13, false, 0, 0},
	{{8, '_', 'S', '5', '_', 0x12, 4, 1, 10, 5, 0}, 11, false, 0, 0},
	{{8, '_', 'S', '5', '_', 0x12, 6, 4, 10, 8, 10, 6, 0}, 13, false, 0, 0},
	{{8, '_', 'S', '5', '_', 0x12, 6, 2, 'A', 'B', 'C', 'D'}, 12,
	 false, 0, 0},
	{{8, '_', 'S', '5', '_', 0x12, 6, 4, 10, 5}, 10, false, 0, 0},
	{{8, '_', 'S', '5', '_', 0x12, 3, 2, 1, 0}, 10, false, 0, 0},
	{{8, '_', 'S', '5', '_', 0x12, 9, 4, 10, 5, 10, 6, 0}, 13, false, 0, 0},
	{{8, '_', 'S', '4', '_', 0x12, 6, 4, 10, 5, 10, 6, 0}, 13, false, 0, 0},
	{{9, '_', 'S', '5', '_', 0x12, 6, 4, 10, 5, 10, 6, 0}, 13, false, 0, 0},
	{{8}, 1, false, 0, 0},
};
/* clang-format on */

/* Each form of \_S5, at every distance from the end of a chunk of the scan */
static void t_s5_is_found_wherever_it_lies(void)
{
	struct acpi_table dsdt;
	u8 got[2];

	make_firmware();
	for (size_t i = 0; i < ARRAY_SIZE(s5_forms); i++) {
		const struct s5 *form = &s5_forms[i];

		for (u32 at = 0; at < 600; at++) {
			make_dsdt(form->aml, at, form->len);
			CHECK_EQ(acpi_table_open(&memory, BASE + DSDT, "DSDT",
						 &dsdt),
				 ERR_OK);
			CHECK_EQ(acpi_s5_find(&memory, dsdt, got),
				 form->is_found);
			CHECK(!form->is_found ||
			      (got[0] == form->a && got[1] == form->b));
		}
	}
}

static const struct test tests[] = {
	{"tables_are_found_by_xsdt", t_tables_are_found_by_xsdt},
	{"tables_are_found_by_rsdt", t_tables_are_found_by_rsdt},
	{"bad_rsdp_is_refused", t_bad_rsdp_is_refused},
	{"bad_tables_are_passed_over", t_bad_tables_are_passed_over},
	{"enabled_cpus_are_listed_once", t_enabled_cpus_are_listed_once},
	{"bad_madt_entries_are_refused", t_bad_madt_entries_are_refused},
	{"power_is_read_from_the_old_fields",
	 t_power_is_read_from_the_old_fields},
	{"extended_fields_count_if_io", t_extended_fields_count_if_io},
	{"x_dsdt_comes_first", t_x_dsdt_comes_first},
	{"absent_power_is_zero", t_absent_power_is_zero},
	{"s5_is_found_wherever_it_lies", t_s5_is_found_wherever_it_lies},
};

const struct suite suite_acpi = SUITE("acpi", tests);
