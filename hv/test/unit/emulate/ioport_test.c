/* SPDX-License-Identifier: MIT */
/* The guest's port space: devices, widths, what stops the partition. */
#include "core/emulate/ioport.h"

#include <string.h>

#include "core/console/first_use.h"
#include "core/console/log.h"
#include "support/check.h"
#include "support/fake_partition.h"

static struct partition *p;

static void start(void)
{
	log_flush();
	fake.uart_len = 0;
	fake.uart[0] = 0;
	p = fake_partition(2, 1);
	fake_config(p)->first_use = CONFIG_FIRST_USE_LIST;
	first_use_reset(p);
}

static u32 in(u16 port, u8 size, enum ioport_outcome want)
{
	u32 value = 0x5a5a5a5a;

	CHECK_EQ(ioport_access(p->vps[0], port, size, true, &value).outcome,
		 want);
	return value;
}

static struct ioport_result out(u16 port, u8 size, u32 value,
				enum ioport_outcome want)
{
	u32 given = value;
	struct ioport_result result =
		ioport_access(p->vps[0], port, size, false, &given);

	CHECK_EQ(result.outcome, want);
	CHECK_EQ(given, value);
	return result;
}

static void t_reads_by_port_and_width(void)
{
	static const struct {
		u16 port;
		u8 size;
		enum ioport_outcome outcome;
		u32 value;
	} rows[] = {
		{0x0064, 1, IOPORT_DONE, 0xff},
		{0x0070, 1, IOPORT_DONE, 0x0d},
		{0x0071, 1, IOPORT_DONE, 0x80},
		{0x0070, 2, IOPORT_DONE, 0x800d},
		{0x0071, 2, IOPORT_DONE, 0xff80},
		{0x006f, 4, IOPORT_DONE, 0xff800dff},
		{0x00f4, 1, IOPORT_DONE, 0x00},
		{0x03fd, 1, IOPORT_DONE, 0x60},
		{0x03fd, 2, IOPORT_DONE, 0xb060},
		{0x03fa, 4, IOPORT_DONE, 0x60000001},
		{0x03ff, 2, IOPORT_DONE, 0xff00},
		{0x0600, 1, IOPORT_DONE, 0x00},
		{0x0601, 1, IOPORT_DONE, 0x00},
		{0x0cf9, 1, IOPORT_DONE, 0x00},
		{0x0cf8, 4, IOPORT_UNKNOWN, 0xffffffff},
		{0x0cf9, 2, IOPORT_UNKNOWN, 0xffff},
		{0x0060, 1, IOPORT_UNKNOWN, 0xff},
		{0x02f8, 1, IOPORT_UNKNOWN, 0xff},
		{0x0400, 2, IOPORT_UNKNOWN, 0xffff},
		{0xffff, 1, IOPORT_UNKNOWN, 0xff},
		{0xffff, 4, IOPORT_UNKNOWN, 0xffffffff},
		{0x0000, 4, IOPORT_UNKNOWN, 0xffffffff},
	};

	start();
	machine.clock.valid = true;
	out(0x70, 1, 0x0d, IOPORT_DONE);
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		CHECK_EQ((u64)i << 32 | in(rows[i].port, rows[i].size,
					   rows[i].outcome),
			 (u64)i << 32 | rows[i].value);
	}
	CHECK_EQ(p->state, PARTITION_RUNNING);
}

