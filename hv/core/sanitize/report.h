/* SPDX-License-Identifier: MIT */
/* The sanitizer's lines; their number is bounded, whatever a guest does. */
#ifndef HV_CORE_SANITIZE_REPORT_H
#define HV_CORE_SANITIZE_REPORT_H

#include "core/state/sanitize.h"

#define SANITIZE_LINES_MAX 32 /* of the findings of a partition, in a life */

struct partition;

/* The word for a kind, such as `frame`. */
const char *sanitize_kind_name(enum sanitize_kind kind);

/* The word for an access: `read`, `write` or `execute`. */
const char *sanitize_access_name(u64 access);

/* Prints a finding; after SANITIZE_LINES_MAX of them they are only counted. */
void sanitize_report(struct partition *p, u32 vp,
		     const struct sanitize_use *use);

/*
 * When the partition has stopped: a line for each kind of which there was a
 * use, and one of all counters. Nothing with `sanitize = off`.
 */
void sanitize_summary(const struct partition *p);

#endif
