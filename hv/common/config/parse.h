/* SPDX-License-Identifier: MIT */
/*
 * Reads lethe.conf (docs/config.md): sections, lines, and the sentence that
 * says what is wrong. keys.c has the keys.
 */
#ifndef HV_COMMON_CONFIG_PARSE_H
#define HV_COMMON_CONFIG_PARSE_H

#include "config.h" /* include/config.h, not this file */

#include "base/err.h"
#include "common/config/value.h"

/*
 * Parses `len` bytes of untrusted text (no final 0 needed). On ERR_INVALID
 * `error` names the line, the key, what was expected and what was found, and
 * `out` must not be used.
 */
enum err config_parse(struct config *out, const char *text, size_t len,
		      struct config_error *error) __must_check;

#endif
