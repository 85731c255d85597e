/* SPDX-License-Identifier: MIT */
/*
 * The keys of lethe.conf as two tables, one for each kind of section. parse.c
 * finds the row.
 */
#ifndef HV_COMMON_CONFIG_KEYS_H
#define HV_COMMON_CONFIG_KEYS_H

#include "config.h" /* include/config.h, not this file */

#include "common/config/value.h"

#define CONFIG_KEYS_MAX 32 /* rows of a section */

struct config_keys {
	const struct config_key *rows;
	u32 count;
};

/* offsets in struct config and in struct config_partition */
extern const struct config_keys config_keys_hypervisor;
extern const struct config_keys config_keys_partition;

/* Sets the fields whose default, for an absent key, is not 0. */
void config_keys_partition_defaults(struct config_partition *partition);

#endif
