/* SPDX-License-Identifier: MIT */
/*
 * Paths of lethe.conf: what each means, and which of them name the same file.
 */
#include "common/lib/path.h"

#include <string.h>

#include "support/check.h"

/* clang-format off */
static const struct {
	const char *path;
	const char *resolved;
} rows[] = {
	{"vmlinux", "\\lethe\\vmlinux"},
	{"\\lethe\\vmlinux", "\\lethe\\vmlinux"},
	{"/lethe/vmlinux", "\\lethe\\vmlinux"},
	{"sub\\x.elf", "\\lethe\\sub\\x.elf"},
	{"sub/x.elf", "\\lethe\\sub\\x.elf"},
	{"./sub//x.elf", "\\lethe\\sub\\x.elf"},
	{"sub\\..\\x.elf", "\\lethe\\x.elf"},
	{"sub\\", "\\lethe\\sub"},
	{"..\\other\\x", "\\other\\x"},
	{"\\other\\x", "\\other\\x"},
	{"/other/x", "\\other\\x"},
	{"\\\\lethe//vmlinux", "\\lethe\\vmlinux"},
	{"\\", "\\"},
	{"/.", "\\"},
	{"..", "\\"},
	{"../../../x", "\\x"},
	{".", "\\lethe"},
	{"...", "\\lethe\\..."},
	{"..x", "\\lethe\\..x"},
	{"a b", "\\lethe\\a b"},
	{"", "\\lethe"},
};
/* clang-format on */

static void t_each_form_is_one_path(void)
{
	char path[PATH_ROOM];

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		memset(path, 'z', sizeof(path));
		path_resolve(path, rows[i].path);
		CHECK_STR(path, rows[i].resolved);
	}
}

static void t_resolved_stays_as_it_is(void)
{
	char path[PATH_ROOM];

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		path_resolve(path, rows[i].resolved);
		CHECK_STR(path, rows[i].resolved);
	}
}

static void t_longest_path_fits(void)
{
	char text[CONFIG_PATH_MAX];
	struct {
		char path[PATH_ROOM];
		char behind;
	} to = {.behind = 'z'};

	memset(text, 'x', sizeof(text));
	text[sizeof(text) - 1] = 0;
	path_resolve(to.path, text);
	CHECK_EQ(strlen(to.path), PATH_ROOM - 1);
	CHECK(strncmp(to.path, "\\lethe\\xx", 9) == 0);
	CHECK_EQ(to.behind, 'z');
}

static void t_same_whatever_the_case(void)
{
	CHECK(path_is_same("\\lethe\\A.elf", "\\LETHE\\a.ELF"));
	CHECK(!path_is_same("\\lethe\\a", "\\lethe\\ab"));
	CHECK(!path_is_same("\\lethe\\ab", "\\lethe\\a"));
	CHECK(!path_is_same("\\lethe\\[", "\\lethe\\{"));
	CHECK(!path_is_same("@", "`"));
}

static void t_inside_a_folder(void)
{
	CHECK(path_is_inside("\\lethe\\x", "\\lethe"));
	CHECK(path_is_inside("\\LETHE\\sub\\x", "\\lethe"));
	CHECK(path_is_inside("\\x", "\\"));
	CHECK(!path_is_inside("\\", "\\"));
	CHECK(!path_is_inside("\\lethe", "\\lethe"));
	CHECK(!path_is_inside("\\lethex\\x", "\\lethe"));
	CHECK(!path_is_inside("\\other\\x", "\\lethe"));
	CHECK(!path_is_inside("\\le", "\\lethe"));
}

static const struct test tests[] = {
	{"each_form_is_one_path", t_each_form_is_one_path},
	{"resolved_stays_as_it_is", t_resolved_stays_as_it_is},
	{"longest_path_fits", t_longest_path_fits},
	{"same_whatever_the_case", t_same_whatever_the_case},
	{"inside_a_folder", t_inside_a_folder},
};

const struct suite suite_path = SUITE("path", tests);
