/* SPDX-License-Identifier: MIT */
/* Reads /proc/kallsyms, which is in no order. Linux,
 * Documentation/admin-guide/sysctl/kernel.rst, kptr_restrict: root sees it. */
#include "linux/symbols.h"
#include "linux/tap.h"
#include "linux/words.h"

#include <stdio.h>
#include <string.h>

#define NAMES_MAX 8

struct symbol {
	char name[64];
	unsigned long first;
	unsigned long next;
};

static struct symbol symbols[NAMES_MAX];
static unsigned int count;

static void take_names(const char *list)
{
	while (*list != '\0' && count < NAMES_MAX) {
		size_t len = strcspn(list, ",");

		snprintf(symbols[count++].name, sizeof(symbols[0].name), "%.*s",
			 (int)len, list);
		list += len + (list[len] == ',');
	}
}

static void find(struct symbol *symbol, const char *name, unsigned long at)
{
	if (strcmp(symbol->name, name) == 0) {
		symbol->first = at;
	}
}

static void bound(struct symbol *symbol, const char *name, unsigned long at)
{
	(void)name;
	if (at > symbol->first && (symbol->next == 0 || at < symbol->next)) {
		symbol->next = at;
	}
}

/* Calls `look` for each pair of a name that is wanted and a symbol. */
static void for_each(void (*look)(struct symbol *symbol, const char *name,
				  unsigned long at))
{
	char line[512];
	FILE *file = fopen("/proc/kallsyms", "re");

	while (file != NULL && fgets(line, sizeof(line), file) != NULL) {
		unsigned long at;
		char name[256];

		if (sscanf(line, "%lx %*c %255s", &at, name) != 2) {
			continue;
		}
		for (unsigned int i = 0; i < count; i++) {
			look(&symbols[i], name, at);
		}
	}
	if (file != NULL) {
		fclose(file);
	}
}

void symbols_job(void)
{
	bool all = true;

	take_names(words_text("symbols", ""));
	for_each(find);
	for_each(bound);
	for (unsigned int i = 0; i < count; i++) {
		all = all && symbols[i].first != 0;
		tap_note("symbol %s 0x%lx 0x%lx", symbols[i].name,
			 symbols[i].first, symbols[i].next);
	}
	tap_result(count != 0 && all, "symbols/found");
}
