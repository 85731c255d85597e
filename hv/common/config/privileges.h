/* SPDX-License-Identifier: MIT */
/* The value of the key `privileges`: a profile, then +name and -name. */
#ifndef HV_COMMON_CONFIG_PRIVILEGES_H
#define HV_COMMON_CONFIG_PRIVILEGES_H

#include "config.h" /* include/config.h, not this file */

#include "common/config/value.h"

/* Fills a struct config_privileges; the contract of config_key.parse. */
bool config_privileges_parse(const struct config_key *key, void *field,
			     struct config_value *value);

/* The profile that a partition has without the key: `all`. */
struct config_privileges config_privileges_default(void);

#endif
