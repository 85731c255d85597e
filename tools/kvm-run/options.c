/* SPDX-License-Identifier: MIT */
/* One table of options; numbers are decimal or 0x..., sizes may end in K M G.
 */
#include "options.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "say.h"

struct option {
	const char *name;
	size_t at; /* offset in struct options */
	enum { FLAG, NUMBER, SIZE, TEXT } kind;
	u64 min;
	u64 max;
	const char *help;
};

#define AT(_field) offsetof(struct options, _field)

/* clang-format off */
static const struct option table[] = {
	{"--cpus", AT(cpus), NUMBER, 1, OPTIONS_CPUS_MAX,
	 "N           number of VPs; VP n runs on CPU n mod CPUs (1)"},
	{"--memory", AT(memory), SIZE, 2 * MIB, 3 * GIB,
	 "SIZE      RAM from address 0, in whole pages, 2M to 3G (64M)"},
	{"--cmdline", AT(cmdline), TEXT, 0, 0,
	 "TEXT     the kernel's command line (empty)"},
	{"--stride", AT(stride), NUMBER, 1, 4095,
	 "S         VP index of VP n is n x S (1)"},
	{"--seconds", AT(seconds), NUMBER, 1, 1000000,
	 "S        end with status 124 after S seconds (never)"},
	{"--device", AT(device), TEXT, 0, 0,
	 "PATH      the device of KVM (/dev/kvm)"},
	{"--no-hyperv", AT(no_hyperv), FLAG, 0, 0,
	 "       run without the Hyper-V interface"},
	{"--enforce", AT(enforce), FLAG, 0, 0,
	 "         refuse Hyper-V MSRs and calls that CPUID does not show"},
	{"--help", AT(help), FLAG, 0, 0, "            print this text"},
	{"--version", AT(version), FLAG, 0, 0, "         print the version"},
};
/* clang-format on */

void options_help(void)
{
	printf("usage: kvm-run [OPTION]... KERNEL\n"
	       "Runs an ELF kernel with a PVH entry under KVM with the Hyper-V "
	       "interface that\nKVM has. Its devices: a 16550 at 0x3F8, on "
	       "stdout, and an exit port at 0xF4.\n\n");
	for (size_t i = 0; i < ARRAY_SIZE(table); i++) {
		printf("  %s %s\n", table[i].name, table[i].help);
	}
	printf("\nExit status: the byte that the kernel wrote to port 0xF4; %d "
	       "after a triple\nfault; %d after the time of --seconds; %d if "
	       "kvm-run failed, with the reason\non stderr.\n",
	       SAY_TRIPLE_FAULT, SAY_TIME, SAY_FAILED);
}

static u64 unit_of(const char *end)
{
	static const char units[] = "KMG";
	const char *found = *end != 0 ? strchr(units, *end) : NULL;

	if (*end == 0) {
		return 1;
	}
	if (found == NULL || end[1] != 0) {
		return 0;
	}
	return 1ull << (10 * (u64)(found - units + 1));
}

static u64 parse_number(const struct option *option, const char *text)
{
	char *end;
	u64 value = strtoull(text, &end, 0);
	u64 unit = option->kind == SIZE ? unit_of(end) : *end == 0;

	if (end == text || *text == '-' || unit == 0 ||
	    value > option->max / unit || value * unit < option->min) {
		u64 shown = option->kind == SIZE ? MIB : 1;

		say_failed("%s: expected %llu to %llu%s, found `%s`",
			   option->name,
			   (unsigned long long)(option->min / shown),
			   (unsigned long long)(option->max / shown),
			   option->kind == SIZE ? " (M)" : "", text);
	}
	return value * unit;
}

static const struct option *find(const char *name)
{
	for (size_t i = 0; i < ARRAY_SIZE(table); i++) {
		if (strcmp(table[i].name, name) == 0) {
			return &table[i];
		}
	}
	say_failed("unknown option `%s`; kvm-run --help lists them", name);
}

static void store(struct options *o, const struct option *option,
		  const char *value)
{
	void *field = (char *)o + option->at;

	switch (option->kind) {
	case FLAG:
		*(bool *)field = true;
		break;
	case TEXT:
		*(const char **)field = value;
		break;
	case NUMBER:
	case SIZE:
	default:
		*(u64 *)field = parse_number(option, value);
		break;
	}
}

struct options options_parse(int argc, char **argv)
{
	struct options o = {.cmdline = "",
			    .device = "/dev/kvm",
			    .cpus = 1,
			    .memory = 64 * MIB,
			    .stride = 1};

	for (int i = 1; i < argc; i++) {
		const struct option *option;

		if (argv[i][0] != '-') {
			if (o.image != NULL) {
				say_failed("expected one kernel, found `%s` "
					   "and `%s`",
					   o.image, argv[i]);
			}
			o.image = argv[i];
			continue;
		}
		option = find(argv[i]);
		if (option->kind != FLAG && i + 1 == argc) {
			say_failed("%s: expected a value, found none",
				   option->name);
		}
		store(&o, option, option->kind != FLAG ? argv[++i] : NULL);
	}
	if (o.image == NULL && !o.help && !o.version) {
		say_failed("expected a kernel, found none; see kvm-run --help");
	}
	return o;
}
