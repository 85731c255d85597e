/* SPDX-License-Identifier: MIT */
/*
 * Integer names, address kinds and small compile-time helpers. The three
 * address kinds are structs, so that mixing them up does not compile.
 */
#ifndef BASE_TYPES_H
#define BASE_TYPES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef uint8_t u8;
typedef uint16_t u16;
typedef uint32_t u32;
typedef uint64_t u64;
typedef int64_t s64;

/* guest-physical, host-physical, guest-virtual */
typedef struct {
	u64 v;
} gpa_t;
typedef struct {
	u64 v;
} hpa_t;
typedef struct {
	u64 v;
} gva_t;

#define __must_check   __attribute__((warn_unused_result))
#define __aligned(n)   __attribute__((aligned(n)))
#define __noreturn     __attribute__((noreturn))
#define __printf(f, a) __attribute__((format(printf, f, a)))

#define ARRAY_SIZE(a) (sizeof(a) / sizeof((a)[0]))
#define LIKELY(x)     __builtin_expect(!!(x), 1)
#define UNLIKELY(x)   __builtin_expect(!!(x), 0)

/* The compiler relies on it; unit tests and fuzz targets check it (UBSan). */
#define ASSUME(x)                                                              \
	do {                                                                   \
		if (!(x)) {                                                    \
			__builtin_unreachable();                               \
		}                                                              \
	} while (0)

#define CACHE_LINE 64
#define PAGE_SHIFT 12
#define PAGE_SIZE  4096ull
#define PAGE_MASK  (~(PAGE_SIZE - 1))
#define MIB        (1ull << 20)
#define GIB        (1ull << 30)

#endif
