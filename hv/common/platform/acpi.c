/* SPDX-License-Identifier: MIT */
/*
 * From the RSDP to the tables, and what MADT and FADT say. ACPI 6.5, section 5
 * "ACPI Software Programming Model", has every offset used here.
 */
#include "common/platform/acpi.h"

#include "base/bits.h"
#include "common/lib/bytes.h"
#include "common/lib/mem.h"
#include "common/platform/acpi_s5.h"

#define HEADER_LEN    36         /* of every table but the RSDP */
#define TABLE_LEN_MAX (16 * MIB) /* a longer table is invalid */

#define RSDP_V1_LEN   20
#define RSDP_LEN      36
#define RSDP_LEN_MAX  4096
#define RSDP_REVISION 15
#define RSDP_RSDT     16
#define RSDP_LENGTH   20
#define RSDP_XSDT     24

#define MADT_ENTRIES 44

#define FADT_DSDT         40
#define FADT_PM1A_CNT     64
#define FADT_PM1B_CNT     68
#define FADT_PM_TMR       76
#define FADT_PM_TMR_LEN   91
#define FADT_FLAGS        112
#define FADT_X_DSDT       140
#define FADT_X_PM1A_CNT   172
#define FADT_X_PM1B_CNT   184
#define FADT_X_PM_TMR     208
#define FADT_READ         220 /* as much of it as is used */
#define FADT_FLAG_REDUCED BIT(20)

#define GAS_IO_SPACE 1

static bool read_memory(const struct acpi_memory *memory, u64 hpa, void *to,
			size_t len)
{
	return hpa != 0 && len <= UINT64_MAX - hpa &&
	       memory->read(memory->ctx, hpa, to, len);
}

/* True if all bytes can be read and sum up to 0 (modulo 256). */
static bool is_sum_zero(const struct acpi_memory *memory, u64 hpa, u32 len)
{
	u8 chunk[128];
	u8 sum = 0;

	for (u32 done = 0; done < len; done += (u32)sizeof(chunk)) {
		u32 now = (u32)sizeof(chunk);

		if (now > len - done) {
			now = len - done;
		}
		if (!read_memory(memory, hpa + done, chunk, now)) {
			return false;
		}
		for (u32 i = 0; i < now; i++) {
			sum = (u8)(sum + chunk[i]);
		}
	}
	return sum == 0;
}

enum err acpi_table_open(const struct acpi_memory *memory, u64 hpa,
			 const char *signature, struct acpi_table *table)
{
	u8 start[8];
	u32 len;

	if (!read_memory(memory, hpa, start, sizeof(start)) ||
	    memcmp(start, signature, 4) != 0) {
		return ERR_NOT_FOUND;
	}
	len = (u32)bytes_number(start + 4, 4);
	if (len < HEADER_LEN || len > TABLE_LEN_MAX || len > UINT64_MAX - hpa ||
	    !is_sum_zero(memory, hpa, len)) {
		return ERR_INVALID;
	}
	*table = (struct acpi_table){.hpa = hpa, .len = len};
	return ERR_OK;
}

/* Keeps the first valid table of its kind; an invalid one is skipped. */
static void take_first(const struct acpi_memory *memory, u64 hpa,
		       const char *signature, struct acpi_table *table)
{
	struct acpi_table found;

	if (table->hpa == 0 &&
	    acpi_table_open(memory, hpa, signature, &found) == ERR_OK) {
		*table = found;
	}
}

/* Looks at every entry of an RSDT (4 bytes each) or XSDT (8 bytes each). */
static void search_root(const struct acpi_memory *memory,
			struct acpi_table root, u32 entry_len,
			struct acpi_tables *tables)
{
	u8 entry[8];
	u32 at = HEADER_LEN;

	for (; root.len - at >= entry_len; at += entry_len) {
		u64 hpa;

		if (!read_memory(memory, root.hpa + at, entry, entry_len)) {
			return;
		}
		hpa = bytes_number(entry, entry_len);
		take_first(memory, hpa, "APIC", &tables->madt);
		take_first(memory, hpa, "FACP", &tables->fadt);
	}
}

