/* SPDX-License-Identifier: MIT */
/* Which file the key `symbols` names. */
#ifndef HV_COMMON_CONFIG_SYMBOLS_H
#define HV_COMMON_CONFIG_SYMBOLS_H

#include "config.h"

/*
 * Is it the partition's image, by the word `image` or by the same path? Then
 * the loader loads no second copy. False without the key.
 */
bool config_symbols_are_image(const struct config_partition *partition);

#endif
