/* SPDX-License-Identifier: MIT */
/*
 * The four memory functions that both compilers emit calls of, for the
 * freestanding build. Host tests use the C library's.
 */
#ifndef HV_COMMON_LIB_MEM_H
#define HV_COMMON_LIB_MEM_H

#include <stddef.h>

/* As in the C standard; memcpy() for ranges that do not overlap. */
void *memcpy(void *to, const void *from, size_t len);
void *memmove(void *to, const void *from, size_t len);
void *memset(void *to, int value, size_t len);
int memcmp(const void *a, const void *b, size_t len);

#endif
