/* SPDX-License-Identifier: MIT */
/* memcpy() and the like, as the C standard defines them. */
#ifndef GUEST_TEST_KERNEL_MEM_H
#define GUEST_TEST_KERNEL_MEM_H

#include "base/types.h"

void *memcpy(void *to, const void *from, size_t len);
void *memmove(void *to, const void *from, size_t len);
void *memset(void *to, int value, size_t len);
int memcmp(const void *a, const void *b, size_t len);

#endif
