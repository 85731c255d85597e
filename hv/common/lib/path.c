/* SPDX-License-Identifier: MIT */
/* Turns a path into the list of its names, resolved from left to right. */
#include "common/lib/path.h"

static bool is_slash(char c)
{
	return c == '/' || c == '\\';
}

/* Cuts the last name off, with the backslash in front of it. */
static size_t drop_name(const char *to, size_t len)
{
	while (len > 0 && to[len - 1] != '\\') {
		len--;
	}
	return len > 0 ? len - 1 : 0;
}

/* Appends the names of `path` to the `len` characters of `to`. */
static size_t append(char to[PATH_ROOM], size_t len, const char *path)
{
	while (*path != 0) {
		size_t name = 0;

		while (path[name] != 0 && !is_slash(path[name])) {
			name++;
		}
		if (name == 2 && path[0] == '.' && path[1] == '.') {
			len = drop_name(to, len);
		} else if (name > 0 && !(name == 1 && path[0] == '.') &&
			   len + 1 + name < PATH_ROOM) {
			to[len++] = '\\';
			for (size_t i = 0; i < name; i++) {
				to[len++] = path[i];
			}
		}
		path += name;
		path += *path != 0;
	}
	return len;
}

void path_resolve(char to[PATH_ROOM], const char *path)
{
	size_t len = 0;

	if (!is_slash(path[0])) {
		len = append(to, len, PATH_FOLDER);
	}
	len = append(to, len, path);
	if (len == 0) {
		to[len++] = '\\';
	}
	to[len] = 0;
}

static char lower(char c)
{
	return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

bool path_is_same(const char *a, const char *b)
{
	while (*a != 0 && lower(*a) == lower(*b)) {
		a++;
		b++;
	}
	return *a == *b;
}

bool path_is_inside(const char *path, const char *folder)
{
	if (folder[0] == '\\' && folder[1] == 0) {
		return path[1] != 0;
	}
	while (*folder != 0 && lower(*path) == lower(*folder)) {
		path++;
		folder++;
	}
	return *folder == 0 && *path == '\\';
}
