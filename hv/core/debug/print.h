/* SPDX-License-Identifier: MIT */
/* What commands use to print, and to go through all VPs. */
#ifndef HV_CORE_DEBUG_PRINT_H
#define HV_CORE_DEBUG_PRINT_H

#include "core/debug/command.h"

/*
 * Appends to the answer, with the conversions of log_line(); lines end with
 * \n. What is more than DEBUG_TEXT_MAX bytes in one call is cut.
 */
void debug_print(struct debug_call *call, const char *fmt, ...) __printf(2, 3);

/*
 * Takes what comes on the line meanwhile, if this is the boot CPU. Called by
 * debug_print(); a command that computes for 3,000 instructions without it
 * calls it too. No lock may be held.
 */
void debug_keep_up(const struct debug_call *call);

/* Appends blanks up to `column` of the line, at least one. */
void debug_pad(struct debug_call *call, u32 column);

/* The name of a VP's state: a hint unless on its own CPU. */
const char *debug_state_name(const struct vp *vp);

/* Is there room for another row? If not, the function returns DEBUG_MORE. */
bool debug_has_room(const struct debug_call *call);

/*
 * The VP at cursor[0] (partition) and cursor[1] (VP number), which move on to
 * the next one. NULL: it was the last one, or there is no room for its row;
 * debug_end_of_vps() returns what the function has to return then. With
 * call->partition only its VPs.
 */
struct vp *debug_next_vp(struct debug_call *call);
enum debug_end debug_end_of_vps(const struct debug_call *call);

#endif
