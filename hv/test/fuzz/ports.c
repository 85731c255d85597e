/* SPDX-License-Identifier: MIT */
/*
 * Fuzz target: any IN and OUT, and bytes from the console between them.
 * Compares which ports answer, which accesses stop the partition and what the
 * UART's plain registers keep. The log must consist of whole lines.
 */
#include "core/emulate/ioport.h"
#include "core/emulate/guest_serial.h"

#include <string.h>

#include "core/console/first_use.h"
#include "core/console/log.h"
#include "fuzz/fuzz.h"
#include "support/fake_partition.h"

#define STEPS_MAX 96
#define UART      0x3f8u
#define LCR_DLAB  0x80u

enum { DATA, IER, IIR, LCR, MCR, LSR, MSR, SCR };

static struct partition *p;
static struct fuzz_bytes bytes;
static u8 kept[8]; /* what the UART's registers must read */
static u8 divisor[2];
static u8 cmos_index;

static u64 below(u64 limit)
{
	return fuzz_below(&bytes, limit);
}

static bool is_device(u32 port, u8 size)
{
	return port == 0x64 || (port >= 0x70 && port <= 0x71) ||
	       (port >= 0xf4 && port <= 0xf7) ||
	       (port >= UART && port < UART + 8) ||
	       (port >= 0x600 && port <= 0x601) || (port == 0xcf9 && size == 1);
}

/* Why a write of `byte` stops the partition; NULL: it does not. */
static const char *stops(u32 port, u8 size, u8 byte)
{
	if (port == 0xf4) {
		return "debug-exit";
	}
	if (port == 0x600 && (byte & 0x3c) == 0x34) {
		return "sleep";
	}
	if (port == 0x64 && byte == 0xfe) {
		return "reset";
	}
	return port == 0xcf9 && size == 1 && (byte & 4) != 0 ? "reset" : NULL;
}

static void note_write(u32 reg, u8 byte)
{
	static const u8 valid[8] = {
		[IER] = 0x0f, [LCR] = 0xff, [MCR] = 0x1f, [SCR] = 0xff};

	if (reg <= IER && (kept[LCR] & LCR_DLAB) != 0) {
		divisor[reg] = byte;
	} else {
		kept[reg] = byte & valid[reg];
	}
}

static void check_uart(u32 reg, u8 byte)
{
	if (reg <= IER && (kept[LCR] & LCR_DLAB) != 0) {
		FUZZ_EXPECT_EQ(byte, divisor[reg]);
	} else if (reg == IER || reg == LCR || reg == MCR || reg == SCR) {
		FUZZ_EXPECT_EQ(byte, kept[reg]);
	} else if (reg == LSR) {
		/* no errors but overrun; TEMT implies THRE */
		FUZZ_EXPECT_EQ(byte & 0x9c, 0);
		FUZZ_EXPECT((byte & 0x40) == 0 || (byte & 0x20) != 0);
	} else if (reg == IIR) {
		FUZZ_EXPECT_EQ(byte & 0x30, 0);
	}
}

/* Two decimal digits, or a status register. */
static void check_cmos(u8 byte)
{
	u8 index = cmos_index & 0x7f;

	if (index >= 0x0a && index <= 0x0d) {
		FUZZ_EXPECT_EQ(byte, index == 0x0a   ? 0x26
				     : index == 0x0b ? 0x02
						     : 0);
	} else {
		FUZZ_EXPECT((byte & 0xf) <= 9 && byte >> 4 <= 9);
	}
}

