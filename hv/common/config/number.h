/* SPDX-License-Identifier: MIT */
/*
 * Numbers of lethe.conf, with any number of digits: a number that is too large
 * is reported as out of range. Each function keeps the contract of
 * config_key.parse.
 */
#ifndef HV_COMMON_CONFIG_NUMBER_H
#define HV_COMMON_CONFIG_NUMBER_H

#include "config.h" /* include/config.h, not this file */

#include "common/config/value.h"

bool config_number_u64(const struct config_key *key, void *field,
		       struct config_value *value);
bool config_number_u32(const struct config_key *key, void *field,
		       struct config_value *value);

/* A u64 of bytes, with K, M or G. */
bool config_number_memory(const struct config_key *key, void *field,
			  struct config_value *value);

/* A u32 in units of key->unit, with us, ms or s. */
bool config_number_time(const struct config_key *key, void *field,
			struct config_value *value);

/*
 * One or more PORT:VALUE; `field` is the struct config: a count and an array.
 */
bool config_number_poweroff(const struct config_key *key, void *field,
			    struct config_value *value);

#endif
