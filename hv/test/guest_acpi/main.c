/* SPDX-License-Identifier: MIT */
/*
 * Writes the page of ACPI tables of a guest to standard output, for
 * tools/test/test_guest_acpi.py. Arguments: number of VPs, guest-physical
 * address.
 */
#include <stdio.h>
#include <stdlib.h>

#include "common/guest_acpi/guest_acpi.h"

int main(int argc, char **argv)
{
	static u8 page[GUEST_ACPI_LEN];

	if (argc != 3) {
		fputs("expected a number of VPs and an address\n", stderr);
		return 2;
	}
	(void)guest_acpi_write(page, (u32)strtoul(argv[2], NULL, 0),
			       (u32)strtoul(argv[1], NULL, 0));
	return fwrite(page, sizeof(page), 1, stdout) == 1 ? 0 : 1;
}
