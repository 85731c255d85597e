/* SPDX-License-Identifier: MIT */
/*
 * Tests the parts of kvm-run that need no KVM: ports and CPUID tables. (Kernels
 * are loaded by hv/common, which has its own tests.) Prints TAP.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cpuid.h"
#include "devices.h"

#define UART        0x3f8
#define EBX_APIC_ID 24

static const char *failed;
static char sent[1024];

#define CHECK(_cond)                                                           \
	do {                                                                   \
		if (!(_cond) && failed == NULL) {                              \
			failed = #_cond;                                       \
		}                                                              \
	} while (0)

static void keep(const char *text, u32 len)
{
	size_t at = strlen(sent);

	snprintf(sent + at, sizeof(sent) - at, "%.*s|", (int)len, text);
}

static struct devices fresh(void)
{
	sent[0] = 0;
	return (struct devices){.send = keep};
}

static void put(struct devices *d, const char *text)
{
	for (; *text != 0; text++) {
		devices_out(d, UART, 1, (u8)*text);
	}
}

static void t_lines_go_out_whole(void)
{
	struct devices d = fresh();

	put(&d, "one\ntwo");
	CHECK(strcmp(sent, "one\n|") == 0);
	devices_flush(&d);
	CHECK(strcmp(sent, "one\n|two|") == 0);
	devices_flush(&d);
	CHECK(strcmp(sent, "one\n|two|") == 0);
	for (u32 i = 0; i < sizeof(d.line) + 1; i++) {
		put(&d, "x");
	}
	CHECK(d.line_len == 1);
}

static void t_registers_are_a_16550s(void)
{
	struct devices d = fresh();

	devices_out(&d, UART + 3, 1, 0x83);
	devices_out(&d, UART, 2, 0x1234); /* the divisor, not a character */
	CHECK(devices_in(&d, UART, 2) == 0x1234);
	devices_out(&d, UART + 3, 1, 0x03);
	devices_out(&d, UART + 1, 1, 0xff);
	CHECK(devices_in(&d, UART + 1, 1) == 0x0f);
	CHECK(devices_in(&d, UART + 2, 1) == 0x01);
	devices_out(&d, UART + 2, 1, 0x07);
	CHECK(devices_in(&d, UART + 2, 1) == 0xc1);
	devices_out(&d, UART + 4, 1, 0xff);
	CHECK(devices_in(&d, UART + 4, 1) == 0x1f);
	put(&d, "not seen\n"); /* loopback */
	CHECK(devices_in(&d, UART + 5, 1) == 0x60);
	CHECK(devices_in(&d, UART + 6, 1) == 0xb0);
	devices_out(&d, UART + 7, 1, 0x5a);
	CHECK(devices_in(&d, UART + 7, 1) == 0x5a);
	CHECK(sent[0] == 0);
}

static void t_other_ports_read_ones(void)
{
	struct devices d = fresh();

	CHECK(devices_in(&d, 0x60, 1) == 0xff);
	CHECK(devices_in(&d, 0xcf8, 4) == 0xffffffff);
	CHECK(devices_in(&d, 0x71, 1) == 0);
	CHECK(devices_in(&d, 0xffff, 2) == 0xffff);
	devices_out(&d, 0x60, 1, 0);
	CHECK(!d.exited);
}

static void t_the_first_exit_code_counts(void)
{
	struct devices d = fresh();

	devices_out(&d, 0xf4, 4, 0x11111107);
	CHECK(d.exited && d.exit_code == 7);
	devices_out(&d, 0xf4, 1, 9);
	CHECK(d.exit_code == 7);
}

static void put_leaf(struct cpuid_table *table, u32 leaf, u32 eax)
{
	table->entries[table->nent++] =
		(struct kvm_cpuid_entry2){.function = leaf, .eax = eax};
}

static const struct kvm_cpuid_entry2 *leaf_of(const struct cpuid_table *table,
					      u32 leaf, u32 index)
{
	const struct kvm_cpuid_entry2 *found = NULL;

	u32 count = 0;

	for (u32 i = 0; i < table->nent; i++) {
		const struct kvm_cpuid_entry2 *e = &table->entries[i];

		if (e->function == leaf && e->index == index) {
			found = e;
			count++;
		}
	}
	CHECK(count <= 1);
	return found;
}

