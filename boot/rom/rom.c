/* SPDX-License-Identifier: MIT */
/*
 * The test ROM's loader: does with an archive in ROM what the UEFI application
 * does with files, in a fraction of a second, and hands over the same struct
 * handoff. For emulators only: it trusts its archive and reads no ACPI tables.
 */
#include "boot/entry_tables.h"
#include "boot/image.h"
#include "common/config/parse.h"
#include "common/config/symbols.h"
#include "common/image/image_plan.h"
#include "common/lib/mem.h"
#include "common/lib/text.h"
#include "crash_log.h"
#include "rom_archive.h"
#include "rom_console.h"
#include "rom_memory.h"

#define CONF "lethe.conf"
#define HV   "lethe.elf"

/* A free page: nothing of the loader or of a firmware lies below 1 MiB */
#define TRAMPOLINE 0x8000

void rom_main(void) __attribute__((noreturn));

/* reset.S */
void rom_jump(u64 entry, u64 cr3, const struct handoff *handoff)
	__attribute__((noreturn));

static struct image_plan plan; /* too large for the stack */

/* `subject` begins the refusal: which key of lethe.conf names the file. */
static void find(const char *subject, const char *path, struct rom_file *file)
{
	const char *found;

	if (!rom_archive_find(path, file, &found)) {
		rom_console_refuse("%s: expected a readable file %s in the "
				   "ROM, found: %s",
				   subject, path, found);
	}
}

static void load_config(struct config *config)
{
	struct config_error error;
	struct rom_file file;

	find(CONF, CONF, &file);
	if (config_parse(config, file.data, file.len, &error) != ERR_OK) {
		rom_console_refuse(CONF ":%u: %s", error.line, error.message);
	}
	rom_console_line("config ok partitions=%u", config->partition_count);
}

static void list_cpus(struct handoff *handoff)
{
	handoff->cpu_count = rom_archive_cpus();
	if (handoff->cpu_count == 0 || handoff->cpu_count > HANDOFF_CPUS_MAX) {
		rom_console_refuse("no archive in this ROM");
	}
	for (u32 i = 0; i < handoff->cpu_count; i++) {
		handoff->apic_id[i] = i;
	}
}

/* Returns the linear address of the hypervisor's first instruction. */
static u64 load_hypervisor(struct handoff *handoff)
{
	static struct image image;
	struct rom_file file;
	const char *why;

	find(HV, HV, &file);
	if (image_open(&image, file.data, file.len, &why) != ERR_OK) {
		rom_console_refuse(HV ": %s", why);
	}
	handoff->image = rom_memory_take(image.len, 2 * MIB, HV);
	image_place(&image, rom_memory_pointer(handoff->image.base));
	return image.entry;
}

/* `partition NAME: KEY`, for refusals */
static const char *subject(const struct config_partition *config,
			   const char *key)
{
	static char words[64];
	struct text t = text_start(words, sizeof(words));

	text_put(&t, "partition ");
	text_put(&t, config->name);
	text_put(&t, ": ");
	text_put(&t, key);
	return words;
}

/* A copy in RAM: the hypervisor finds files where UEFI would leave them. */
static struct handoff_range load_file(const char *of, const char *path)
{
	struct handoff_range range;
	struct rom_file file;

	find(of, path, &file);
	range = rom_memory_take(file.len, PAGE_SIZE, of);
	if (!rom_archive_read(&file, rom_memory_pointer(range.base))) {
		rom_console_refuse("%s: expected the file %s on the disk that "
				   "continues the ROM, found no readable disk",
				   of, path);
	}
	range.len = file.len;
	return range;
}

static size_t length(const char *text)
{
	size_t len = 0;

	while (text[len]) {
		len++;
	}
	return len;
}

static void check_image(const struct config_partition *config,
			const struct handoff_partition *partition)
{
	struct image_input input = {
		.image = rom_memory_pointer(partition->image.base),
		.image_len = partition->image.len,
		.initrd_len = partition->initrd.len,
		.cmdline_len = length(config->cmdline),
		.memory = config->memory,
		.vp_count = config->vps,
	};
	const char *why;

	if (image_plan(&plan, &input, &why) != ERR_OK) {
		rom_console_refuse("partition %s: image %s: %s", config->name,
				   config->image, why);
	}
}

static void load_partition(const struct config_partition *config,
			   struct handoff_partition *partition)
{
	partition->image = load_file(subject(config, "image"), config->image);
	if (config->initrd[0]) {
		partition->initrd =
			load_file(subject(config, "initrd"), config->initrd);
	}
	if (config_symbols_are_image(config)) {
		partition->symbols = partition->image;
	} else if (config->symbols[0]) {
		partition->symbols =
			load_file(subject(config, "symbols"), config->symbols);
	}
	check_image(config, partition);
	partition->memory = rom_memory_take(config->memory, 2 * MIB,
					    subject(config, "memory"));
}

static void load_partitions(struct handoff *handoff)
{
	const struct config *config = &handoff->config;

	for (u32 i = 0; i < config->partition_count; i++) {
		load_partition(&config->partition[i], &handoff->partition[i]);
	}
	handoff->pool = rom_memory_take(
		handoff_pool_len(config, handoff->cpu_count), 2 * MIB, "pool");
}

void rom_main(void)
{
	struct handoff_range at;
	struct handoff *handoff;
	u64 entry;
	u64 cr3;

	rom_console_start();
	rom_memory_start();

	at = rom_memory_take(sizeof(*handoff), PAGE_SIZE, "handoff");
	handoff = rom_memory_pointer(at.base);
	handoff->magic = HANDOFF_MAGIC;
	handoff->version = HANDOFF_VERSION;
	handoff->size = sizeof(*handoff);
	memcpy(handoff->loader, "rom", sizeof("rom"));
	handoff->trampoline = (struct handoff_range){TRAMPOLINE, PAGE_SIZE};
	handoff->crash_log =
		(struct handoff_range){ROM_MEMORY_CRASH_LOG, CRASH_LOG_LEN};

	list_cpus(handoff);
	load_config(&handoff->config);
	entry = load_hypervisor(handoff);
	load_partitions(handoff);

	at = rom_memory_take(ENTRY_TABLES_PAGES * PAGE_SIZE, PAGE_SIZE,
			     "entry tables");
	cr3 = entry_tables_build(rom_memory_pointer(at.base), handoff->image);
	rom_jump(entry, cr3, handoff);
}
