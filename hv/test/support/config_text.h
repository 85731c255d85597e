/* SPDX-License-Identifier: MIT */
/* Texts of lethe.conf for the parser. */
#ifndef HV_TEST_SUPPORT_CONFIG_TEXT_H
#define HV_TEST_SUPPORT_CONFIG_TEXT_H

#include <stddef.h>

#include "base/err.h"

struct config;
struct config_error;

/*
 * config_parse() of a copy that ends where its memory ends, so that overreads
 * are seen; config and error hold a pattern before.
 */
enum err config_text_parse(struct config *config, const char *text, size_t len,
			   struct config_error *error);

#endif
