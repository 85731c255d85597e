/* SPDX-License-Identifier: MIT */
/* Compares names before any check runs; comment lines list the right ones. */
#include "harness/choice.h"
#include "kernel/cmdline.h"
#include "kernel/serial.h"

#define LINE_WIDTH 100
#define LINES_MAX  24 /* a byte on the console costs thousands of ticks */

/* Comment lines `# HEAD name name`; beyond LINES_MAX names are counted only. */
struct list {
	const char *head;
	u32 width; /* of the line that is being written; 0: none */
	u32 lines;
	u32 left_out;
};

static u32 length(const char *text)
{
	u32 count = 0;

	while (text[count] != '\0') {
		count++;
	}
	return count;
}

static void list_end_line(struct list *list)
{
	if (list->width != 0) {
		serial_put('\n');
	}
	list->width = 0;
}

static void list_add(struct list *list, const char *name)
{
	u32 width = length(name) + 1;

	if (list->width + width > LINE_WIDTH) {
		list_end_line(list);
	}
	if (list->width == 0) {
		if (list->lines == LINES_MAX) {
			list->left_out++;
			return;
		}
		list->lines++;
		serial_puts("# ");
		serial_puts(list->head);
		list->width = length(list->head) + 2;
	}
	serial_put(' ');
	serial_puts(name);
	list->width += width;
}

static void list_end(struct list *list)
{
	list_end_line(list);
	if (list->left_out != 0) {
		serial_puts("# and ");
		serial_put_dec(list->left_out);
		serial_puts(" more\n");
	}
}

static bool is_first_of_name(size_t i)
{
	size_t k = 0;

	while (!cmdline_equal(suite_at(k)->name, suite_at(i)->name)) {
		k++;
	}
	return k == i;
}

static void list_suites(void)
{
	struct list list = {.head = "suites:"};

	for (size_t i = 0; i < suite_count(); i++) {
		if (is_first_of_name(i)) {
			list_add(&list, suite_at(i)->name);
		}
	}
	list_end(&list);
}

static void list_checks(void)
{
	struct list list = {.head = "checks:"};

	for (size_t i = 0; i < suite_count(); i++) {
		const struct suite *suite = suite_at(i);

		if (!cmdline_has_suite(suite->name)) {
			continue;
		}
		for (size_t k = 0; k < suite->count; k++) {
			list_add(&list, suite->checks[k].name);
		}
	}
	list_end(&list);
}

static bool is_suite(const char *name)
{
	for (size_t i = 0; i < suite_count(); i++) {
		if (cmdline_equal(suite_at(i)->name, name)) {
			return true;
		}
	}
	return false;
}

static __noreturn void bail_out(const char *key, const char *value,
				const char *expected)
{
	serial_puts("Bail out! ");
	serial_puts(key);
	serial_puts(value);
	serial_puts(": expected ");
	serial_puts(expected);
	serial_put('\n');
	serial_exit(2);
}

static void check_suites(void)
{
	const char *at = cmdline_get()->suites;
	char name[CMDLINE_SUITES_MAX];

	do {
		at = cmdline_next(at, name, sizeof(name));
		if (!is_suite(name)) {
			list_suites();
			bail_out("suite=", name, "one of the suites above");
		}
	} while (at != NULL);
}

static bool has_any(void)
{
	for (size_t i = 0; i < suite_count(); i++) {
		const struct suite *suite = suite_at(i);

		for (size_t k = 0;
		     cmdline_has_suite(suite->name) && k < suite->count; k++) {
			if (choice_has_check(&suite->checks[k])) {
				return true;
			}
		}
	}
	return false;
}

void choice_check(void)
{
	check_suites();
	if (!has_any()) {
		list_checks();
		bail_out("only=", cmdline_get()->only,
			 "one of the checks above, or a beginning and *");
	}
}

bool choice_has_check(const struct check *check)
{
	const char *only = cmdline_get()->only;

	return only[0] == '\0' || cmdline_matches(only, check->name);
}
