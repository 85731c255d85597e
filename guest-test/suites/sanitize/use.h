/* SPDX-License-Identifier: MIT */
/* Accesses by an instruction at a known address: that of the function. */
#ifndef GUEST_TEST_SUITES_SANITIZE_USE_H
#define GUEST_TEST_SUITES_SANITIZE_USE_H

#include "base/types.h"

void sanitize_read(u64 gva);
void sanitize_write(u64 gva);

#endif
