/* SPDX-License-Identifier: MIT */
/* ATA, READ SECTORS (0x20) with 28-bit LBA, polled. */
#include "rom_disk.h"

#include "rom_io.h"

/* The task file of the first channel */
#define DATA    0x1f0
#define COUNT   0x1f2
#define LBA_0   0x1f3
#define LBA_8   0x1f4
#define LBA_16  0x1f5
#define DEVICE  0x1f6
#define COMMAND 0x1f7 /* read: status */
#define CONTROL 0x3f6

#define READ_SECTORS  0x20
#define DEVICE_MASTER 0xe0 /* with LBA; bits 27:24 of it below */
#define CONTROL_NIEN  0x02 /* no interrupts */

#define STATUS_ERROR (1u << 0 | 1u << 5)
#define STATUS_DATA  (1u << 3)
#define STATUS_BUSY  (1u << 7)

#define SECTORS_MAX 256u /* of one command; its count is 0 */
#define LOOKS_MAX   10000000u

/* Waits for the data of the next sector. */
static bool wait_data(void)
{
	for (u32 i = 0; i < LOOKS_MAX; i++) {
		u32 status = rom_io_in8(COMMAND);

		if ((status & STATUS_BUSY) != 0) {
			continue;
		}
		if ((status & STATUS_ERROR) != 0) {
			return false;
		}
		if ((status & STATUS_DATA) != 0) {
			return true;
		}
	}
	return false;
}

static void start(u32 lba, u32 sectors)
{
	rom_io_out8(CONTROL, CONTROL_NIEN);
	rom_io_out8(DEVICE, (u8)(DEVICE_MASTER | (lba >> 24 & 0xf)));
	rom_io_out8(COUNT, (u8)sectors);
	rom_io_out8(LBA_0, (u8)lba);
	rom_io_out8(LBA_8, (u8)(lba >> 8));
	rom_io_out8(LBA_16, (u8)(lba >> 16));
	rom_io_out8(COMMAND, READ_SECTORS);
}

static bool read_some(u32 lba, u8 *to, u32 sectors)
{
	start(lba, sectors);
	for (u32 i = 0; i < sectors; i++) {
		if (!wait_data()) {
			return false;
		}
		rom_io_in_block(DATA, to + i * ROM_DISK_SECTOR,
				ROM_DISK_SECTOR);
	}
	return true;
}

bool rom_disk_read(u32 offset, void *to, u32 len)
{
	u32 left = (len + ROM_DISK_SECTOR - 1) / ROM_DISK_SECTOR;
	u32 lba = offset / ROM_DISK_SECTOR;
	u8 *next = to;

	while (left > 0) {
		u32 sectors = left < SECTORS_MAX ? left : SECTORS_MAX;

		if (!read_some(lba, next, sectors)) {
			return false;
		}
		lba += sectors;
		next += sectors * ROM_DISK_SECTOR;
		left -= sectors;
	}
	return true;
}
