/* SPDX-License-Identifier: MIT */
/* `trace`: what each CPU has done. docs/trace.md. */
#include "core/debug/commands.h"
#include "core/debug/print.h"
#include "core/port/port.h"
#include "core/state/machine.h"
#include "core/state/partition.h"
#include "core/trace/dump.h"
#include "core/trace/fields.h"
#include "core/trace/read.h"

#define SHOWN_DEFAULT 20
#define MERGES        64 /* in one call */
#define FRAME_RECORDS 64 /* more than a frame holds */

/* In the order of the words in the table of commands */
enum what {
	TRACE_CMD_ON,
	TRACE_CMD_OFF,
	TRACE_CMD_CLEAR,
	TRACE_CMD_SHOW,
	TRACE_CMD_DUMP,
	TRACE_CMD_MARK,
};

/* The console's command or a debugger's uses them, the later one. */
static struct {
	const struct debug_call *user; /* that shows or dumps; NULL: none */
	bool dumps;                    /* its rings stand still */
	struct read read[CPUS_MAX];
	struct trace_record next[CPUS_MAX]; /* event 0: no more */
	u64 total; /* records of the CPUs that have begun */
	u64 skip;  /* records that come before those that are wanted */
	u64 tsc;   /* of the record before */
	struct dump dump;
	bool was_on;
	u32 streams;
} state;

/* The command is over, or is given up: the trace is as it was before. */
static void let_go(void)
{
	if (state.dumps) {
		read_switch(state.was_on);
	}
	state.dumps = false;
	state.user = NULL;
}

/* At each call; false: another command has taken what this one uses. */
static bool take(struct debug_call *call)
{
	if (call->steps == 0) {
		let_go();
		state.user = call;
		call->given_up = let_go;
	}
	if (state.user == call) {
		return true;
	}
	debug_print(call, "ended by another trace command\n");
	call->given_up = NULL;
	return false;
}

/* ---- one record ---- */

static void print_vp_name(struct debug_call *call, u64 name)
{
	u64 number = FIELD_GET(RUN_PARTITION, name);
	const struct vp *vp =
		name <= (RUN_PARTITION | RUN_VP_INDEX) &&
				number < machine.partition_count
			? partition_vp(machine.partitions[number],
				       (u32)FIELD_GET(RUN_VP_INDEX, name))
			: NULL;

	if (vp == NULL) {
		debug_print(call, "-");
		return;
	}
	debug_print(call, "%s:%u", vp->partition->config->name, vp->number);
}

/* A flag that is not set, or a value that is not there yet. */
static bool says_nothing(const struct fields_field *field, u64 value)
{
	if (field->kind == FIELDS_FLAG) {
		return value == 0;
	}
	return (field->kind == FIELDS_STATUS || field->kind == FIELDS_TICKS) &&
	       value == TRACE_NOT_YET;
}

static void print_field(struct debug_call *call,
			const struct fields_field *field, u64 value)
{
	debug_print(call, " %s=", field->name);
	switch (field->kind) {
	case FIELDS_VP:
		print_vp_name(call, value);
		break;
	case FIELDS_DEC:
	case FIELDS_REASON:
	case FIELDS_TICKS:
	case FIELDS_CPU:
	case FIELDS_STATE:
	case FIELDS_FLAG:
		debug_print(call, "%llu", (unsigned long long)value);
		break;
	case FIELDS_HEX:
	case FIELDS_STATUS:
	case FIELDS_INFO:
	case FIELDS_RUN:
	case FIELDS_SET:
	case FIELDS_GVA:
	case FIELDS_GPA:
	case FIELDS_RANGE:
	case FIELDS_EVENT:
	case FIELDS_EVENTS:
	default:
		debug_print(call, "0x%llx", (unsigned long long)value);
		break;
	}
}

static void print_record(struct debug_call *call, u32 cpu,
			 const struct trace_record *record)
{
	const struct fields_field *field;

	debug_print(call, "%llu +%llu cpu%u ", (unsigned long long)record->tsc,
		    (unsigned long long)(record->tsc - state.tsc), cpu);
	state.tsc = record->tsc;
	print_vp_name(call, record->vp);
	debug_print(call, " %s", fields_event(record->event));
	for (u32 i = 0; (field = fields_at(i)) != NULL; i++) {
		u64 value = fields_value(field, record);

		if (field->event == record->event &&
		    !says_nothing(field, value)) {
			print_field(call, field, value);
		}
	}
	debug_print(call, "\n");
}

/* ---- show: all rings as one, by time ---- */

static void advance(u32 cpu)
{
	if (!read_next(&state.read[cpu], &state.next[cpu])) {
		state.next[cpu].event = 0;
	}
}

/* The CPU whose next record is the oldest; cpu_count: no record is left. */
static u32 oldest(void)
{
	u32 found = machine.cpu_count;

	for (u32 i = 0; i < machine.cpu_count; i++) {
		if (state.next[i].event != 0 &&
		    (found == machine.cpu_count ||
		     state.next[i].tsc < state.next[found].tsc)) {
			found = i;
		}
	}
	return found;
}

