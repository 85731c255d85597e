/* SPDX-License-Identifier: MIT */
/* The linker makes the table of suites: kernel/guest.lds. */
#include "harness/suite.h"
#include "kernel/cmdline.h"
#include "kernel/serial.h"

extern const struct suite *const suite_table[];
extern const struct suite *const suite_table_end[];

size_t suite_count(void)
{
	return (size_t)(suite_table_end - suite_table);
}

const struct suite *suite_at(size_t i)
{
	return suite_table[i];
}

static void refuse(const struct suite *suite, const char *check)
{
	serial_puts("Bail out! two checks have the name ");
	serial_puts(suite->name);
	serial_put('/');
	serial_puts(check);
	serial_put('\n');
	serial_exit(2);
}

/* Is there another check of this name before check `k` of suite `i`? */
static bool is_second(size_t i, size_t k)
{
	const struct suite *suite = suite_at(i);
	const char *name = suite->checks[k].name;

	for (size_t j = 0; j <= i; j++) {
		const struct suite *other = suite_at(j);
		size_t count = j == i ? k : other->count;

		for (size_t n = 0;
		     cmdline_equal(other->name, suite->name) && n < count;
		     n++) {
			if (cmdline_equal(other->checks[n].name, name)) {
				return true;
			}
		}
	}
	return false;
}

void suite_check_names(void)
{
	for (size_t i = 0; i < suite_count(); i++) {
		const struct suite *suite = suite_at(i);

		for (size_t k = 0;
		     cmdline_has_suite(suite->name) && k < suite->count; k++) {
			if (is_second(i, k)) {
				refuse(suite, suite->checks[k].name);
			}
		}
	}
}
