/* SPDX-License-Identifier: MIT */
/* Finds the words of the job on the kernel's command line. */
#include "linux/words.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define CMDLINE_MAX 2048 /* Linux, COMMAND_LINE_SIZE of x86 */
#define WORDS_MAX   128
#define PREFIX      "test."

static char line[CMDLINE_MAX];
static const char *words[WORDS_MAX];
static int count;

bool words_load(void)
{
	int fd = open("/proc/cmdline", O_RDONLY | O_CLOEXEC);
	ssize_t got = fd < 0 ? -1 : read(fd, line, sizeof(line) - 1);
	char *rest = NULL;

	if (fd >= 0) {
		close(fd);
	}
	if (got <= 0) {
		return false;
	}
	line[got] = '\0';
	for (char *word = strtok_r(line, " \n", &rest);
	     word != NULL && count < WORDS_MAX;
	     word = strtok_r(NULL, " \n", &rest)) {
		if (strncmp(word, PREFIX, strlen(PREFIX)) == 0) {
			words[count++] = word + strlen(PREFIX);
		}
	}
	return true;
}

const char *words_text(const char *key, const char *otherwise)
{
	size_t len = strlen(key);

	for (int i = 0; i < count; i++) {
		if (strncmp(words[i], key, len) == 0 && words[i][len] == '=') {
			return words[i] + len + 1;
		}
	}
	return otherwise;
}

bool words_number(const char *key, unsigned long otherwise,
		  unsigned long *value)
{
	const char *text = words_text(key, NULL);
	char *end = NULL;

	*value = otherwise;
	if (text == NULL) {
		return true;
	}
	errno = 0;
	*value = strtoul(text, &end, 10);
	return errno == 0 && end != text && *end == '\0' && *text != '-';
}
