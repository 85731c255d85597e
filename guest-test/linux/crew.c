/* SPDX-License-Identifier: MIT */
/* Starts the threads, lets them begin together, and waits for them. */
#include "linux/crew.h"

#include <pthread.h>
#include <sched.h>
#include <sys/wait.h>
#include <unistd.h>
#include <x86intrin.h>

static pthread_barrier_t barrier;

static void *run(void *arg)
{
	struct crew_member *member = arg;

	pthread_barrier_wait(&barrier);
	member->begin = __rdtsc();
	member->work(member);
	member->end = __rdtsc();
	return NULL;
}

static bool start(struct crew_member *member, pthread_t *thread)
{
	pthread_attr_t attr;
	cpu_set_t set;
	bool ok;

	CPU_ZERO(&set);
	CPU_SET(member->cpu, &set);
	pthread_attr_init(&attr);
	ok = pthread_attr_setaffinity_np(&attr, sizeof(set), &set) == 0 &&
	     pthread_create(thread, &attr, run, member) == 0;
	pthread_attr_destroy(&attr);
	return ok;
}

bool crew_run(struct crew *crew, void (*work)(struct crew_member *),
	      void *shared)
{
	pthread_t threads[CREW_MAX];
	bool ok = true;

	pthread_barrier_init(&barrier, NULL, crew->count);
	for (unsigned int i = 0; i < crew->count; i++) {
		crew->members[i] = (struct crew_member){
			.cpu = i, .work = work, .shared = shared};
		if (!start(&crew->members[i], &threads[i])) {
			return false; /* the process ends, and its threads */
		}
	}
	for (unsigned int i = 0; i < crew->count; i++) {
		pthread_join(threads[i], NULL);
		ok = ok && !crew->members[i].failed;
	}
	pthread_barrier_destroy(&barrier);
	return ok;
}

uint64_t crew_elapsed(const struct crew *crew)
{
	uint64_t begin = crew->members[0].begin;
	uint64_t end = crew->members[0].end;

	for (unsigned int i = 1; i < crew->count; i++) {
		const struct crew_member *member = &crew->members[i];

		begin = member->begin < begin ? member->begin : begin;
		end = member->end > end ? member->end : end;
	}
	return end - begin;
}

bool crew_apart(bool (*body)(void *), void *argument)
{
	cpu_set_t first;
	cpu_set_t before;
	int status = -1;
	pid_t child;

	CPU_ZERO(&first);
	CPU_SET(0, &first);
	sched_getaffinity(0, sizeof(before), &before);
	sched_setaffinity(0, sizeof(first), &first); /* the child inherits it */
	child = fork();
	if (child == 0) {
		_exit(body(argument) ? 0 : 1);
	}
	sched_setaffinity(0, sizeof(before), &before);
	return child > 0 && waitpid(child, &status, 0) == child && status == 0;
}
