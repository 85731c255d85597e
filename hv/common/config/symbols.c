/* SPDX-License-Identifier: MIT */
/* Compares paths as they stand in lethe.conf. */
#include "common/config/symbols.h"

static bool is_same(const char *a, const char *b)
{
	while (*a != 0 && *a == *b) {
		a++;
		b++;
	}
	return *a == *b;
}

bool config_symbols_are_image(const struct config_partition *partition)
{
	return partition->symbols[0] != 0 &&
	       (is_same(partition->symbols, "image") ||
		is_same(partition->symbols, partition->image));
}
