/* SPDX-License-Identifier: MIT */
/* SVG 1.1, one element a line; the same input gives the same bytes. */
#include "svg.h"

void svg_begin(FILE *to, int width, int height, const char *title)
{
	fprintf(to,
		"<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%d\" "
		"height=\"%d\" viewBox=\"0 0 %d %d\" "
		"font-family=\"sans-serif\" font-size=\"12\">\n"
		"<title>%s</title>\n"
		"<defs><marker id=\"point\" markerWidth=\"8\" "
		"markerHeight=\"8\" refX=\"7\" refY=\"4\" orient=\"auto\">"
		"<path d=\"M0,0 L8,4 L0,8 z\" fill=\"%s\"/></marker></defs>\n"
		"<rect width=\"%d\" height=\"%d\" fill=\"white\"/>\n",
		width, height, width, height, title, SVG_KICK, width, height);
}

void svg_end(FILE *to)
{
	fputs("</svg>\n", to);
}

void svg_text(FILE *to, int x, int y, const char *anchor, const char *text)
{
	fprintf(to,
		"<text x=\"%d\" y=\"%d\" text-anchor=\"%s\" fill=\"%s\" "
		"xml:space=\"preserve\">%s</text>\n",
		x, y, anchor, SVG_DARK, text);
}

void svg_box(FILE *to, struct svg_box box, const char *colour,
	     const char *title)
{
	fprintf(to,
		"<rect x=\"%d\" y=\"%d\" width=\"%d\" height=\"%d\" "
		"fill=\"%s\"><title>%s</title></rect>\n",
		box.x, box.y, box.width, box.height, colour, title);
}

static void put_line(FILE *to, struct svg_box box, const char *colour,
		     const char *more)
{
	fprintf(to,
		"<line x1=\"%d\" y1=\"%d\" x2=\"%d\" y2=\"%d\" stroke=\"%s\" "
		"stroke-width=\"1.5\"%s/>\n",
		box.x, box.y, box.x + box.width, box.y + box.height, colour,
		more);
}

void svg_line(FILE *to, struct svg_box from_and_size, const char *colour)
{
	put_line(to, from_and_size, colour, "");
}

void svg_arrow(FILE *to, struct svg_box from_and_size)
{
	put_line(to, from_and_size, SVG_KICK, " marker-end=\"url(#point)\"");
}

void svg_number(FILE *to, int x, int y, unsigned number)
{
	fprintf(to,
		"<circle cx=\"%d\" cy=\"%d\" r=\"8\" fill=\"white\" "
		"stroke=\"%s\"/>\n"
		"<text x=\"%d\" y=\"%d\" text-anchor=\"middle\" "
		"font-size=\"9\" fill=\"%s\">%u</text>\n",
		x, y, SVG_DARK, x, y + 3, SVG_DARK, number);
}
