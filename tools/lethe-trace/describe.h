/* SPDX-License-Identifier: MIT */
/*
 * Records as words. All texts consist of letters, digits, blanks and
 * ` _ - . : = , + ( ) ? [ ]`, which need no escape in JSON, XML and TSDL.
 */
#ifndef TOOLS_LETHE_TRACE_DESCRIBE_H
#define TOOLS_LETHE_TRACE_DESCRIBE_H

#include "events.h"
#include "model.h"

#define DESCRIBE_ROOM   256
#define DESCRIBE_FIELDS 2048

/* `guest:1`, the partition's name and the VP index; `-` for none. */
const char *describe_vp(char text[DESCRIBE_ROOM], const struct about *about,
			u64 vp);

/* The name of an event; `event 200` for one that is not known. */
const char *describe_event(char text[DESCRIBE_ROOM], u8 event);

/* The value of a field: `VMCALL`, `0x8000`, `SUCCESS`, `guest:1`. */
const char *describe_value(char text[DESCRIBE_ROOM], const struct model *m,
			   const struct trace_record *r,
			   const struct events_field *field);

/* What is not worth saying: a field that is not known or plays no part. */
bool describe_is_empty(const struct trace_record *r,
		       const struct events_field *field);

/* All fields that are worth saying, a blank before each: ` reason=HLT`. */
const char *describe_fields(char text[DESCRIBE_FIELDS], const struct model *m,
			    const struct trace_record *r);

/* The name of an exit in a picture: its reason, or the call and its result. */
const char *describe_exit(char text[DESCRIBE_ROOM],
			  const struct trace_record *r);

#endif
