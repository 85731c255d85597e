/* SPDX-License-Identifier: MIT */
/*
 * Parts of pictures. Coordinates are pixels; texts consist of characters that
 * need no escape (describe.h).
 */
#ifndef TOOLS_LETHE_TRACE_SVG_H
#define TOOLS_LETHE_TRACE_SVG_H

#include <stdio.h>

#include "base/types.h"

#define SVG_ROOT  "#c8501e" /* exit handlers, and bars */
#define SVG_ENTRY "#eda987" /* root mode after the handler */
#define SVG_GUEST "#cfe3f5" /* guest mode */
#define SVG_KICK  "#1f6fb4"
#define SVG_DARK  "#333333"
#define SVG_PALE  "#bbbbbb"

struct svg_box {
	int x;
	int y;
	int width;
	int height;
};

/* The first and the last line of a picture. */
void svg_begin(FILE *to, int width, int height, const char *title);
void svg_end(FILE *to);

/* `anchor`: start, middle or end. */
void svg_text(FILE *to, int x, int y, const char *anchor, const char *text);

/* A box; `title` is shown where a viewer points at it. */
void svg_box(FILE *to, struct svg_box box, const char *colour,
	     const char *title);

void svg_line(FILE *to, struct svg_box from_and_size, const char *colour);

/* A line with a point at its end. */
void svg_arrow(FILE *to, struct svg_box from_and_size);

/* A circle with a number in it. */
void svg_number(FILE *to, int x, int y, unsigned number);

#endif
