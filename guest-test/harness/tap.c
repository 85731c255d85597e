/* SPDX-License-Identifier: MIT */
/* Counts and prints results. */
#include "harness/tap.h"
#include "kernel/cpu.h"
#include "kernel/die.h"
#include "kernel/relax.h"
#include "kernel/serial.h"
#include "kernel/vp.h"

#define DETAILS_MAX 6 /* lines of a check: a byte takes thousands of ticks */

static const char *suite_name = "start";
static const char *check_name = "guest";
static const char *skip_reason;
static u32 failures; /* of the running check; any VP */
static u32 printing;
static u32 passed;
static u32 failed;
static u32 skipped;

void tap_begin(const char *suite, const char *check)
{
	suite_name = suite;
	check_name = check;
	skip_reason = NULL;
	failures = 0;
}

static void put_result(bool ok)
{
	serial_puts(ok ? "ok " : "not ok ");
	serial_put_dec(passed + failed + skipped);
	serial_puts(" - ");
	serial_puts(suite_name);
	serial_put('/');
	serial_puts(check_name);
}

void tap_end(void)
{
	if (failures != 0) {
		failed++;
		put_result(false);
	} else if (skip_reason != NULL) {
		skipped++;
		put_result(true);
		serial_puts(" # SKIP ");
		serial_puts(skip_reason);
	} else {
		passed++;
		put_result(true);
	}
	serial_put('\n');
	suite_name = "between";
	check_name = "checks";
}

void tap_skip(const char *reason)
{
	skip_reason = reason;
}

/* Keeps lines of several VPs apart. Interrupts stay enabled in the wait. */
static void print_lock(void)
{
	while (__atomic_exchange_n(&printing, 1, __ATOMIC_ACQUIRE) != 0) {
		relax();
	}
}

static void print_unlock(void)
{
	__atomic_store_n(&printing, 0, __ATOMIC_RELEASE);
}

static bool result(bool holds, const char *what, u64 got, const char *relation,
		   u64 want)
{
	if (holds) {
		return true;
	}

	u32 before = __atomic_fetch_add(&failures, 1, __ATOMIC_SEQ_CST);

	if (before < DETAILS_MAX) {
		print_lock();
		serial_puts("# ");
		serial_puts(what);
		serial_puts(": ");
		serial_put_hex(got);
		serial_puts(relation);
		serial_put_hex(want);
		serial_puts(" vp ");
		serial_put_dec(vp_self()->id);
		serial_put('\n');
		print_unlock();
	}
	return false;
}

bool tap_equal(const char *what, u64 got, u64 want)
{
	return result(got == want, what, got, ", not ", want);
}

bool tap_true(const char *what, bool holds)
{
	return result(holds, what, holds, ", not ", 1);
}

bool tap_at_least(const char *what, u64 got, u64 limit)
{
	return result(got >= limit, what, got, " < ", limit);
}

bool tap_at_most(const char *what, u64 got, u64 limit)
{
	return result(got <= limit, what, got, " > ", limit);
}

void tap_note(const char *name, u64 a, u64 b)
{
	print_lock();
	serial_puts("# ");
	serial_puts(name);
	serial_put(' ');
	serial_put_dec(a);
	serial_put(' ');
	serial_put_dec(b);
	serial_put('\n');
	print_unlock();
}

void tap_note_hex(const char *name, u64 a, u64 b)
{
	print_lock();
	serial_puts("# ");
	serial_puts(name);
	serial_put(' ');
	serial_put_hex(a);
	serial_put(' ');
	serial_put_hex(b);
	serial_put('\n');
	print_unlock();
}

void tap_heading(const char *heading)
{
	print_lock();
	serial_puts("# heading ");
	serial_puts(heading);
	serial_put('\n');
	print_unlock();
}

static void put_summary(void)
{
	serial_puts("# SUMMARY passed=");
	serial_put_dec(passed);
	serial_puts(" failed=");
	serial_put_dec(failed);
	serial_puts(" skipped=");
	serial_put_dec(skipped);
	serial_put('\n');
}

static void report_end(const char *why)
{
	failed++;
	put_result(false);
	serial_puts(" # ");
	serial_puts(why);
	serial_put('\n');
	put_summary();
}

void tap_init(void)
{
	die_report = report_end;
}

u8 tap_finish(void)
{
	serial_puts("1..");
	serial_put_dec(passed + failed + skipped);
	serial_put('\n');
	put_summary();
	return failed == 0 ? 0 : 1;
}
