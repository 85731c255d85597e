/* SPDX-License-Identifier: MIT */
/*
 * The sentence about what is wrong in lethe.conf. Each is of one form: subject,
 * what was expected there, what was found. All functions fill error->message
 * and return ERR_INVALID; the line is the caller's.
 */
#ifndef HV_COMMON_CONFIG_REFUSAL_H
#define HV_COMMON_CONFIG_REFUSAL_H

#include "base/err.h"
#include "common/config/keys.h"
#include "common/config/value.h"

/* `subject: expected ..., found ...` with found->expected. */
enum err config_refusal_found(struct config_error *error, const char *subject,
			      const struct config_value *found) __must_check;

/* `subject: expected ...`, which ends with a number. */
enum err config_refusal_number(struct config_error *error, const char *subject,
			       const char *expected, u32 number) __must_check;

/* A key that is none of `keys`: names them all. */
enum err config_refusal_unknown(struct config_error *error,
				const struct config_keys *keys,
				const struct config_value *name) __must_check;

#endif
