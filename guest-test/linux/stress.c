/* SPDX-License-Identifier: MIT */
/* Runs a program and shows what it prints. */
#include "linux/stress.h"
#include "linux/samples.h"
#include "linux/tap.h"
#include "linux/words.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>
#include <x86intrin.h>

#define ARGS_MAX 32

/* In the child: never returns. */
static void become(char *command, int output)
{
	char *args[ARGS_MAX + 1] = {NULL};
	char *rest = NULL;
	char *word = strtok_r(command, ",", &rest);

	for (int i = 0; i < ARGS_MAX && word != NULL; i++) {
		args[i] = word;
		word = strtok_r(NULL, ",", &rest);
	}
	dup2(output, STDOUT_FILENO);
	dup2(output, STDERR_FILENO);
	if (args[0] != NULL) {
		execv(args[0], args);
	}
	_exit(127);
}

/* Until the child and all that it started have closed the pipe. */
static void show(int input)
{
	char line[256];
	FILE *file = fdopen(input, "r");

	while (file != NULL && fgets(line, sizeof(line), file) != NULL) {
		line[strcspn(line, "\n")] = '\0';
		tap_note("stress %s", line);
	}
	if (file != NULL) {
		fclose(file);
	}
}

/* The whole program is one operation. */
static void report(uint64_t ticks)
{
	struct samples whole;

	if (samples_make(&whole, 1) && samples_add(&whole, ticks)) {
		samples_report(&whole, &(struct samples_of){
					       .name = "stress",
					       .threads = (unsigned int)sysconf(
						       _SC_NPROCESSORS_ONLN),
					       .elapsed = ticks});
	}
}

void stress_job(void)
{
	char *command = strdup(words_text("stress", ""));
	int ends[2];
	int status = -1;
	uint64_t before;
	pid_t child;

	if (command == NULL || pipe2(ends, O_CLOEXEC) < 0) {
		tap_result(false, "stress/start");
		free(command);
		return;
	}
	before = __rdtsc();
	child = fork();
	if (child == 0) {
		become(command, ends[1]);
	}
	close(ends[1]);
	show(ends[0]);
	tap_result(child > 0 && waitpid(child, &status, 0) == child &&
			   status == 0,
		   "stress/status");
	report(__rdtsc() - before);
	free(command);
}
