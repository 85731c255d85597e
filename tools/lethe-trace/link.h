/* SPDX-License-Identifier: MIT */
/* Which records belong together: exits and their ends, calls, kicks. */
#ifndef TOOLS_LETHE_TRACE_LINK_H
#define TOOLS_LETHE_TRACE_LINK_H

#include "model.h"

/* Fills in the derived fields of all items, which are in the order of time. */
void link_items(struct model *m);

bool link_is_hypercall(const struct trace_record *r);

/* Whether a hypercall's status says that it has ended. */
bool link_is_ended(const struct trace_record *r);

/* The item of a hypercall by its number; MODEL_NONE: there is none. */
size_t link_find_call(const struct model *m, u32 call);

/* The ticks of an exit, to the end of its handler. */
u64 link_ticks(const struct model_item *item);

#endif
