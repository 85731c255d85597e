/* SPDX-License-Identifier: MIT */
/* Cuts words off a value, and compares a value with a name. */
#include "common/config/value.h"

bool config_value_is(const struct config_value *value, const char *name)
{
	size_t i = 0;

	while (i < value->len && name[i] != 0 && value->text[i] == name[i]) {
		i++;
	}
	return i == value->len && name[i] == 0;
}

static bool is_blank(char c)
{
	return c == ' ' || c == '\t';
}

bool config_value_word(struct config_value *rest, struct config_value *word)
{
	while (rest->len > 0 && is_blank(rest->text[0])) {
		rest->text++;
		rest->len--;
	}
	*word = *rest;
	word->len = 0;
	while (rest->len > 0 && !is_blank(rest->text[0])) {
		rest->text++;
		rest->len--;
		word->len++;
	}
	return word->len > 0;
}
