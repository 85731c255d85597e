/* SPDX-License-Identifier: MIT */
/*
 * The guest's port space as a table of byte devices. Everything else reads all
 * ones and ignores writes; the first uses are reported.
 */
#include "core/emulate/ioport.h"

#include "base/bits.h"
#include "core/console/first_use.h"
#include "core/emulate/cmos.h"
#include "core/emulate/guest_serial.h"
#include "core/port/port.h"
#include "core/state/machine.h"
#include "core/state/partition.h"
#include "core/state/vp.h"

/*
 * ACPI 6.5, "Sleep Control Register": SLP_TYPx, SLP_EN. The type is that of
 * \_S5 in the DSDT; no other sleep state exists here.
 */
#define SLEEP_TYPE   GENMASK(4, 2)
#define SLEEP_TYPE_5 5
#define SLEEP_ENABLE BIT(5)

/*
 * Reset control register at 0xCF9: 0 to 1 in this bit resets. Until then it is
 * 0, so that each write of 1 is such a step.
 */
#define RESET_CPU BIT(2)

/* 8042: a command of one byte that pulses output line 0, the CPU's reset */
#define KEYBOARD_RESET 0xfe

static const struct ioport_result done = {.outcome = IOPORT_DONE};

struct device {
	u16 first;
	u16 last;
	bool byte_only; /* answers one-byte accesses only */
	u8 (*read)(struct partition *p, u16 offset);
	struct ioport_result (*write)(struct partition *p, u16 offset,
				      u8 value);
};

static u8 read_zero(struct partition *p, u16 offset)
{
	(void)p;
	(void)offset;
	return 0;
}

static u8 read_ones(struct partition *p, u16 offset)
{
	(void)p;
	(void)offset;
	return 0xff;
}

static u8 read_cmos(struct partition *p, u16 offset)
{
	return cmos_read(&p->cmos, offset, &machine.clock, port_tsc(),
			 machine.tsc_hz);
}

static struct ioport_result write_cmos(struct partition *p, u16 offset,
				       u8 value)
{
	cmos_write(&p->cmos, offset, value);
	return done;
}

static u8 read_uart(struct partition *p, u16 offset)
{
	return guest_serial_read(&p->serial, offset);
}

static struct ioport_result write_uart(struct partition *p, u16 offset,
				       u8 value)
{
	guest_serial_write(&p->serial, offset, value);
	return done;
}

static struct ioport_result stops(u32 exit_code, const char *reason)
{
	return (struct ioport_result){
		.outcome = IOPORT_STOPS,
		.exit_code = exit_code,
		.reason = reason,
	};
}

/* Bits 7:0 of what is written are the exit code, whatever the width. */
static struct ioport_result write_debug_exit(struct partition *p, u16 offset,
					     u8 value)
{
	(void)p;
	return offset == 0 ? stops(value, "debug-exit") : done;
}

static struct ioport_result write_sleep(struct partition *p, u16 offset,
					u8 value)
{
	(void)p;
	return offset == 0 && (value & SLEEP_ENABLE) != 0 &&
			       FIELD_GET(SLEEP_TYPE, value) == SLEEP_TYPE_5
		       ? stops(0, "sleep")
		       : done;
}

static struct ioport_result write_keyboard(struct partition *p, u16 offset,
					   u8 value)
{
	(void)p;
	(void)offset;
	return value == KEYBOARD_RESET ? stops(0, "reset") : done;
}

static struct ioport_result write_reset(struct partition *p, u16 offset,
					u8 value)
{
	(void)p;
	(void)offset;
	return (value & RESET_CPU) != 0 ? stops(0, "reset") : done;
}

/* generated: ports, from include/abi.toml */
/* clang-format off */
static const struct device devices[] = {
	/* the command "pulse the reset line", and no controller else */
	{0x0064, 0x0064, false, read_ones, write_keyboard},
	{0x0070, 0x0071, false, read_cmos, write_cmos},
	{0x00f4, 0x00f7, false, read_zero, write_debug_exit},
	{0x03f8, 0x03ff, false, read_uart, write_uart},
	/* sleep control and sleep status */
	{0x0600, 0x0601, false, read_zero, write_sleep},
	/* this port is inside PCI's four-byte CONFIG_ADDRESS at 0xCF8:
	   chipsets take only a byte access for reset control */
	{0x0cf9, 0x0cf9, true,  read_zero, write_reset},
};
/* clang-format on */
/* end: ports */

static const struct device *find(u32 port, u8 size)
{
	for (size_t i = 0; i < ARRAY_SIZE(devices); i++) {
		const struct device *d = &devices[i];

		if (port >= d->first && port <= d->last &&
		    (!d->byte_only || size == 1)) {
			return d;
		}
	}
	return NULL;
}

/* Reads or writes one byte of an access that `d` answers. */
static struct ioport_result access_byte(const struct device *d,
					struct partition *p, u16 offset,
					bool in, u8 *byte)
{
	if (in) {
		*byte = d->read(p, offset);
		return done;
	}
	return d->write(p, offset, *byte);
}

struct ioport_result ioport_access(struct vp *vp, u16 port, u8 size, bool in,
				   u32 *value)
{
	struct partition *p = vp->partition;
	struct ioport_result result = {.outcome = IOPORT_UNKNOWN};
	u32 read = 0;

	HV_ASSERT(size == 1 || size == 2 || size == 4);
	for (u32 i = 0; i < size; i++) {
		/* Beyond 0xffff there is no device: the bus does not wrap */
		const struct device *d = find((u32)port + i, size);
		u8 byte = in ? 0xff : (u8)(*value >> (8 * i));

		if (d != NULL) {
			u16 offset = (u16)(port + i - d->first);
			struct ioport_result one =
				access_byte(d, p, offset, in, &byte);

			/* the first reason to stop wins */
			if (result.outcome != IOPORT_STOPS) {
				result = one;
			}
		}
		read |= (u32)byte << (8 * i);
	}
	if (in) {
		*value = read;
	}
	if (result.outcome == IOPORT_UNKNOWN) {
		(void)first_use_report(
			p, in ? FIRST_USE_PORT_IN : FIRST_USE_PORT_OUT, port);
	}
	return result;
}
