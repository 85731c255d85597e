/* SPDX-License-Identifier: MIT */
/* Reads /proc/interrupts, /dev/kmsg and tracefs. */
#include "linux/observe.h"
#include "linux/tap.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define TRACING "/sys/kernel/tracing/"
#define CALLS   TRACING "events/hyperv/hyperv_mmu_flush_tlb_multi/enable"
#define CEILING "/sys/kernel/debug/x86/tlb_single_page_flush_ceiling"
#define ENTRY   (4096UL << 12) /* bytes of one list entry, at most */

static bool put(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC);
	bool ok = fd >= 0 &&
		  write(fd, text, strlen(text)) == (ssize_t)strlen(text);

	if (fd >= 0) {
		close(fd);
	}
	return ok;
}

bool observe_start(void)
{
	return put(CALLS, "1");
}

bool observe_set_ceiling(unsigned int pages)
{
	char text[16];

	snprintf(text, sizeof(text), "%u", pages);
	return put(CEILING, text);
}

/* The row as the kernel prints it: a count for each CPU, then its name. */
static void report_row(void)
{
	char line[4096];
	FILE *file = fopen("/proc/interrupts", "re");

	while (file != NULL && fgets(line, sizeof(line), file) != NULL) {
		char *row = line + strspn(line, " ");

		if (strncmp(row, "TLB:", 4) == 0) {
			row[strcspn(row, "\n")] = '\0';
			tap_note("interrupts %s", row);
		}
	}
	if (file != NULL) {
		fclose(file);
	}
}

/* Linux, Documentation/ABI/testing/dev-kmsg: a read gives one record, whose
 * text follows a semicolon. */
static void report_log(void)
{
	char record[8192];
	int fd = open("/dev/kmsg", O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	ssize_t got;

	while (fd >= 0 && ((got = read(fd, record, sizeof(record) - 1)) > 0 ||
			   (got < 0 && errno == EPIPE))) {
		char *text;

		if (got < 0) {
			continue; /* some records were overwritten */
		}
		record[got] = '\0';
		text = strchr(record, ';');
		if (text == NULL || text[1] == '#' ||
		    strstr(text, "Hyper-V") == NULL) {
			continue;
		}
		text[strcspn(text, "\n")] = '\0';
		tap_note("log %s", text + 1);
	}
	if (fd >= 0) {
		close(fd);
	}
}

struct calls {
	unsigned long all;
	unsigned long space; /* of a whole address space */
	unsigned long entries[8];
};

/* `… ncpus 3 mm … addr 7f6d9fcb1000, end 7f6d9fcb9000` */
static void count_call(const char *line, struct calls *calls)
{
	const char *at = strstr(line, " addr ");
	unsigned long addr;
	unsigned long end;
	unsigned long entries;

	if (at == NULL || sscanf(at, " addr %lx, end %lx", &addr, &end) != 2) {
		return;
	}
	calls->all++;
	entries = (end - addr + ENTRY - 1) / ENTRY;
	if (end == ~0UL) {
		calls->space++;
	} else if (entries < sizeof(calls->entries) / sizeof(entries)) {
		calls->entries[entries]++;
	}
}

static void report_trace(void)
{
	char line[512];
	struct calls calls = {0};
	FILE *file = fopen(TRACING "trace", "re");

	if (file == NULL) {
		return;
	}
	while (fgets(line, sizeof(line), file) != NULL) {
		if (strstr(line, "hyperv_mmu_flush_tlb_multi") != NULL) {
			count_call(line, &calls);
		}
	}
	fclose(file);
	tap_note("trace calls=%lu space=%lu entries1=%lu entries2=%lu "
		 "entries3=%lu entries4=%lu",
		 calls.all, calls.space, calls.entries[1], calls.entries[2],
		 calls.entries[3], calls.entries[4]);
}

void observe_report(void)
{
	report_row();
	report_log();
	report_trace();
}
