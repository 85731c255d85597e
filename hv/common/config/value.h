/* SPDX-License-Identifier: MIT */
/*
 * Pieces of lethe.conf's text, and what a row of keys.c knows of the values of
 * a key.
 */
#ifndef HV_COMMON_CONFIG_VALUE_H
#define HV_COMMON_CONFIG_VALUE_H

#include "base/types.h"

struct config_error {
	u32 line; /* from 1 */
	char message[320];
};

/*
 * A piece of the text, trimmed. A parse function that refuses it may narrow it
 * to the part that is wrong, and replace what the row says was expected.
 */
struct config_value {
	const char *text;
	size_t len;
	const char *expected;
};

struct config_choice {
	const char *name;
	u32 value;
};

struct config_key {
	const char *name;
	bool required;
	/* `field` lies `offset` bytes after the start of the section's struct;
	   NULL: names of partitions, looked up at the end (controls.h) */
	bool (*parse)(const struct config_key *key, void *field,
		      struct config_value *value);
	size_t offset;
	u64 min; /* of the number, or of the text's length */
	u64 max;
	u32 unit; /* of the field of a time, in microseconds */
	const struct config_choice *choices; /* ends with a NULL name */
	const char *expected;
};

bool config_value_is(const struct config_value *value, const char *name);

/*
 * Cuts the first word off `rest`. False when there is none left.
 */
bool config_value_word(struct config_value *rest, struct config_value *word);

#endif
