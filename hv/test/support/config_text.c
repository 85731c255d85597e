/* SPDX-License-Identifier: MIT */
#include "support/config_text.h"

#include <stdlib.h>
#include <string.h>

#include "common/config/parse.h"
#include "support/check.h"

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

void config_text_good(struct config *config, const char *text)
{
	struct config_error error;
	enum err err = config_text_parse(config, text, strlen(text), &error);

	CHECK_STR(error.message, "");
	CHECK_EQ(err, ERR_OK);
}

enum err config_text_long(struct config *config, const char *head, size_t len,
			  struct config_error *error)
{
	static char text[4096];
	size_t head_len = strlen(head);

	memcpy(text, head, head_len);
	memset(text + head_len, 'x', len);
	return config_text_parse(config, text, head_len + len, error);
}
