/* SPDX-License-Identifier: MIT */
/* The few printf() conversions that there are: log_line() tells which. */
#ifndef HV_COMMON_LIB_FORMAT_H
#define HV_COMMON_LIB_FORMAT_H

#include <stdarg.h>

#include "base/types.h"

/* vsnprintf with log_line()'s conversions; returns the length written. */
size_t log_format(char *to, size_t room, const char *fmt, va_list args);

#endif
