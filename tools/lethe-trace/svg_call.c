/* SPDX-License-Identifier: MIT */
/*
 * One hypercall: a row for the CPU of the caller and for each CPU that it
 * kicks, root mode and guest mode in the colours of the key, arrows for kicks,
 * and a numbered line of text for each record.
 */
#include "describe.h"
#include "link.h"
#include "output.h"
#include "say.h"
#include "svg.h"

#define ROWS     16  /* CPUs that are shown */
#define RECORDS  100 /* records that are shown */
#define LEFT     70
#define WIDTH    800
#define TOP      64
#define ROW      72
#define BAR      18
#define BAR_AT   32 /* from the top of a row */
#define LINE     20
#define NO_ROW   (-1)
#define AXIS_MAX 8 /* figures on the axis */

struct picture {
	const struct output *o;
	size_t call; /* the item of its exit */
	u64 from;
	u64 to;
	int rows;
	u16 cpu_of[ROWS];
	int row_of[MODEL_CPUS];
	size_t kicked[ROWS]; /* the exit that a kick caused there */
	int last_x[ROWS];    /* of the number before in the row */
	unsigned shown;
};

typedef unsigned long long print_t;

static void add_row(struct picture *p, u16 cpu)
{
	if (p->row_of[cpu] == NO_ROW && p->rows < ROWS) {
		p->row_of[cpu] = p->rows;
		p->cpu_of[p->rows] = cpu;
		p->last_x[p->rows] = 0;
		p->kicked[p->rows] = MODEL_NONE;
		p->rows++;
	}
}

/* The row of a CPU that a kick makes leave guest mode. */
static void add_kicked(struct picture *p, size_t exit)
{
	u16 cpu = p->o->m->items[exit].cpu;

	add_row(p, cpu);
	if (p->row_of[cpu] != NO_ROW) {
		p->kicked[p->row_of[cpu]] = exit;
	}
}

static void reach(struct picture *p, u64 tsc)
{
	p->to = tsc > p->to ? tsc : p->to;
}

/* Whether the caller wrote this record in the call. */
static bool is_in_call(const struct picture *p, size_t i)
{
	return p->o->m->items[i].exit == p->call &&
	       p->o->m->items[i].call == p->o->call;
}

/* Whether a target wrote this record after the exit that a kick caused. */
static bool is_answer(const struct picture *p, size_t i)
{
	const struct model_item *item = &p->o->m->items[i];
	int row = p->row_of[item->cpu];

	return row != NO_ROW && item->r.event == TRACE_DRAINED &&
	       item->exit != MODEL_NONE && item->exit == p->kicked[row];
}

/* Finds the CPUs that take part, and when the last of them is done. */
static void measure(struct picture *p)
{
	const struct model *m = p->o->m;
	const struct model_item *call = &m->items[p->call];

	for (u32 cpu = 0; cpu < MODEL_CPUS; cpu++) {
		p->row_of[cpu] = NO_ROW;
	}
	p->from = call->r.tsc;
	p->to = p->from + 1 > p->from ? p->from + 1 : p->from;
	reach(p, call->end);
	add_row(p, call->cpu);
	for (size_t i = p->call; i < m->count; i++) {
		const struct model_item *item = &m->items[i];

		if (is_in_call(p, i)) {
			reach(p, item->r.tsc);
		}
		if (is_in_call(p, i) && item->next != MODEL_NONE) {
			add_kicked(p, item->next);
			reach(p, m->items[item->next].end);
		}
		if (is_answer(p, i)) {
			reach(p, item->r.tsc);
		}
	}
}

static int x_of(const struct picture *p, u64 tsc)
{
	double part;

	tsc = tsc < p->from ? p->from : tsc > p->to ? p->to : tsc;
	part = p->to > p->from
		       ? (double)(tsc - p->from) / (double)(p->to - p->from)
		       : 0;
	return LEFT + (int)(part * WIDTH);
}

