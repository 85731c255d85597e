/* SPDX-License-Identifier: MIT */
/* The value of the key `controls`: names of other partitions. */
#ifndef HV_COMMON_CONFIG_CONTROLS_H
#define HV_COMMON_CONFIG_CONTROLS_H

#include "config.h" /* include/config.h, not this file */

#include "common/config/value.h"

/*
 * Sets the `controls` of partition `number` of a configuration that is read to
 * its end. False: a name that cannot be meant; `value` is narrowed to it.
 */
bool config_controls_resolve(struct config *config, u32 number,
			     struct config_value *value);

#endif