static bool find_xsdt(const struct acpi_memory *memory, u64 rsdp_hpa,
		      const u8 *rsdp, struct acpi_table *xsdt)
{
	u8 rest[RSDP_LEN];
	u32 len;

	if (rsdp[RSDP_REVISION] < 2 ||
	    !read_memory(memory, rsdp_hpa, rest, sizeof(rest))) {
		return false;
	}
	len = (u32)bytes_number(rest + RSDP_LENGTH, 4);
	return len >= RSDP_LEN && len <= RSDP_LEN_MAX &&
	       is_sum_zero(memory, rsdp_hpa, len) &&
	       acpi_table_open(memory, bytes_number(rest + RSDP_XSDT, 8),
			       "XSDT", xsdt) == ERR_OK;
}

enum err acpi_find(const struct acpi_memory *memory, u64 rsdp_hpa,
		   struct acpi_tables *tables)
{
	u8 rsdp[RSDP_V1_LEN];
	struct acpi_table root;

	memset(tables, 0, sizeof(*tables));
	if (!read_memory(memory, rsdp_hpa, rsdp, sizeof(rsdp)) ||
	    memcmp(rsdp, "RSD PTR ", 8) != 0 ||
	    !is_sum_zero(memory, rsdp_hpa, RSDP_V1_LEN)) {
		return ERR_INVALID;
	}
	if (find_xsdt(memory, rsdp_hpa, rsdp, &root)) {
		search_root(memory, root, 8, tables);
		return ERR_OK;
	}
	if (acpi_table_open(memory, bytes_number(rsdp + RSDP_RSDT, 4), "RSDT",
			    &root) != ERR_OK) {
		return ERR_INVALID;
	}
	search_root(memory, root, 4, tables);
	return ERR_OK;
}

enum err acpi_madt_next(const struct acpi_memory *memory,
			struct acpi_table madt, u32 *at,
			u8 entry[ACPI_MADT_ENTRY])
{
	u32 from = *at != 0 ? *at : MADT_ENTRIES;
	u32 left = madt.len > from ? madt.len - from : 0;
	u32 now = left < ACPI_MADT_ENTRY ? left : ACPI_MADT_ENTRY;

	memset(entry, 0, ACPI_MADT_ENTRY);
	if (left < 2) {
		return ERR_NOT_FOUND;
	}
	if (!read_memory(memory, madt.hpa + from, entry, now) || entry[1] < 2 ||
	    entry[1] > left) {
		return ERR_INVALID;
	}
	*at = from + entry[1];
	return ERR_OK;
}

/* clang-format off */
/* MADT entries that name a CPU: where ID and flags are, and the ID of no CPU */
static const struct cpu_entry {
	u8 type;
	u8 len;
	u8 id_offset;
	u8 id_len;
	u8 flags_offset;
	u32 no_id;
} cpu_entries[] = {
	{.type = 0, .len = 8, .id_offset = 3, .id_len = 1,
	 .flags_offset = 4, .no_id = 0xff},
	{.type = 9, .len = 16, .id_offset = 4, .id_len = 4,
	 .flags_offset = 8, .no_id = 0xffffffff},
};
/* clang-format on */

static const struct cpu_entry *find_cpu_entry(u8 type)
{
	for (u32 i = 0; i < ARRAY_SIZE(cpu_entries); i++) {
		if (cpu_entries[i].type == type) {
			return &cpu_entries[i];
		}
	}
	return NULL;
}

static enum err add_cpu(u32 *apic_ids, u32 max, u32 *count, u32 id)
{
	for (u32 i = 0; i < *count; i++) {
		if (apic_ids[i] == id) {
			return ERR_OK;
		}
	}
	if (*count == max) {
		return ERR_RANGE;
	}
	apic_ids[*count] = id;
	(*count)++;
	return ERR_OK;
}

