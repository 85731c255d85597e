/* SPDX-License-Identifier: MIT */
/*
 * What EBX of a PVH guest points at: Xen docs/misc/pvh.pandoc and
 * public/arch-x86/hvm/start_info.h, version 1. All of it little endian.
 */
#ifndef HV_COMMON_IMAGE_PVH_INFO_H
#define HV_COMMON_IMAGE_PVH_INFO_H

#include "base/types.h"

#define XEN_ELFNOTE_PHYS32_ENTRY 18u /* owner "Xen" */

#define XEN_HVM_START_MAGIC 0x336ec578u

#define XEN_HVM_MEMMAP_TYPE_RAM      1u
#define XEN_HVM_MEMMAP_TYPE_RESERVED 2u
#define XEN_HVM_MEMMAP_TYPE_ACPI     3u

struct hvm_start_info {
	u32 magic;
	u32 version;
	u32 flags;
	u32 nr_modules;
	u64 modlist_paddr;
	u64 cmdline_paddr;
	u64 rsdp_paddr;
	u64 memmap_paddr;
	u32 memmap_entries;
	u32 reserved;
};
_Static_assert(sizeof(struct hvm_start_info) == 56, "start_info.h version 1");
_Static_assert(offsetof(struct hvm_start_info, nr_modules) == 12, "modules");
_Static_assert(offsetof(struct hvm_start_info, modlist_paddr) == 16, "list");
_Static_assert(offsetof(struct hvm_start_info, cmdline_paddr) == 24, "cmdline");
_Static_assert(offsetof(struct hvm_start_info, rsdp_paddr) == 32, "RSDP");
_Static_assert(offsetof(struct hvm_start_info, memmap_paddr) == 40, "map");
_Static_assert(offsetof(struct hvm_start_info, memmap_entries) == 48, "count");

struct hvm_modlist_entry {
	u64 paddr;
	u64 size;
	u64 cmdline_paddr; /* 0: none */
	u64 reserved;
};
_Static_assert(sizeof(struct hvm_modlist_entry) == 32, "start_info.h module");
_Static_assert(offsetof(struct hvm_modlist_entry, size) == 8, "module size");

struct hvm_memmap_table_entry {
	u64 addr;
	u64 size;
	u32 type; /* XEN_HVM_MEMMAP_TYPE_* */
	u32 reserved;
};
_Static_assert(sizeof(struct hvm_memmap_table_entry) == 24, "start_info.h map");
_Static_assert(offsetof(struct hvm_memmap_table_entry, type) == 16, "map type");

#endif
