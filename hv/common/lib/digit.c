/* SPDX-License-Identifier: MIT */
/* Upper and lower case count the same. */
#include "common/lib/digit.h"

u32 digit_value(char c)
{
	if (c >= '0' && c <= '9') {
		return (u32)(c - '0');
	}
	if (c >= 'a' && c <= 'f') {
		return (u32)(c - 'a') + 10;
	}
	if (c >= 'A' && c <= 'F') {
		return (u32)(c - 'A') + 10;
	}
	return DIGIT_NONE;
}
