/* SPDX-License-Identifier: MIT */
/*
 * Loads a kernel with Lethe's own code (hv/common/image). This file reads the
 * kernel's file and implements what that code needs of core/port/port.h.
 */
#include "memory.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/image/image_write.h"
#include "core/port/port.h"

#include "say.h"

void memory_take(struct partition *p, u64 len)
{
	void *ram = mmap(NULL, len, PROT_READ | PROT_WRITE,
			 MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

	if (ram == MAP_FAILED) {
		say_failed("--memory: expected %llu MiB free, found: %s",
			   (unsigned long long)(len / MIB), strerror(errno));
	}
	*p = (struct partition){.ram = ram, .len = len};
}

enum err port_write_guest(struct partition *p, gpa_t to, const void *from,
			  size_t len)
{
	if (to.v > p->len || len > p->len - to.v) {
		return ERR_RANGE;
	}
	memcpy(p->ram + to.v, from, len);
	return ERR_OK;
}

static const void *map_file(const char *path, size_t *len)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	struct stat st;
	void *file;

	if (fd < 0 || fstat(fd, &st) != 0) {
		say_failed("%s: expected a readable file, found: %s", path,
			   strerror(errno));
	}
	if (!S_ISREG(st.st_mode) || st.st_size == 0) {
		say_failed("%s: expected a PVH kernel, found %s", path,
			   S_ISREG(st.st_mode) ? "an empty file"
					       : "no regular file");
	}
	*len = (size_t)st.st_size;
	file = mmap(NULL, *len, PROT_READ, MAP_PRIVATE, fd, 0);
	if (file == MAP_FAILED) {
		say_failed("%s: %s", path, strerror(errno));
	}
	close(fd);
	return file;
}

struct memory_entry memory_load(struct partition *p, const char *path,
				const char *cmdline)
{
	static struct image_plan plan;
	static u8 pages[IMAGE_PAGES_MAX * PAGE_SIZE];
	struct image_input input = {
		.cmdline = cmdline,
		.cmdline_len = strlen(cmdline),
		.memory = p->len,
	};
	const char *why;

	input.image = map_file(path, &input.image_len);
	if (image_plan(&plan, &input, &why) != ERR_OK) {
		say_failed("%s: %s", path, why);
	}
	if (plan.start != IMAGE_START_PVH) {
		say_failed("%s: expected a PVH kernel, found a Linux bzImage; "
			   "give the uncompressed kernel, vmlinux",
			   path);
	}
	image_write_pages(&plan, &input, pages);
	if (image_write(&plan, p, input.image, NULL) != ERR_OK) {
		say_failed("%s: expected a kernel that fits into RAM, found a "
			   "larger one; try more --memory",
			   path);
	}
	return (struct memory_entry){(u32)plan.entry, (u32)plan.info};
}