static int top_of(int row)
{
	return TOP + row * ROW;
}

/* A bar at least two pixels wide. */
static void draw_bar(const struct picture *p, int row, u64 from, u64 to,
		     const char *colour, const char *title)
{
	int x = x_of(p, from);
	int width = x_of(p, to) - x;

	svg_box(p->o->to,
		(struct svg_box){x, top_of(row) + BAR_AT, width < 2 ? 2 : width,
				 BAR},
		colour, title);
}

/* The handler, and the rest of the time in root mode if there is any. */
static void draw_exit(const struct picture *p, const struct model_item *item)
{
	int row = p->row_of[item->cpu];
	char text[DESCRIBE_ROOM];

	if (item->root_end > item->end) {
		draw_bar(p, row, item->end, item->root_end, SVG_ENTRY,
			 "on the way to VM entry");
	}
	draw_bar(p, row, item->r.tsc, item->end, SVG_ROOT,
		 describe_exit(text, &item->r));
}

static void draw_rows(const struct picture *p)
{
	const struct model *m = p->o->m;
	char text[32];

	for (int row = 0; row < p->rows; row++) {
		snprintf(text, sizeof(text), "CPU %u", p->cpu_of[row]);
		svg_text(p->o->to, LEFT - 10, top_of(row) + BAR_AT + 13, "end",
			 text);
		svg_box(p->o->to,
			(struct svg_box){LEFT, top_of(row) + BAR_AT, WIDTH,
					 BAR},
			SVG_GUEST, "guest mode");
	}
	for (size_t i = 0; i < m->count; i++) {
		const struct model_item *item = &m->items[i];

		if (item->r.event == TRACE_EXIT && item->r.tsc <= p->to &&
		    item->root_end >= p->from &&
		    p->row_of[item->cpu] != NO_ROW) {
			draw_exit(p, item);
		}
	}
}

static void draw_kick(const struct picture *p, const struct model_item *kick)
{
	const struct model_item *exit = &p->o->m->items[kick->next];
	int from = p->row_of[kick->cpu];
	int to = p->row_of[exit->cpu];
	int x = x_of(p, kick->r.tsc);
	int y = top_of(from) + BAR_AT + (to > from ? BAR : 0);

	svg_arrow(p->o->to,
		  (struct svg_box){x, y, x_of(p, exit->r.tsc) - x,
				   top_of(to) + BAR_AT + (to > from ? 0 : BAR) -
					   y});
}

static bool is_shown(const struct picture *p, size_t i)
{
	const struct model_item *item = &p->o->m->items[i];

	return p->row_of[item->cpu] != NO_ROW && item->r.tsc >= p->from &&
	       item->r.tsc <= p->to;
}

/* Numbers are above the first bar and below the others: arrows go between. */
static int number_y(int row)
{
	return top_of(row) + BAR_AT + (row == 0 ? -12 : BAR + 12);
}

/* The number at the bar, and the line of text with the same number. */
static void draw_record(struct picture *p, const struct model_item *item)
{
	int row = p->row_of[item->cpu];
	int x = x_of(p, item->r.tsc);
	char fields[DESCRIBE_FIELDS];
	char line[DESCRIBE_FIELDS + 3 * DESCRIBE_ROOM];
	char event[DESCRIBE_ROOM];
	char vp[DESCRIBE_ROOM];

	p->shown++;
	if (p->last_x[row] != 0 && x < p->last_x[row] + 18) {
		x = p->last_x[row] + 18;
	}
	p->last_x[row] = x;
	svg_number(p->o->to, x, number_y(row), p->shown);
	snprintf(line, sizeof(line), "%u: +%llu CPU %u %s %s%s", p->shown,
		 (print_t)(item->r.tsc - p->from), item->cpu,
		 describe_vp(vp, &p->o->m->about, item->r.vp),
		 describe_event(event, item->r.event),
		 describe_fields(fields, p->o->m, &item->r));
	svg_text(p->o->to, 10, top_of(p->rows) + 30 + (int)p->shown * LINE,
		 "start", line);
}

