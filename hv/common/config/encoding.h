/* SPDX-License-Identifier: MIT */
/* Recognises encodings of lethe.conf that are neither ASCII nor plain UTF-8. */
#ifndef HV_COMMON_CONFIG_ENCODING_H
#define HV_COMMON_CONFIG_ENCODING_H

#include "base/err.h"
#include "common/config/value.h"

/*
 * Looks at the first bytes of the file. ERR_INVALID, with `error` filled: a
 * byte order mark, or UTF-16 without one; no line of such a file could be
 * parsed.
 */
enum err config_encoding_check(const char *text, size_t len,
			       struct config_error *error) __must_check;

#endif
