/* SPDX-License-Identifier: MIT */
/*
 * Fuzz target: any firmware tables. The bytes are six blocks (RSDP, RSDT, XSDT,
 * MADT, FADT, DSDT), each after its length. The first byte says which of them
 * get a good header and checksum. The parser must read nothing but the
 * firmware, and what it finds must keep the promises of common/platform/acpi.h.
 */
#include "common/platform/acpi_line.h"

#include <string.h>

#include "fuzz/fuzz.h"

#define BASE       0xe0000ull
#define BLOCKS     6
#define BLOCK      0x400u
#define HEADER_LEN 36
#define CPUS       16

static u8 firmware[BLOCKS * BLOCK];
static u64 reads;

static bool read_firmware(void *ctx, u64 hpa, void *to, size_t len)
{
	(void)ctx;
	reads++;
	FUZZ_EXPECT(reads < 1000000);
	if (hpa < BASE || hpa - BASE > sizeof(firmware) ||
	    len > sizeof(firmware) - (hpa - BASE)) {
		return false;
	}
	memcpy(to, firmware + (hpa - BASE), len);
	return true;
}

static const struct acpi_memory memory = {read_firmware, NULL};

static void put(u8 *at, u32 width, u64 value)
{
	for (u32 i = 0; i < width; i++) {
		at[i] = (u8)(value >> 8 * i);
	}
}

static void fix_sum(const u8 *from, u32 len, u8 *sum_at)
{
	u8 sum = 0;

	*sum_at = 0;
	for (u32 i = 0; i < len; i++) {
		sum = (u8)(sum + from[i]);
	}
	*sum_at = (u8)-sum;
}

static void finish_rsdp(u8 *rsdp)
{
	memcpy(rsdp, "RSD PTR ", 8);
	put(rsdp + 16, 4, BASE + BLOCK);
	put(rsdp + 20, 4, 36);
	put(rsdp + 24, 8, BASE + 2 * BLOCK);
	fix_sum(rsdp, 20, rsdp + 8);
	fix_sum(rsdp, 36, rsdp + 32);
}

static void finish_table(u8 *table, u32 number, u32 len)
{
	static const char *const names[] = {NULL,   "RSDT", "XSDT",
					    "APIC", "FACP", "DSDT"};
	u32 width = number == 1 ? 4 : 8;

	memcpy(table, names[number], 4);
	put(table + 4, 4, len);
	if (number <= 2) {
		/* MADT and FADT first; the fuzzer chooses what follows */
		put(table + HEADER_LEN, width, BASE + 3 * BLOCK);
		put(table + HEADER_LEN + width, width, BASE + 4 * BLOCK);
	} else if (number == 4) {
		put(table + 40, 4, BASE + 5 * BLOCK);
	}
	fix_sum(table, len, table + 9);
}

static void make_firmware(struct fuzz_bytes *bytes)
{
	u8 good = (u8)fuzz_take(bytes, 1); /* bit n: block n is good */

	memset(firmware, 0, sizeof(firmware));
	for (u32 i = 0; i < BLOCKS; i++) {
		u8 *block = firmware + i * BLOCK;
		u32 len = HEADER_LEN + (u32)fuzz_take(bytes, 1);

		for (u32 k = i == 0 ? 8 : HEADER_LEN; k < len; k++) {
			block[k] = (u8)fuzz_take(bytes, 1);
		}
		if ((good >> i & 1) == 0) {
			continue;
		}
		if (i == 0) {
			finish_rsdp(block);
		} else {
			finish_table(block, i, len < 64 && i <= 2 ? 64 : len);
		}
	}
}

static void check_cpus(const struct acpi_tables *tables)
{
	u32 ids[CPUS + 1];
	u32 count = ~0u;
	enum err err;

	ids[CPUS] = 0x5a5a5a5a;
	err = acpi_cpus(&memory, tables, ids, CPUS, &count);
	FUZZ_EXPECT(ids[CPUS] == 0x5a5a5a5a);
	if (err != ERR_OK) {
		return;
	}
	FUZZ_EXPECT(count >= 1 && count <= CPUS);
	for (u32 i = 0; i < count; i++) {
		for (u32 k = 0; k < i; k++) {
			FUZZ_EXPECT(ids[i] != ids[k]);
		}
	}
}

static void check_lines(const struct acpi_tables *tables)
{
	struct handoff_line lines[HANDOFF_LINES];

	memset(lines, 0xa5, sizeof(lines));
	acpi_lines(&memory, tables, lines);
	for (u32 i = 0; i < HANDOFF_LINES; i++) {
		FUZZ_EXPECT(lines[i].pin < 240);
		FUZZ_EXPECT(lines[i].active_low <= 1 && lines[i].level <= 1);
		FUZZ_EXPECT(lines[i].io_apic == HANDOFF_LINE_NONE ||
			    (lines[i].io_apic & 0xf) == 0);
		FUZZ_EXPECT((lines[i].io_apic == 0) == (tables->madt.hpa == 0));
	}
}

static void check_power(const struct acpi_tables *tables)
{
	struct handoff_acpi_poweroff poweroff;
	u16 timer = 0;

	memset(&poweroff, 0xa5, sizeof(poweroff));
	if (acpi_power(&memory, tables, &timer, &poweroff) != ERR_OK) {
		return;
	}
	/* acpi_power() has set the port: the hypervisor will write to it */
	FUZZ_EXPECT(poweroff.pm1a_port != 0xa5a5);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct fuzz_bytes bytes = {data, len};
	struct acpi_tables tables;

	make_firmware(&bytes);
	reads = 0;
	memset(&tables, 0xa5, sizeof(tables));
	if (acpi_find(&memory, BASE, &tables) != ERR_OK) {
		return 0;
	}
	FUZZ_EXPECT(tables.madt.hpa == 0 || tables.madt.len >= HEADER_LEN);
	FUZZ_EXPECT(tables.fadt.hpa == 0 || tables.fadt.len >= HEADER_LEN);
	check_cpus(&tables);
	check_lines(&tables);
	check_power(&tables);
	return 0;
}
