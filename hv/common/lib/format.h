/* SPDX-License-Identifier: MIT */
/* Formats text with the printf() conversions that log_line() lists. */
#ifndef HV_COMMON_LIB_FORMAT_H
#define HV_COMMON_LIB_FORMAT_H

#include <stdarg.h>

#include "base/types.h"

/*
 * Like vsnprintf(), with log_line()'s conversions; returns the length written.
 */
size_t log_format(char *to, size_t room, const char *fmt, va_list args);

#endif
