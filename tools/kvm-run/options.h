/* SPDX-License-Identifier: MIT */
/* The command line of kvm-run. */
#ifndef TOOLS_KVM_RUN_OPTIONS_H
#define TOOLS_KVM_RUN_OPTIONS_H

#include "base/types.h"

#define OPTIONS_CPUS_MAX 255 /* 8-bit APIC IDs; 255 addresses all VPs */

struct options {
	const char *image;
	const char *cmdline;
	const char *device; /* /dev/kvm */
	u64 cpus;
	u64 memory; /* bytes */
	u64 stride; /* VP index of VP n is n * stride */
	u64 seconds;
	bool no_hyperv;
	bool enforce; /* MSRs and calls that CPUID does not show are refused */
	bool help;
	bool version;
};

/* A wrong command line ends kvm-run with a message. */
struct options options_parse(int argc, char **argv);

void options_help(void);

#endif