static void check_read(u32 port, u8 size, u32 value)
{
	for (u32 i = 0; i < size; i++) {
		u8 byte = (u8)(value >> 8 * i);

		if (!is_device(port + i, size)) {
			FUZZ_EXPECT_EQ(byte, 0xff);
		} else if (port + i >= UART && port + i < UART + 8) {
			check_uart(port + i - UART, byte);
		} else if (port + i == 0x64) {
			FUZZ_EXPECT_EQ(byte, 0xff);
		} else if (port + i == 0x70) {
			FUZZ_EXPECT_EQ(byte, cmos_index);
		} else if (port + i == 0x71) {
			check_cmos(byte);
		} else {
			FUZZ_EXPECT_EQ(byte, 0);
		}
	}
	FUZZ_EXPECT(size == 4 || value >> 8 * size == 0);
}

static struct ioport_result expected(u16 port, u8 size, bool in, u32 value)
{
	struct ioport_result want = {.outcome = IOPORT_UNKNOWN};

	for (u32 i = 0; i < size; i++) {
		u8 byte = (u8)(value >> 8 * i);
		const char *reason = in ? NULL : stops(port + i, size, byte);

		if (is_device(port + i, size) &&
		    want.outcome == IOPORT_UNKNOWN) {
			want.outcome = IOPORT_DONE;
		}
		if (reason != NULL) {
			/* no access is wide enough for two reasons */
			want.outcome = IOPORT_STOPS;
			want.reason = reason;
			want.exit_code = port + i == 0xf4 ? byte : 0;
		}
	}
	return want;
}

static void check_result(struct ioport_result got, struct ioport_result want)
{
	FUZZ_EXPECT_EQ(got.outcome, want.outcome);
	FUZZ_EXPECT_EQ(got.exit_code, want.exit_code);
	FUZZ_EXPECT((got.reason == NULL) == (want.reason == NULL));
	FUZZ_EXPECT(want.reason == NULL ||
		    strcmp(got.reason, want.reason) == 0);
}

/* False: the access stops the partition */
static bool access_any(void)
{
	static const u16 often[] = {0x60,  0x6c,  0x70,  0xf4,
				    0x3f8, 0x3fb, 0x600, 0xcf9};
	u16 port = below(4) ? (u16)(often[below(ARRAY_SIZE(often))] + below(9))
			    : (u16)below(0x10000);
	u8 size = (u8)(1u << below(3));
	bool in = below(2) != 0;
	u32 value = (u32)below(0x100000000);
	u32 written = value;
	struct ioport_result want = expected(port, size, in, written);

	check_result(ioport_access(p->vps[0], port, size, in, &value), want);
	for (u32 i = 0; !in && i < size; i++) {
		if (port + i >= UART && port + i < UART + 8) {
			note_write(port + i - UART, (u8)(written >> 8 * i));
		} else if (port + i == 0x70) {
			cmos_index = (u8)(written >> 8 * i);
		}
	}
	if (in) {
		check_read(port, size, value);
	} else {
		FUZZ_EXPECT_EQ(value, written);
	}
	return want.outcome != IOPORT_STOPS;
}

/* The console shows lines that begin with the partition's name or a bracket. */
static void check_console(void)
{
	const char *at = fake.uart;

	log_flush();
	while (*at != 0) {
		const char *end = strchr(at, '\n');

		FUZZ_EXPECT(end != NULL);
		FUZZ_EXPECT(strncmp(at, "guest0", 6) == 0 || *at == '[');
		FUZZ_EXPECT(end - at <= GUEST_LINE_MAX + 40);
		at = end + 1;
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	fake_reset();
	log_flush();
	fake.uart_len = 0;
	fake.uart[0] = 0;
	fake.tsc_step = 1000000;
	p = fake_partition(1, 1);
	first_use_reset(p);
	memset(kept, 0, sizeof(kept));
	memset(divisor, 0, sizeof(divisor));
	cmos_index = 0;
	bytes = (struct fuzz_bytes){data, len};
	for (u32 i = 0; i < STEPS_MAX && bytes.len > 0; i++) {
		if (below(8) == 7) {
			(void)guest_serial_receive(&p->serial, (u8)below(256));
		} else if (!access_any()) {
			break;
		}
	}
	guest_serial_end(&p->serial);
	check_console();
	return 0;
}
