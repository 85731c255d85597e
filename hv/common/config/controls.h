/* SPDX-License-Identifier: MIT */
/* The values of the keys `controls` and `input`: names of partitions. */
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

/*
 * The same for the value of `input`: sets `input` of the configuration. False:
 * it is neither `console` nor the name of a partition.
 */
bool config_controls_input(struct config *config,
			   const struct config_value *value);

#endif
