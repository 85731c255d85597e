/* SPDX-License-Identifier: MIT */
/* The one machine. */
#include "core/machine.h"

struct machine machine;
