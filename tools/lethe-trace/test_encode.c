/* SPDX-License-Identifier: MIT */
/*
 * For tests: makes a dump of records that stdin lists, by the hypervisor's own
 * encoder. Lines, in which all numbers are hexadecimal:
 *
 *     stream ID
 *     begin TSC_HZ TSC_START TSC_NOW CPUS COMMIT [NAME NUMBER VPS STRIDE]...
 *     record CPU TSC EVENT FLAGS VP A0 A1 A2
 *     end LOST
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/trace/dump.h"

#define QUEUE 4096

static struct dump dump;
static struct trace_record queue[QUEUE];
static size_t queued;
static u16 queue_cpu;

static void print(const char *line, size_t len)
{
	fwrite(line, 1, len, stdout);
}

static void send_queue(void)
{
	char line[DUMP_LINE_MAX] = {0};
	size_t taken;

	for (size_t at = 0; at < queued; at += taken) {
		print(line, dump_records(&dump, queue_cpu, &queue[at],
					 queued - at, &taken, line));
	}
	queued = 0;
}

static u64 number(void)
{
	const char *word = strtok(NULL, " \n");

	return word != NULL ? strtoull(word, NULL, 16) : 0;
}

static void begin(void)
{
	struct dump_about about = {.tsc_hz = number()};
	char line[DUMP_LINE_MAX] = {0};
	const char *name;

	about.tsc_start = number();
	about.tsc_now = number();
	about.cpus = (u16)number();
	about.commit = strtok(NULL, " \n");
	for (name = strtok(NULL, " \n");
	     name != NULL && about.partitions < CONFIG_PARTITIONS_MAX;
	     name = strtok(NULL, " \n")) {
		struct dump_partition *p = &about.partition[about.partitions];

		p->name = name;
		p->number = (u8)number();
		p->vps = (u16)number();
		p->stride = (u16)number();
		about.partitions++;
	}
	print(line, dump_begin(&dump, &about, line));
}

static void record(void)
{
	u16 cpu = (u16)number();
	struct trace_record r = {.tsc = number()};

	r.event = (u8)number();
	r.flags = (u8)number();
	r.vp = (u16)number();
	r.a0 = (u32)number();
	r.a1 = number();
	r.a2 = number();
	if (queued == QUEUE || cpu != queue_cpu) {
		send_queue();
	}
	queue_cpu = cpu;
	queue[queued] = r;
	queued++;
}

static void end(void)
{
	char line[DUMP_LINE_MAX] = {0};

	send_queue();
	dump.lost = number();
	print(line, dump_end(&dump, line));
}

int main(void)
{
	char text[1024];

	while (fgets(text, sizeof(text), stdin) != NULL) {
		const char *word = strtok(text, " \n");

		if (word == NULL) {
			continue;
		}
		if (strcmp(word, "stream") == 0) {
			dump_start(&dump, (u32)number());
		} else if (strcmp(word, "begin") == 0) {
			begin();
		} else if (strcmp(word, "record") == 0) {
			record();
		} else {
			end();
		}
	}
	return 0;
}
