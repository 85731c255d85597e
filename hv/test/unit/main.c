/* SPDX-License-Identifier: MIT */
/*
 * Runs the suites of suites.def and prints TAP. With an argument it runs only
 * the tests whose `suite/name` contains it. The exit status is 1 if a test
 * failed or none ran.
 */
#include <stdio.h>
#include <string.h>

#include "support/check.h"
#include "support/fake.h"

#define X(name) extern const struct suite suite_##name;
#include "unit/suites.def"
#undef X

#define X(name) &suite_##name,
static const struct suite *const suites[] = {
#include "unit/suites.def"
	NULL,
};
#undef X

struct tally {
	unsigned run;
	unsigned failed;
};

static void run_suite(const struct suite *suite, const char *only,
		      struct tally *tally)
{
	char name[160];

	for (unsigned i = 0; i < suite->count; i++) {
		const struct test *test = &suite->tests[i];

		snprintf(name, sizeof(name), "%s/%s", suite->name, test->name);
		if (only != NULL && strstr(name, only) == NULL) {
			continue;
		}
		fake_reset();
		bool ok = check_run(test->fn);

		tally->run++;
		tally->failed += ok ? 0 : 1;
		printf("%s %u - unit/%s\n", ok ? "ok" : "not ok", tally->run,
		       name);
	}
}

int main(int argc, char **argv)
{
	struct tally tally = {0};

	/*
	 * Lines are written at once, so that a sanitizer's report comes after
	 * the lines of earlier tests
	 */
	setvbuf(stdout, NULL, _IOLBF, 0);
	for (unsigned i = 0; suites[i] != NULL; i++) {
		run_suite(suites[i], argc > 1 ? argv[1] : NULL, &tally);
	}
	fake_reset();
	printf("1..%u\n", tally.run);
	return tally.failed != 0 || tally.run == 0;
}
