/* SPDX-License-Identifier: MIT */
/* The command line of kvm-run. */
#ifndef TOOLS_KVM_RUN_OPTIONS_H
#define TOOLS_KVM_RUN_OPTIONS_H

#include "base/types.h"

#define OPTIONS_CPUS_MAX 255 /* APIC IDs of 8 bits, 255 is "all" */

struct options {
	const char *image;
	const char *cmdline;
	const char *device; /* /dev/kvm */
	u64 cpus;
	u64 memory; /* bytes */
	u64 stride; /* VP index of VP n is n * stride */
	u64 seconds;
	bool no_hyperv;
	bool enforce; /* CPUID rules what MSRs and calls there are */
	bool help;
	bool version;
};

/* Ends with a message where the command line is not understood. */
struct options options_parse(int argc, char **argv);

void options_help(void);

#endif
