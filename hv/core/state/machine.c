/* SPDX-License-Identifier: MIT */
/* The one machine. */
#include "core/state/machine.h"

struct machine machine;
