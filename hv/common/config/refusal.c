/* SPDX-License-Identifier: MIT */
/* How a refusal is put together, and how much of the file it repeats. */
#include "common/config/refusal.h"

#include "common/lib/text.h"

#define FOUND_MAX 28 /* characters of the file that a message repeats */

static struct text start(struct config_error *error)
{
	return text_start(error->message, sizeof(error->message));
}

static void put_found(struct text *t, const struct config_value *found)
{
	if (found->len == 0) {
		text_put(t, "nothing");
		return;
	}
	text_put(t, "`");
	text_quote(t, found->text, found->len, FOUND_MAX);
	text_put(t, "`");
}

enum err config_refusal_found(struct config_error *error, const char *subject,
			      const struct config_value *found)
{
	struct text t = start(error);

	text_put(&t, subject);
	text_put(&t, ": expected ");
	text_put(&t, found->expected);
	text_put(&t, ", found ");
	put_found(&t, found);
	return ERR_INVALID;
}

enum err config_refusal_number(struct config_error *error, const char *subject,
			       const char *expected, u32 number)
{
	struct text t = start(error);

	text_put(&t, subject);
	text_put(&t, ": expected ");
	text_put(&t, expected);
	text_put(&t, " ");
	text_dec(&t, number);
	return ERR_INVALID;
}

enum err config_refusal_unknown(struct config_error *error,
				const struct config_keys *keys,
				const struct config_value *name)
{
	struct text t = start(error);

	text_put(&t, "unknown key ");
	put_found(&t, name);
	text_put(&t, ": expected one of ");
	for (u32 i = 0; i < keys->count; i++) {
		text_put(&t, i == 0 ? "" : ", ");
		text_put(&t, keys->rows[i].name);
	}
	return ERR_INVALID;
}
