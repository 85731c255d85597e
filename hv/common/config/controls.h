/* SPDX-License-Identifier: MIT */
/* The value of the key `controls`: names of other partitions. */
#ifndef HV_COMMON_CONFIG_CONTROLS_H
#define HV_COMMON_CONFIG_CONTROLS_H

#include "config.h" /* include/config.h, not this file */

#include "common/config/value.h"

/*
 * Sets the `controls` of partition `number`. Called after the whole file is
 * parsed, because a name may come later in it. False: a name is unknown or that
 * of the partition itself; `value` is narrowed to that name.
 */
bool config_controls_resolve(struct config *config, u32 number,
			     struct config_value *value);

#endif
