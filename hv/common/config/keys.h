/* SPDX-License-Identifier: MIT */
/*
 * The keys of lethe.conf as two tables, one for each kind of section. Known
 * to parse.c, which finds the row, and to keys.c, which holds
 * them.
 */
#ifndef HV_COMMON_CONFIG_KEYS_H
#define HV_COMMON_CONFIG_KEYS_H

#include "common/config/parse.h"

#define CONFIG_KEYS_MAX 16 /* rows of a section */

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
	/* `field` lies `offset` behind the start of the section's struct; NULL:
	   names of partitions, looked up at the end (controls.h) */
	bool (*parse)(const struct config_key *key, void *field,
		      struct config_value *value);
	size_t offset;
	u64 min; /* of the number, or of the text's length */
	u64 max;
	u32 unit; /* of the field of a time, in microseconds */
	const struct config_choice *choices; /* ends with a NULL name */
	const char *expected;
};

struct config_keys {
	const struct config_key *rows;
	u32 count;
};

/* offsets in struct config and in struct config_partition */
extern const struct config_keys config_keys_hypervisor;
extern const struct config_keys config_keys_partition;

/* What stands in the struct when a key is absent and the default is not 0. */
void config_keys_partition_defaults(struct config_partition *partition);

bool config_keys_is(const struct config_value *value, const char *name);

/*
 * Cuts the first word off `rest`. False when there is none left.
 */
bool config_keys_word(struct config_value *rest, struct config_value *word);

#endif