static void t_writes_that_stop_the_partition(void)
{
	static const struct {
		u16 port;
		u8 size;
		u32 value;
		bool stops;
		u32 code;
		const char *reason;
	} rows[] = {
		{0x00f4, 1, 0x00, true, 0, "debug-exit"},
		{0x00f4, 1, 0x2a, true, 0x2a, "debug-exit"},
		{0x00f4, 2, 0x1234, true, 0x34, "debug-exit"},
		{0x00f4, 4, 0x01020381, true, 0x81, "debug-exit"},
		{0x00f3, 2, 0x0700, true, 7, "debug-exit"},
		{0x00f5, 1, 0x01, false, 0, NULL},
		{0x0600, 1, 0x34, true, 0, "sleep"},
		{0x0600, 1, 0xf7, true, 0, "sleep"},
		{0x0600, 2, 0x0034, true, 0, "sleep"},
		/* S0 to S4, and types that no \_Sx has */
		{0x0600, 1, 0x20, false, 0, NULL},
		{0x0600, 1, 0x24, false, 0, NULL},
		{0x0600, 1, 0x28, false, 0, NULL},
		{0x0600, 1, 0x2c, false, 0, NULL},
		{0x0600, 1, 0x30, false, 0, NULL},
		{0x0600, 1, 0x38, false, 0, NULL},
		{0x0600, 1, 0x3c, false, 0, NULL},
		{0x0600, 1, 0x14, false, 0, NULL},
		{0x0601, 1, 0xff, false, 0, NULL},
		{0x0064, 1, 0xfe, true, 0, "reset"},
		{0x0064, 2, 0x00fe, true, 0, "reset"},
		{0x0064, 1, 0xfc, false, 0, NULL},
		{0x0064, 1, 0xff, false, 0, NULL},
		{0x0cf9, 1, 0x06, true, 0, "reset"},
		{0x0cf9, 1, 0x0e, true, 0, "reset"},
		{0x0cf9, 1, 0x04, true, 0, "reset"},
		{0x0cf9, 1, 0x0a, false, 0, NULL},
		{0x0cf9, 1, 0x02, false, 0, NULL},
		{0x0071, 1, 0xff, false, 0, NULL},
	};
	struct ioport_result result;

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		fake_reset();
		start();
		result = out(rows[i].port, rows[i].size, rows[i].value,
			     rows[i].stops ? IOPORT_STOPS : IOPORT_DONE);
		CHECK_EQ(result.exit_code, rows[i].code);
		check_eq(result.reason != NULL, rows[i].stops, "stops",
			 __FILE__, (int)i);
		if (rows[i].stops) {
			CHECK_STR(result.reason, rows[i].reason);
		}
		/* the caller stops it */
		CHECK_EQ(p->state, PARTITION_RUNNING);
		CHECK_EQ(p->vps[1]->shared.events, 0);
	}
}

static void t_pci_address_is_no_reset(void)
{
	start();
	out(0xcf8, 4, 0x80000600, IOPORT_UNKNOWN);
	out(0xcf8, 2, 0x0600, IOPORT_UNKNOWN);
	CHECK_EQ(p->state, PARTITION_RUNNING);
}

static void t_wide_write_reaches_two_registers(void)
{
	start();
	/* LCR and MCR, then the scratch register and a port without device */
	out(0x3fb, 2, 0x0b1b, IOPORT_DONE);
	CHECK_EQ(in(0x3fb, 1, IOPORT_DONE), 0x1b);
	CHECK_EQ(in(0x3fc, 1, IOPORT_DONE), 0x0b);
	out(0x3ff, 2, 0xee77, IOPORT_DONE);
	CHECK_EQ(in(0x3ff, 1, IOPORT_DONE), 0x77);
}

static void t_uart_output_is_the_partitions(void)
{
	struct partition *other = fake_partition(1, 1);
	u32 byte = '\n';

	start();
	out(0x3f8, 1, 'A', IOPORT_DONE);
	out(0x3f8, 1, '\n', IOPORT_DONE);
	(void)ioport_access(other->vps[0], 0x3f8, 1, false, &byte);
	log_flush();
	CHECK_STR(fake.uart, "guest1| A\nguest0| \n");
}

static void t_unknown_ports_are_reported_once(void)
{
	start();
	for (u32 i = 0; i < 3; i++) {
		(void)in(0x61, 1, IOPORT_UNKNOWN);
		out(0x61, 1, 3, IOPORT_UNKNOWN);
		out(0x80, 4, i, IOPORT_UNKNOWN);
	}
	log_flush();
	CHECK_STR(fake.uart, "[0] guest0: first use kind=port-in key=0x61\n"
			     "[0] guest0: first use kind=port-out key=0x61\n"
			     "[0] guest0: first use kind=port-out key=0x80\n");
	CHECK_EQ(first_use_count(p, FIRST_USE_PORT_OUT), 6);
}

static void t_odd_width_is_our_bug(void)
{
	start();
	u32 value = 0;
	CHECK_PANIC((void)ioport_access(p->vps[0], 0x3f8, 3, true, &value),
		    "size == 1");
}

static const struct test tests[] = {
	{"reads_by_port_and_width", t_reads_by_port_and_width},
	{"writes_that_stop_the_partition", t_writes_that_stop_the_partition},
	{"pci_address_is_no_reset", t_pci_address_is_no_reset},
	{"wide_write_reaches_two_registers",
	 t_wide_write_reaches_two_registers},
	{"uart_output_is_the_partitions", t_uart_output_is_the_partitions},
	{"unknown_ports_are_reported_once", t_unknown_ports_are_reported_once},
	{"odd_width_is_our_bug", t_odd_width_is_our_bug},
};

const struct suite suite_ioport = SUITE("ioport", tests);
