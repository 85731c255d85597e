/* SPDX-License-Identifier: MIT */
#include "support/config_text.h"

#include <stdlib.h>
#include <string.h>

#include "common/config/parse.h"

enum err config_text_parse(struct config *config, const char *text, size_t len,
			   struct config_error *error)
{
	char *copy = malloc(len == 0 ? 1 : len);
	enum err err;

	if (copy == NULL) {
		abort();
	}
	memcpy(copy, text, len);
	memset(config, 0xa5, sizeof(*config));
	memset(error, 0xa5, sizeof(*error));
	err = config_parse(config, copy, len, error);
	free(copy);
	return err;
}