static void t_hyperv_leaves_replace_kvms(void)
{
	static struct cpuid_table table;
	static struct cpuid_table hyperv;

	table.nent = 0;
	put_leaf(&table, 1, 0);
	put_leaf(&table, 0xb, 5);
	put_leaf(&table, 0x1f, 5);
	put_leaf(&table, 0x40000000, 1);
	put_leaf(&table, 0x40000001, 1);
	put_leaf(&table, 0x80000000, 8);
	put_leaf(&hyperv, 0x40000000, 2);
	put_leaf(&hyperv, 0x40000003, 3);
	CHECK(cpuid_merge(&table, &hyperv));
	CHECK(leaf_of(&table, 0x40000000, 0)->eax == 2);
	CHECK(leaf_of(&table, 0x40000003, 0)->eax == 3);
	CHECK(leaf_of(&table, 0x40000001, 0) == NULL);
	CHECK(leaf_of(&table, 0x80000000, 0)->eax == 8);
	CHECK(leaf_of(&table, 0x1f, 0) == NULL);
}

static void t_a_full_table_is_reported(void)
{
	static struct cpuid_table table;
	static struct cpuid_table hyperv;

	table.nent = CPUID_ENTRIES_MAX - 2;
	CHECK(cpuid_merge(&table, NULL));
	memset(&table, 0, sizeof(table));
	table.nent = CPUID_ENTRIES_MAX - 1;
	CHECK(!cpuid_merge(&table, NULL));
	memset(&table, 0, sizeof(table));
	table.nent = CPUID_ENTRIES_MAX - 2;
	put_leaf(&hyperv, 0x40000000, 2);
	CHECK(!cpuid_merge(&table, &hyperv));
}

static void t_each_vp_has_its_apic_id(void)
{
	static struct cpuid_table table;

	put_leaf(&table, 1, 0);
	table.entries[0].ebx = 0xaabbcc00;
	CHECK(cpuid_merge(&table, NULL));
	cpuid_name_vp(&table, 2, 3);
	CHECK(leaf_of(&table, 1, 0)->ebx == (2u << EBX_APIC_ID | 0x03cc00));
	CHECK((leaf_of(&table, 1, 0)->edx & 1u << 28) != 0);
	CHECK((leaf_of(&table, 1, 0)->ecx & 1u << 21) != 0);
	CHECK(leaf_of(&table, 0xb, 0)->edx == 2);
	CHECK(leaf_of(&table, 0xb, 1)->eax == 2); /* 3 VPs take 2 bits */
	CHECK(leaf_of(&table, 0xb, 1)->ebx == 3);
	cpuid_name_vp(&table, 0, 1);
	CHECK(leaf_of(&table, 1, 0)->ebx == 0xcc00);
	CHECK((leaf_of(&table, 1, 0)->edx & 1u << 28) == 0);
	CHECK(leaf_of(&table, 0xb, 1)->eax == 0);
}

static const struct {
	const char *name;
	void (*fn)(void);
} tests[] = {
	{"lines go out whole", t_lines_go_out_whole},
	{"registers are a 16550's", t_registers_are_a_16550s},
	{"other ports read ones", t_other_ports_read_ones},
	{"the first exit code counts", t_the_first_exit_code_counts},
	{"Hyper-V leaves replace KVM's", t_hyperv_leaves_replace_kvms},
	{"a full table is reported", t_a_full_table_is_reported},
	{"each VP has its APIC ID", t_each_vp_has_its_apic_id},
};

int main(void)
{
	int status = 0;

	for (unsigned i = 0; i < ARRAY_SIZE(tests); i++) {
		failed = NULL;
		tests[i].fn();
		if (failed != NULL) {
			printf("# %s\n", failed);
			status = 1;
		}
		printf("%s %u - kvm-run/%s\n", failed ? "not ok" : "ok", i + 1,
		       tests[i].name);
	}
	printf("1..%zu\n", ARRAY_SIZE(tests));
	return status;
}