/* The CPU of an entry of `len` bytes at `entry`; false if it names none. */
static enum err read_cpu(const u8 *entry, u32 len, u32 *id, bool *is_cpu)
{
	const struct cpu_entry *desc = find_cpu_entry(entry[0]);

	*is_cpu = false;
	if (desc == NULL) {
		return ERR_OK;
	}
	if (len < desc->len) {
		return ERR_INVALID;
	}
	*id = (u32)bytes_number(entry + desc->id_offset, desc->id_len);
	*is_cpu = (entry[desc->flags_offset] & 1) != 0 && *id != desc->no_id;
	return ERR_OK;
}

enum err acpi_cpus(const struct acpi_memory *memory,
		   const struct acpi_tables *tables, u32 *apic_ids, u32 max,
		   u32 *count)
{
	struct acpi_table madt = tables->madt;
	u8 entry[ACPI_MADT_ENTRY];
	u32 at = 0;

	*count = 0;
	for (;;) {
		enum err err = acpi_madt_next(memory, madt, &at, entry);
		bool is_cpu;
		u32 id;

		if (err == ERR_NOT_FOUND) {
			return *count == 0 ? ERR_NOT_FOUND : ERR_OK;
		}
		if (err != ERR_OK ||
		    read_cpu(entry, entry[1], &id, &is_cpu) != ERR_OK) {
			return ERR_INVALID;
		}
		if (is_cpu && add_cpu(apic_ids, max, count, id) != ERR_OK) {
			return ERR_RANGE;
		}
	}
}

/* The Generic Address Structure at `gas` if it is an I/O port, else `port32`.
 */
static u16 read_port(const u8 *gas, const u8 *port32)
{
	u64 port = bytes_number(gas + 4, 8);

	if (gas[0] != GAS_IO_SPACE || port == 0) {
		port = bytes_number(port32, 4);
	}
	return port <= UINT16_MAX ? (u16)port : 0;
}

enum err acpi_power(const struct acpi_memory *memory,
		    const struct acpi_tables *tables, u16 *pm_timer_port,
		    struct handoff_acpi_poweroff *poweroff)
{
	u8 fadt[FADT_READ] = {0}; /* fields beyond its end read as absent */
	u32 len = tables->fadt.len < FADT_READ ? tables->fadt.len : FADT_READ;
	struct acpi_table dsdt;
	u64 dsdt_hpa;
	u8 slp_typ[2];

	*pm_timer_port = 0;
	memset(poweroff, 0, sizeof(*poweroff));
	if (!read_memory(memory, tables->fadt.hpa, fadt, len)) {
		return ERR_NOT_FOUND;
	}
	if ((bytes_number(fadt + FADT_FLAGS, 4) & FADT_FLAG_REDUCED) != 0) {
		return ERR_OK;
	}
	if (fadt[FADT_PM_TMR_LEN] == 4) {
		*pm_timer_port =
			read_port(fadt + FADT_X_PM_TMR, fadt + FADT_PM_TMR);
	}
	dsdt_hpa = bytes_number(fadt + FADT_X_DSDT, 8);
	if (dsdt_hpa == 0) {
		dsdt_hpa = bytes_number(fadt + FADT_DSDT, 4);
	}
	if (acpi_table_open(memory, dsdt_hpa, "DSDT", &dsdt) != ERR_OK ||
	    !acpi_s5_find(memory, dsdt, slp_typ)) {
		return ERR_OK;
	}
	poweroff->pm1a_port =
		read_port(fadt + FADT_X_PM1A_CNT, fadt + FADT_PM1A_CNT);
	poweroff->pm1b_port =
		read_port(fadt + FADT_X_PM1B_CNT, fadt + FADT_PM1B_CNT);
	poweroff->slp_typ_a = slp_typ[0];
	poweroff->slp_typ_b = slp_typ[1];
	return ERR_OK;
}
