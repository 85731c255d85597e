/* SPDX-License-Identifier: MIT */
/*
 * key=value words: suite=a,b cpus=N seed=S rounds=R stride=N profile=all|linux
 * only=CHECK|BEGINNING* watchdog=TICKS at=0x… memory=BYTES idle=spin|hlt
 * partition=ID partitions=N force=1 overcommit=1 slice=US headings=1
 * skip=TAG,TAG invvpid=TYPES
 */
#ifndef GUEST_TEST_KERNEL_CMDLINE_H
#define GUEST_TEST_KERNEL_CMDLINE_H

#include "base/types.h"

#define CMDLINE_MAX        1024
#define CMDLINE_SUITES_MAX 256

struct cmdline {
	char text[CMDLINE_MAX];
	char suites[CMDLINE_SUITES_MAX]; /* comma separated */
	char only[64];    /* the one check to run; empty: all of them */
	char skip[64];    /* tags of checks to leave out, comma separated */
	char invvpid[8];  /* the types that the CPU has, a digit each */
	char profile[32]; /* what CPUID is compared with; "any": nothing */
	u64 cpus;
	u64 seed;
	u64 rounds;      /* 0: each suite's own default */
	u64 stride;      /* VP index = n * stride */
	u64 watchdog;    /* TSC ticks that a check may take */
	u64 at;          /* guest-physical, suite isolate-* */
	u64 slice;       /* of a VP that shares its CPU, microseconds */
	u64 partition;   /* its own PartitionId */
	u64 partitions;  /* of the machine */
	u64 memory;      /* expected end of RAM; 0: not compared */
	bool idle_hlt;   /* free VPs halt and are woken by an IPI */
	bool force;      /* go on without a Hyper-V interface */
	bool overcommit; /* VPs share CPUs: waits yield, idle halts */
	bool headings;   /* print the heading of each check */
	bool whole;      /* flush-exact = no */
	/* the first word that is not understood: its key, what was expected */
	const char *error;
	const char *error_expected; /* NULL: a known key */
};

/* Parses `text`; an absent key has its default. */
void cmdline_init(const char *text);
const struct cmdline *cmdline_get(void);

/* Is `name` one of the comma separated suites? */
bool cmdline_has_suite(const char *name);

/* Does skip= name this tag? */
bool cmdline_skips(const char *tag);

/*
 * Copies the first word of the comma separated `list` to `name`, cut if it is
 * longer; returns what follows the comma, NULL if there is none.
 */
const char *cmdline_next(const char *list, char *name, size_t max);

/* The name of key `i`; NULL after the last one. */
const char *cmdline_key(size_t i);

/* rounds= or, without it, `fallback` */
u64 cmdline_rounds(u64 fallback);

bool cmdline_equal(const char *a, const char *b);

/* Are they equal, or is `pattern` a beginning of `text` and a *? */
bool cmdline_matches(const char *pattern, const char *text);

#endif
