/* SPDX-License-Identifier: MIT */
/*
 * kvm-run runs a PVH kernel on KVM; main() lists the steps. It loads the kernel
 * before it opens KVM, so that a bad kernel is reported even without KVM.
 */
#include <signal.h>
#include <stdio.h>
#include <unistd.h>

#include "memory.h"
#include "options.h"
#include "say.h"
#include "vm.h"
#include "vp.h"

static void time_is_over(int number)
{
	static const char text[] = "kvm-run: the time of --seconds is over\n";

	(void)number;
	(void)!write(STDERR_FILENO, text, sizeof(text) - 1);
	_exit(SAY_TIME);
}

int main(int argc, char **argv)
{
	static struct partition partition;
	static struct vm vm;
	struct options o = options_parse(argc, argv);
	struct memory_entry start;

	if (o.help || o.version) {
		if (o.help) {
			options_help();
		} else {
			printf("kvm-run " LETHE_VERSION "\n");
		}
		return 0;
	}
	memory_take(&partition, o.memory);
	start = memory_load(&partition, o.image, o.cmdline);
	vm_create(&vm, &o, &partition);
	if (o.seconds != 0) {
		signal(SIGALRM, time_is_over);
		alarm((unsigned)o.seconds);
	}
	vp_run_all(&vm, &o, start);
}
