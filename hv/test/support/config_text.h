/* SPDX-License-Identifier: MIT */
/* Texts of lethe.conf for the parser. */
#ifndef HV_TEST_SUPPORT_CONFIG_TEXT_H
#define HV_TEST_SUPPORT_CONFIG_TEXT_H

#include <stddef.h>

#include "base/err.h"

struct config;
struct config_error;

/*
 * Calls config_parse() with a copy that ends where its memory ends, so that the
 * sanitizer sees a read beyond the end. Before the call, config and error are
 * filled with a pattern.
 */
enum err config_text_parse(struct config *config, const char *text, size_t len,
			   struct config_error *error);

/* Expects that the text is accepted. */
void config_text_good(struct config *config, const char *text);

/* Parses `head`, then a value of `len` letters x. */
enum err config_text_long(struct config *config, const char *head, size_t len,
			  struct config_error *error);

#endif
