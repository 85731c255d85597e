/* SPDX-License-Identifier: MIT */
/*
 * The threads are coroutines whose stacks can be copied. A thread that does not
 * run consists of its jmp_buf and the bytes from stack_live to stack_top.
 */
#include <string.h>
#include <ucontext.h>

#include "explorer/explore_state.h"

#define STACK_DIRTY 3072 /* no step needs more below its caller */

static char stacks[EXPLORE_THREADS_MAX][STACK_LEN] __aligned(64);
static void (*bodies[EXPLORE_THREADS_MAX])(void);
static jmp_buf search_context;
static ucontext_t search_ucontext;
static ucontext_t start_contexts[EXPLORE_THREADS_MAX];

void threads_reset(void)
{
	memset(stacks, 0, sizeof(stacks));
}

static __attribute__((noinline)) char *stack_here(void)
{
	return __builtin_frame_address(0);
}

void threads_yield(void)
{
	struct thread *t = &world.threads[running];

	if (t->enabled != memory_pause_over) {
		t->loaded_at = NULL;
		t->loaded = 0;
		t->loaded_size = 0;
	}
	t->stack_live = stack_here();
	if (_setjmp(t->context) == 0) {
		_longjmp(search_context, 1);
	}
}

static void thread_main(void)
{
	explore_step("start", NULL);
	bodies[running]();
	world.threads[running].done = true;
	threads_yield();
}

/*
 * Clears what is not in use on the stack, so that it does not make two equal
 * states differ.
 */
void threads_clear_dead(const struct thread *t)
{
	char *bottom = t->stack_top - STACK_LEN;
	size_t dead = (size_t)(t->stack_live - bottom);
	size_t clear = dead < STACK_DIRTY ? dead : STACK_DIRTY;

	memset(t->stack_live - clear, 0, clear);
}

void threads_run(u32 thread)
{
	running = thread;
	memory_apply(&world.threads[running]);
	if (_setjmp(search_context) == 0) {
		_longjmp(world.threads[running].context, 1);
	}
	world.threads[running].chosen = 0;
	memory_unapply(&world.threads[running]);
	threads_clear_dead(&world.threads[running]);
}

void threads_start(u32 thread, void (*body)(void))
{
	struct thread *t = &world.threads[thread];
	ucontext_t *start = &start_contexts[thread];

	bodies[thread] = body;
	t->stack_top = stacks[thread] + STACK_LEN;
	getcontext(start);
	start->uc_stack.ss_sp = stacks[thread];
	start->uc_stack.ss_size = STACK_LEN;
	start->uc_link = &search_ucontext;
	makecontext(start, thread_main, 0);
	running = thread;
	if (_setjmp(search_context) == 0) {
		setcontext(start);
	}
	threads_clear_dead(&world.threads[running]);
}