/* One more CPU, of which there are up to `count` records. */
static void begin_cpu(const struct debug_call *call, u32 cpu, u32 count)
{
	struct trace_record record;

	state.total = cpu == 0 ? 0 : state.total;
	read_begin(&state.read[cpu], machine.cpus[cpu], count);
	while (read_next(&state.read[cpu], &record)) {
		state.total++;
		debug_keep_up(call);
	}
	read_begin(&state.read[cpu], machine.cpus[cpu], count);
	advance(cpu);
	/* of all CPUs the last `count`: those before them are skipped */
	state.skip = state.total > count ? state.total - count : 0;
}

static u64 lost_of_all(void)
{
	u64 lost = 0;

	for (u32 i = 0; i < machine.cpu_count; i++) {
		lost += state.read[i].lost;
	}
	return lost;
}

static enum debug_end show(struct debug_call *call)
{
	u32 count = call->given > 1 ? (u32)call->value[1] : SHOWN_DEFAULT;

	if (call->cursor[0] < machine.cpu_count) {
		begin_cpu(call, (u32)call->cursor[0]++, count);
		return DEBUG_MORE;
	}
	for (u32 i = 0; i < MERGES && debug_has_room(call); i++) {
		debug_keep_up(call);

		u32 cpu = oldest();
		const struct trace_record *record = &state.next[cpu];

		if (cpu == machine.cpu_count) {
			debug_print(call, "%llu overwritten while read\n",
				    (unsigned long long)lost_of_all());
			let_go();
			return DEBUG_DONE;
		}
		if (state.skip != 0) {
			state.skip--;
			state.tsc = record->tsc;
		} else if (call->vp == NULL ||
			   record->vp == record_name(call->vp)) {
			print_record(call, cpu, record);
		}
		advance(cpu);
	}
	return DEBUG_MORE;
}

/* ---- dump: for tools/lethe-trace ---- */

static void describe(struct dump_about *about)
{
	about->tsc_hz = machine.tsc_hz;
	about->tsc_start = machine.start_tsc;
	about->tsc_now = port_tsc();
	about->cpus = (u16)machine.cpu_count;
	about->partitions = (u8)machine.partition_count;
	about->commit = machine.commit;
	for (u32 i = 0; i < machine.partition_count; i++) {
		const struct partition *p = machine.partitions[i];

		about->partition[i] = (struct dump_partition){
			.name = p->config->name,
			.number = (u8)p->number,
			.vps = (u16)p->vp_count,
			.stride = (u16)p->config->vp_index_stride,
		};
	}
}

static void print_line(struct debug_call *call, char *line, size_t len)
{
	line[len] = 0;
	debug_print(call, "%s", line);
}

/*
 * A frame of the CPU cursor[1]. The walk is made again from its place, because
 * how many records a frame takes is known only afterwards.
 */
static bool dump_frame(struct debug_call *call, u32 cpu)
{
	static struct trace_record records[FRAME_RECORDS];
	char line[DUMP_LINE_MAX + 1];
	struct read *read = &state.read[cpu];
	struct read from = *read;
	size_t count = 0;
	size_t taken;
	size_t len;

	while (count < FRAME_RECORDS && read_next(read, &records[count])) {
		count++;
	}
	if (count == 0) {
		state.dump.lost += read->lost;
		return false;
	}
	len = dump_records(&state.dump, (u16)cpu, records, count, &taken, line);
	*read = from;
	debug_keep_up(call);
	for (size_t i = 0; i < taken; i++) {
		(void)read_next(read, &records[0]);
	}
	print_line(call, line, len);
	return true;
}

/* The rings stand still meanwhile. */
static enum debug_end dump(struct debug_call *call)
{
	struct dump_about about = {0};
	char line[DUMP_LINE_MAX + 1];

	if (call->steps == 0) {
		state.was_on = read_is_on(machine.cpus[0]);
		state.dumps = true;
		read_switch(false);
		describe(&about);
		dump_start(&state.dump, ++state.streams);
		for (u32 i = 0; i < machine.cpu_count; i++) {
			read_begin(&state.read[i], machine.cpus[i],
				   (u32)RECORD_RING_COUNT);
		}
		print_line(call, line, dump_begin(&state.dump, &about, line));
		return DEBUG_MORE;
	}
	if (call->cursor[1] < machine.cpu_count) {
		if (!dump_frame(call, (u32)call->cursor[1])) {
			call->cursor[1]++;
		}
		return DEBUG_MORE;
	}
	print_line(call, line, dump_end(&state.dump, line));
	let_go();
	return DEBUG_DONE;
}

enum debug_end cmd_trace(struct debug_call *call)
{
	enum what what =
		call->given == 0 ? TRACE_CMD_SHOW : (enum what)call->value[0];

	if (!RECORD_ON) {
		debug_print(call, "built with TRACE=no\n");
		return DEBUG_DONE;
	}
	switch (what) {
	case TRACE_CMD_ON:
	case TRACE_CMD_OFF:
		read_switch(what == TRACE_CMD_ON);
		break;
	case TRACE_CMD_CLEAR:
		read_clear();
		break;
	case TRACE_CMD_MARK:
		record_here(TRACE_MARK,
			    call->given > 1 ? (u32)call->value[1] : 0, 0, 0);
		break;
	case TRACE_CMD_SHOW:
		return take(call) ? show(call) : DEBUG_DONE;
	case TRACE_CMD_DUMP:
	default:
		return take(call) ? dump(call) : DEBUG_DONE;
	}
	debug_print(call, "trace is %s\n",
		    read_is_on(machine.cpus[0]) ? "on" : "off");
	return DEBUG_DONE;
}
