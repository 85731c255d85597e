/* SPDX-License-Identifier: MIT */
/* The window of the coherence checker, over a memfd. */
#include "linux/window.h"

#include <sys/mman.h>
#include <unistd.h>

#define MARK 0x5afe000000000000 /* no page that is not the window's has it */

uint64_t window_value(uint64_t epoch, unsigned int page)
{
	return MARK | (epoch % WINDOW_PARTS) << 8 | page;
}

/* Writes by the file, so that no mapping but the readers' is ever used. */
static bool fill(const struct window *w)
{
	for (unsigned int part = 0; part < WINDOW_PARTS; part++) {
		for (unsigned int page = 0; page < WINDOW_PAGES; page++) {
			uint64_t value = window_value(part, page);
			off_t at = (off_t)(part * w->len + page * w->step);

			if (pwrite(w->fd, &value, sizeof(value), at) !=
			    sizeof(value)) {
				return false;
			}
		}
	}
	return true;
}

bool window_make(struct window *w, size_t step)
{
	void *at;

	w->step = step;
	w->len = step * WINDOW_PAGES;
	w->fd = memfd_create("window", MFD_CLOEXEC);
	if (w->fd < 0 || ftruncate(w->fd, (off_t)(w->len * WINDOW_PARTS)) < 0 ||
	    !fill(w)) {
		return false;
	}
	at = mmap(NULL, w->len, PROT_NONE,
		  MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	w->base = at;
	return at != MAP_FAILED;
}

bool window_show(const struct window *w, uint64_t epoch)
{
	off_t part = (off_t)(epoch % WINDOW_PARTS * w->len);

	return mmap(w->base, w->len, PROT_READ, MAP_SHARED | MAP_FIXED, w->fd,
		    part) == w->base;
}
