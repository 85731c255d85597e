/* SPDX-License-Identifier: MIT */
/*
 * Fuzz target: any bytes as lethe.conf. What is accepted must keep the promises
 * of include/config.h; a refusal must have a line and a sentence.
 */
#include "common/config/parse.h"

#include <string.h>

#include "fuzz/fuzz.h"
#include "tlfs/hypercall.h"

static bool has_end(const char *text, size_t room)
{
	return memchr(text, 0, room) != NULL;
}

static void check_partition(const struct config *config, u32 number)
{
	const struct config_partition *p = &config->partition[number];

	FUZZ_EXPECT(p->name[0] != 0 && has_end(p->name, sizeof(p->name)));
	FUZZ_EXPECT(p->image[0] != 0 && has_end(p->image, sizeof(p->image)));
	FUZZ_EXPECT(has_end(p->initrd, sizeof(p->initrd)));
	FUZZ_EXPECT(has_end(p->cmdline, sizeof(p->cmdline)));
	FUZZ_EXPECT(p->vps >= 1 && p->vps <= 256 && p->vp_index_stride >= 1);
	FUZZ_EXPECT((u64)(p->vps - 1) * p->vp_index_stride < HV_VP_INDEX_LIMIT);
	FUZZ_EXPECT(p->memory >= 4 * MIB && p->memory <= CONFIG_MEMORY_MAX);
	FUZZ_EXPECT(p->memory % (2 * MIB) == 0);
	FUZZ_EXPECT(p->slice_us >= 100 && p->slice_us <= 1000000);
	FUZZ_EXPECT(p->suspend_warn_ms >= 1 && p->suspend_warn_ms <= 1000000);
	FUZZ_EXPECT(p->first_use <= CONFIG_FIRST_USE_LIST);
	FUZZ_EXPECT(p->controls >> config->partition_count == 0);
	FUZZ_EXPECT((p->controls & (1u << number)) == 0);
	for (u32 i = 0; i < number; i++) {
		FUZZ_EXPECT(strcmp(p->name, config->partition[i].name) != 0);
	}
}

static void check_accepted(const struct config *config)
{
	FUZZ_EXPECT(config->partition_count >= 1);
	FUZZ_EXPECT(config->partition_count <= CONFIG_PARTITIONS_MAX);
	FUZZ_EXPECT(config->poweroff_count <= CONFIG_POWEROFF_MAX);
	FUZZ_EXPECT(config->cpus <= CONFIG_CPUS_MADT);
	FUZZ_EXPECT(config->panic <= CONFIG_PANIC_HALT);
	FUZZ_EXPECT(config->selftest <= CONFIG_SELFTEST_PANIC_DEAF);
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
	FUZZ_EXPECT(error->line >= 1 && error->line <= lines);
	FUZZ_EXPECT(has_end(error->message, sizeof(error->message)));
	FUZZ_EXPECT(strstr(error->message, "expected ") != NULL);
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
