/* SPDX-License-Identifier: MIT */
/* Checks each capability before its use (Linux: Documentation/virt/kvm/api). */
#include "vm.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/ioctl.h>

#include "say.h"

#define API_VERSION 12

/* KVM needs three pages for a TSS and one for an identity map on Intel CPUs
   without unrestricted guest. They lie above all RAM, which ends at 3 GiB, and
   below the pages of the APICs */
#define TSS_ADDRESS          0xfffbd000ul
#define IDENTITY_MAP_ADDRESS 0xfffbc000ull

struct need {
	int cap;
	const char *name;
};

static const struct need needs[] = {
	{KVM_CAP_USER_MEMORY, "KVM_CAP_USER_MEMORY"},
	{KVM_CAP_IRQCHIP, "KVM_CAP_IRQCHIP"},
	{KVM_CAP_EXT_CPUID, "KVM_CAP_EXT_CPUID"},
	{KVM_CAP_TSC_DEADLINE_TIMER, "KVM_CAP_TSC_DEADLINE_TIMER"},
	{KVM_CAP_SET_TSS_ADDR, "KVM_CAP_SET_TSS_ADDR"},
};

static const struct need hyperv_needs[] = {
	{KVM_CAP_HYPERV, "KVM_CAP_HYPERV"},
	{KVM_CAP_SYS_HYPERV_CPUID, "KVM_CAP_SYS_HYPERV_CPUID"},
	{KVM_CAP_HYPERV_VP_INDEX, "KVM_CAP_HYPERV_VP_INDEX"},
	{KVM_CAP_HYPERV_TLBFLUSH, "KVM_CAP_HYPERV_TLBFLUSH"},
};

static bool has(const struct vm *vm, int cap)
{
	return ioctl(vm->kvm, KVM_CHECK_EXTENSION, cap) > 0;
}

static __noreturn void refuse_device(const char *path, int error)
{
	switch (error) {
	case ENOENT:
	case ENODEV:
	case ENXIO:
		say_failed("%s: not there: this kernel has no KVM, or its "
			   "module kvm_intel or kvm_amd is not loaded, or the "
			   "CPU has no VMX or SVM",
			   path);
	case EACCES:
	case EPERM:
		say_failed("%s: no permission: expected read and write access "
			   "(on Debian: the group kvm)",
			   path);
	default:
		say_failed("%s: %s", path, strerror(error));
	}
}

static void open_kvm(struct vm *vm, const char *path)
{
	int version;

	vm->kvm = open(path, O_RDWR | O_CLOEXEC);
	if (vm->kvm < 0) {
		refuse_device(path, errno);
	}
	version = ioctl(vm->kvm, KVM_GET_API_VERSION, 0);
	if (version != API_VERSION) {
		say_failed("%s: expected KVM's API version 12, found %d", path,
			   version);
	}
	for (size_t i = 0; i < ARRAY_SIZE(needs); i++) {
		if (!has(vm, needs[i].cap)) {
			say_failed("%s: expected %s, found none", path,
				   needs[i].name);
		}
	}
}

static void check_hyperv(struct vm *vm, const struct options *o)
{
	if (o->no_hyperv) {
		return;
	}
	for (size_t i = 0; i < ARRAY_SIZE(hyperv_needs); i++) {
		if (!has(vm, hyperv_needs[i].cap)) {
			say_failed("%s: no Hyper-V interface: expected %s (a "
				   "kernel with CONFIG_KVM_HYPERV), found "
				   "none; --no-hyperv goes on without",
				   o->device, hyperv_needs[i].name);
		}
	}
	vm->has_hyperv = true;
}

static void read_table(const struct vm *vm, unsigned long request,
		       const char *name, struct cpuid_table *table)
{
	table->nent = CPUID_ENTRIES_MAX;
	if (ioctl(vm->kvm, request, table) != 0) {
		say_failed("%s: %s", name, strerror(errno));
	}
}

static void read_cpuid(struct vm *vm)
{
	static struct cpuid_table hyperv;

	read_table(vm, KVM_GET_SUPPORTED_CPUID, "KVM_GET_SUPPORTED_CPUID",
		   &vm->cpuid);
	if (vm->has_hyperv) {
		read_table(vm, KVM_GET_SUPPORTED_HV_CPUID,
			   "KVM_GET_SUPPORTED_HV_CPUID", &hyperv);
	}
	if (!cpuid_merge(&vm->cpuid, vm->has_hyperv ? &hyperv : NULL)) {
		say_failed("CPUID: expected at most %d entries from KVM, found "
			   "more",
			   CPUID_ENTRIES_MAX);
	}
}

static void vm_ioctl(const struct vm *vm, unsigned long request,
		     unsigned long arg, const char *name)
{
	if (ioctl(vm->fd, request, arg) != 0) {
		say_failed("%s: %s", name, strerror(errno));
	}
}

/* Makes APIC IDs 32 bits wide, so that destination 0xff is no broadcast. */
static void enable_x2apic(const struct vm *vm)
{
	struct kvm_enable_cap cap = {
		.cap = KVM_CAP_X2APIC_API,
		.args = {KVM_X2APIC_API_USE_32BIT_IDS |
			 KVM_X2APIC_API_DISABLE_BROADCAST_QUIRK},
	};

	if (has(vm, KVM_CAP_X2APIC_API)) {
		vm_ioctl(vm, KVM_ENABLE_CAP, (unsigned long)&cap,
			 "KVM_CAP_X2APIC_API");
	}
}

void vm_create(struct vm *vm, const struct options *o,
	       const struct partition *p)
{
	struct kvm_userspace_memory_region region = {
		.memory_size = p->len,
		.userspace_addr = (u64)(uintptr_t)p->ram,
	};
	u64 identity = IDENTITY_MAP_ADDRESS;
	int run_len;

	open_kvm(vm, o->device);
	check_hyperv(vm, o);
	read_cpuid(vm);
	run_len = ioctl(vm->kvm, KVM_GET_VCPU_MMAP_SIZE, 0);
	vm->fd = ioctl(vm->kvm, KVM_CREATE_VM, 0);
	if (vm->fd < 0 || run_len <= 0) {
		say_failed("KVM_CREATE_VM: %s", strerror(errno));
	}
	vm->run_len = (u32)run_len;
	vm_ioctl(vm, KVM_SET_IDENTITY_MAP_ADDR, (unsigned long)&identity,
		 "KVM_SET_IDENTITY_MAP_ADDR");
	vm_ioctl(vm, KVM_SET_TSS_ADDR, TSS_ADDRESS, "KVM_SET_TSS_ADDR");
	vm_ioctl(vm, KVM_CREATE_IRQCHIP, 0, "KVM_CREATE_IRQCHIP");
	enable_x2apic(vm);
	vm_ioctl(vm, KVM_SET_USER_MEMORY_REGION, (unsigned long)&region,
		 "KVM_SET_USER_MEMORY_REGION");
}
