/* SPDX-License-Identifier: MIT */
/*
 * A window of virtual memory whose pages are replaced, all at once, by other
 * pages. The file that is mapped has WINDOW_PARTS parts, and each page of a
 * part holds a value of its own, for ever: so a reader knows from the value
 * which part its translation leads to.
 */
#ifndef GUEST_TEST_LINUX_WINDOW_H
#define GUEST_TEST_LINUX_WINDOW_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define WINDOW_PAGES 8
#define WINDOW_PARTS 3 /* the last, the current and the next one differ */

struct window {
	int fd;
	unsigned char *base;
	size_t step; /* bytes from one page that is read to the next */
	size_t len;
};

/* Makes the file and reserves the addresses. `step`: a multiple of 4096. */
bool window_make(struct window *w, size_t step);

/* Shows the part that belongs to `epoch`. */
bool window_show(const struct window *w, uint64_t epoch);

/* What page number `page` of the window holds now. */
static inline uint64_t window_read(const struct window *w, unsigned int page)
{
	return *(const volatile uint64_t *)(const void *)(w->base +
							  page * w->step);
}

/* The value of a page while `epoch` is shown. */
uint64_t window_value(uint64_t epoch, unsigned int page);

#endif