/* The least of 1, 2, 5 times a power of ten that gives few figures. */
static u64 step_of(u64 ticks)
{
	u64 step = 1;

	while (ticks / step > AXIS_MAX) {
		step *= ticks / step > 5 * AXIS_MAX   ? 10
			: ticks / step > 2 * AXIS_MAX ? 5
						      : 2;
	}
	return step;
}

static void draw_axis(const struct picture *p)
{
	u64 ticks = p->to - p->from;
	u64 step = step_of(ticks);
	int y = top_of(p->rows);
	char text[32];

	svg_line(p->o->to, (struct svg_box){LEFT, y, WIDTH, 0}, SVG_PALE);
	for (u64 i = 0; i <= ticks / step; i++) {
		int x = x_of(p, p->from + i * step);

		snprintf(text, sizeof(text), "%llu", (print_t)i * step);
		svg_line(p->o->to, (struct svg_box){x, y, 0, 5}, SVG_DARK);
		svg_text(p->o->to, x, y + 18, "middle", text);
	}
	svg_text(p->o->to, LEFT - 10, y + 18, "end", "ticks");
}

/* What the colours mean. */
static void draw_key(const struct picture *p)
{
	static const struct {
		int x;
		const char *colour;
		const char *text;
	} keys[] = {{10, SVG_ROOT, "exit handler"},
		    {120, SVG_ENTRY, "rest of root mode, up to a record"},
		    {350, SVG_GUEST, "guest mode, or no record"}};

	for (size_t i = 0; i < ARRAY_SIZE(keys); i++) {
		svg_box(p->o->to, (struct svg_box){keys[i].x, 36, 12, 12},
			keys[i].colour, keys[i].text);
		svg_text(p->o->to, keys[i].x + 18, 46, "start", keys[i].text);
	}
	svg_arrow(p->o->to, (struct svg_box){540, 42, 30, 0});
	svg_text(p->o->to, 576, 46, "start", "kick");
}

static void draw_head(const struct picture *p)
{
	const struct model_item *call = &p->o->m->items[p->call];
	char text[2 * DESCRIBE_ROOM];
	char name[DESCRIBE_ROOM];
	char vp[DESCRIBE_ROOM];

	snprintf(text, sizeof(text), "call %u: %s by %s", p->o->call,
		 describe_exit(name, &call->r),
		 describe_vp(vp, &p->o->m->about, call->r.vp));
	svg_text(p->o->to, 10, 24, "start", text);
	draw_key(p);
}

static unsigned count_shown(const struct picture *p)
{
	unsigned count = 0;

	for (size_t i = 0; i < p->o->m->count; i++) {
		count += is_shown(p, i) && count < RECORDS;
	}
	return count;
}

void svg_call_write(const struct output *o)
{
	struct picture p = {.o = o, .call = link_find_call(o->m, o->call)};

	if (p.call == MODEL_NONE) {
		say_failed("--call: expected 1 to %u, the hypercalls of the "
			   "dump, found %u",
			   o->m->calls, o->call);
	}
	measure(&p);
	svg_begin(o->to, LEFT + WIDTH + 40,
		  top_of(p.rows) + 60 + (int)count_shown(&p) * LINE,
		  "a hypercall");
	draw_head(&p);
	draw_rows(&p);
	draw_axis(&p);
	for (size_t i = 0; i < o->m->count; i++) {
		const struct model_item *item = &o->m->items[i];

		if (is_in_call(&p, i) && item->next != MODEL_NONE &&
		    p.row_of[o->m->items[item->next].cpu] != NO_ROW) {
			draw_kick(&p, item);
		}
		if (is_shown(&p, i) && p.shown < RECORDS) {
			draw_record(&p, item);
		}
	}
	svg_end(o->to);
}
