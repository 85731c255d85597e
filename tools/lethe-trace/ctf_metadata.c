/* SPDX-License-Identifier: MIT */
/*
 * Common Trace Format 1.8, section "Metadata". An event's fields are numbers of
 * 64 bits, in the order of events.h; readers leave out the `_` before a name.
 */
#include "ctf_metadata.h"

#include "events.h"
#include "names.h"

typedef unsigned long long print_t;

#define NUMBERS 0x1000 /* numbers whose names are looked for */

static const char head[] =
	"/* CTF 1.8 */\n"
	"typealias integer { size = 8; align = 8; signed = false; } := u8;\n"
	"typealias integer { size = 32; align = 8; signed = false; } := u32;\n"
	"typealias integer { size = 64; align = 8; signed = false; } := u64;\n"
	"typealias integer { size = 64; align = 8; signed = false; base = 16; }"
	" := x64;\n"
	"trace {\n\tmajor = 1;\n\tminor = 8;\n\tbyte_order = le;\n"
	"\tpacket.header := struct { u32 magic; u32 stream_id; };\n};\n";

static const char stream[] =
	"typealias integer { size = 64; align = 8; signed = false; "
	"map = clock.tsc.value; } := tsc_t;\n"
	"stream {\n\tid = 0;\n"
	"\tpacket.context := struct { tsc_t timestamp_begin; "
	"tsc_t timestamp_end; u64 content_size; u64 packet_size; "
	"u32 cpu_id; };\n"
	"\tevent.header := struct { u8 id; tsc_t timestamp; };\n"
	"\tevent.context := struct { string _vp; };\n};\n";

static void write_enum(FILE *to, const char *name,
		       const char *(*name_of)(u64 number))
{
	fprintf(to, "enum %s : u64 {\n", name);
	for (u64 i = 0; i < NUMBERS; i++) {
		if (name_of(i) != NULL) {
			fprintf(to, "\t\"%s\" = %llu,\n", name_of(i),
				(print_t)i);
		}
	}
	fprintf(to, "\t\"not_known\" = %u\n};\n", TRACE_NOT_YET);
}

static const char *type_of(enum events_kind kind)
{
	switch (kind) {
	case EVENTS_reason:
		return "enum reason";
	case EVENTS_status:
		return "enum status";
	case EVENTS_state:
		return "enum state";
	case EVENTS_dec:
	case EVENTS_ticks:
	case EVENTS_cpu:
	case EVENTS_flag:
		return "u64";
	case EVENTS_hex:
	case EVENTS_info:
	case EVENTS_vp:
	case EVENTS_run:
	case EVENTS_set:
	case EVENTS_gva:
	case EVENTS_gpa:
	case EVENTS_range:
	case EVENTS_event:
	case EVENTS_events:
	default:
		return "x64";
	}
}

/* All numbers of events have a class; ctf.c writes no others. */
static void write_event(FILE *to, u8 event)
{
	const struct events_field *field = events_first(event);

	if (events_name(event) != NULL) {
		fprintf(to, "event {\n\tname = \"%s\";\n", events_name(event));
	} else {
		fprintf(to, "event {\n\tname = \"event_%u\";\n", event);
	}
	fprintf(to, "\tid = %u;\n\tstream_id = 0;\n\tfields := struct {\n",
		event);
	if (events_name(event) == NULL) {
		fputs("\t\tx64 _flags;\n\t\tx64 _a0;\n\t\tx64 _a1;\n"
		      "\t\tx64 _a2;\n",
		      to);
	}
	for (; field != NULL; field = events_after(field)) {
		fprintf(to, "\t\t%s _%s;\n", type_of(field->kind), field->name);
	}
	fputs("\t};\n};\n", to);
}

void ctf_metadata_write(FILE *to, const struct model *m)
{
	bool is_used[256] = {false};

	fputs(head, to);
	fprintf(to,
		"env {\n\ttracer_name = \"lethe\";\n\tcommit = \"%s\";\n"
		"};\n",
		m->about.commit);
	fprintf(to,
		"clock {\n\tname = tsc;\n\tfreq = %llu;\n\toffset = 0;\n"
		"\tdescription = \"TSC ticks since the trace's start\";\n"
		"};\n",
		(print_t)m->about.tsc_hz);
	write_enum(to, "reason", names_reason);
	write_enum(to, "status", names_status);
	write_enum(to, "state", names_state);
	fputs(stream, to);
	for (size_t i = 0; i < m->count; i++) {
		is_used[m->items[i].r.event] = true;
	}
	for (u32 event = 0; event < ARRAY_SIZE(is_used); event++) {
		if (is_used[event]) {
			write_event(to, (u8)event);
		}
	}
}
