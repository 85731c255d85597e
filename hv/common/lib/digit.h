/* SPDX-License-Identifier: MIT */
/* Digits of numbers in text: lethe.conf, the debug console, GDB's packets. */
#ifndef HV_COMMON_LIB_DIGIT_H
#define HV_COMMON_LIB_DIGIT_H

#include "base/types.h"

#define DIGIT_NONE 16u

/* The value of a hexadecimal digit; DIGIT_NONE for another character. */
u32 digit_value(char c);

#endif
