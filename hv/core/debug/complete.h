/* SPDX-License-Identifier: MIT */
/* What a word that has begun may become: commands, partitions, VPs, choices. */
#ifndef HV_CORE_DEBUG_COMPLETE_H
#define HV_CORE_DEBUG_COMPLETE_H

#include "core/debug/command.h"
#include "core/debug/word.h"

#define COMPLETE_NAME_MAX 48

struct complete {
	struct word word;             /* of the line, up to the cursor */
	u32 count;                    /* of names that begin with it */
	u32 common;                   /* characters that they share */
	char name[COMPLETE_NAME_MAX]; /* the first of them */
};

/* Looks at the word that ends at `len`. */
void complete_line(const char *line, u32 len, struct complete *c);

/* All of these names in a line, or as many as there is room for and dots. */
void complete_list(const char *line, u32 len, char *to, size_t room);

/*
 * The next name that begins with the word at or after *number, which becomes
 * the one after it. False: there is none.
 */
bool complete_next(const char *line, u32 len, u32 *number,
		   char name[COMPLETE_NAME_MAX]);

#endif
