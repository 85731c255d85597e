/* SPDX-License-Identifier: MIT */
/*
 * Fuzz target: any bytes as lethe.conf. What is accepted keeps the promises of
 * include/config.h, what is refused has a line and a sentence.
 */
#include "common/config/parse.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tlfs/hypercall.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

#define EXPECT(cond)                                                           \
	do {                                                                   \
		if (!(cond)) {                                                 \
			fprintf(stderr, "broken promise: %s\n", #cond);        \
			abort();                                               \
		}                                                              \
	} while (0)

static bool has_end(const char *text, size_t room)
{
	return memchr(text, 0, room) != NULL;
}

static void check_partition(const struct config *config, u32 number)
{
	const struct config_partition *p = &config->partition[number];

	EXPECT(p->name[0] != 0 && has_end(p->name, sizeof(p->name)));
	EXPECT(p->image[0] != 0 && has_end(p->image, sizeof(p->image)));
	EXPECT(has_end(p->initrd, sizeof(p->initrd)));
	EXPECT(has_end(p->cmdline, sizeof(p->cmdline)));
	EXPECT(p->vps >= 1 && p->vps <= 256 && p->vp_index_stride >= 1);
	EXPECT((u64)(p->vps - 1) * p->vp_index_stride < HV_VP_INDEX_LIMIT);
	EXPECT(p->memory >= 4 * MIB && p->memory <= CONFIG_MEMORY_MAX);
	EXPECT(p->memory % (2 * MIB) == 0);
	EXPECT(p->slice_us >= 100 && p->slice_us <= 1000000);
	EXPECT(p->suspend_warn_ms >= 1 && p->suspend_warn_ms <= 1000000);
	EXPECT(p->first_use <= CONFIG_FIRST_USE_LIST);
	EXPECT(p->controls >> config->partition_count == 0);
	EXPECT((p->controls & (1u << number)) == 0);
	for (u32 i = 0; i < number; i++) {
		EXPECT(strcmp(p->name, config->partition[i].name) != 0);
	}
}

static void check_accepted(const struct config *config)
{
	EXPECT(config->partition_count >= 1);
	EXPECT(config->partition_count <= CONFIG_PARTITIONS_MAX);
	EXPECT(config->poweroff_count <= CONFIG_POWEROFF_MAX);
	EXPECT(config->cpus <= CONFIG_CPUS_MADT);
	EXPECT(config->panic <= CONFIG_PANIC_HALT);
	EXPECT(config->selftest <= CONFIG_SELFTEST_PANIC);
	for (u32 i = 0; i < config->partition_count; i++) {
		check_partition(config, i);
	}
}

static void check_refused(const struct config_error *error, const uint8_t *data,
			  size_t len)
{
	u32 lines = 1;

	for (size_t i = 0; i < len; i++) {
		lines += data[i] == '\n';
	}
	EXPECT(error->line >= 1 && error->line <= lines);
	EXPECT(has_end(error->message, sizeof(error->message)));
	EXPECT(strstr(error->message, "expected ") != NULL);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	static struct config config;
	struct config_error error;

	memset(&config, 0xa5, sizeof(config));
	if (config_parse(&config, (const char *)data, len, &error) == ERR_OK) {
		check_accepted(&config);
	} else {
		check_refused(&error, data, len);
	}
	return 0;
}
