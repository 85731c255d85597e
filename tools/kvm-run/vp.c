/* SPDX-License-Identifier: MIT */
/* The state with which each VP starts, and what each exit of KVM_RUN does. */
#include "vp.h"

#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

#include "tlfs/msr.h"
#include "tlfs/status.h"
#include "x86/cr.h"

#include "devices.h"
#include "say.h"

struct vp {
	u32 n;
	int fd;
	int cpu; /* where its thread runs */
	struct kvm_run *run;
	pthread_t thread;
};

static void send_line(const char *text, u32 len)
{
	while (len > 0) {
		ssize_t done = write(STDOUT_FILENO, text, len);

		if (done <= 0 && errno != EINTR) {
			say_failed("stdout: %s", strerror(errno));
		}
		text += done > 0 ? done : 0;
		len -= done > 0 ? (u32)done : 0;
	}
}

/* Held while an exit of any VP is handled, and at the end of the guest. */
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct devices devices = {.send = send_line};

static void vp_ioctl(const struct vp *vp, unsigned long request, void *arg,
		     const char *name)
{
	if (ioctl(vp->fd, request, arg) != 0) {
		say_failed("VP %u: %s: %s", vp->n, name, strerror(errno));
	}
}

/* Ends the guest; the caller holds the lock, so nothing is printed twice. */
static __noreturn void end_guest(int status)
{
	devices_flush(&devices);
	_exit(status);
}

/* ---- start ---- */

static void set_index(const struct vp *vp, u64 index)
{
	/* struct kvm_msrs with room for one */
	struct {
		u32 nmsrs;
		u32 padding;
		struct kvm_msr_entry entry;
	} msrs = {
		.nmsrs = 1,
		.entry = {.index = HV_X64_MSR_VP_INDEX, .data = index},
	};
	int done = ioctl(vp->fd, KVM_SET_MSRS, &msrs);

	if (done != 1) {
		say_failed("VP %u: expected KVM to accept the VP index %llu, "
			   "found that it refuses it",
			   vp->n, (unsigned long long)index);
	}
}

/* By default KVM also accepts MSRs and calls that CPUID does not show. */
static void enforce_cpuid(const struct vp *vp)
{
	struct kvm_enable_cap cap = {.cap = KVM_CAP_HYPERV_ENFORCE_CPUID,
				     .args = {1}};

	vp_ioctl(vp, KVM_ENABLE_CAP, &cap, "KVM_CAP_HYPERV_ENFORCE_CPUID");
}

static struct kvm_segment segment(u8 type, u16 selector)
{
	return (struct kvm_segment){
		.limit = 0xffffffff,
		.selector = selector,
		.type = type,
		.present = 1,
		.db = 1,
		.s = 1,
		.g = 1,
	};
}

/* Xen docs/misc/pvh.pandoc: 32-bit protected mode, no paging, flat segments */
static void set_pvh_state(const struct vp *vp, struct memory_entry start)
{
	struct kvm_sregs sregs;
	struct kvm_regs regs = {
		.rip = start.entry,
		.rbx = start.start_info,
		.rflags = 2,
	};

	vp_ioctl(vp, KVM_GET_SREGS, &sregs, "KVM_GET_SREGS");
	sregs.cs = segment(0xb, 0x8);
	sregs.ds = sregs.es = sregs.fs = sregs.gs = sregs.ss =
		segment(0x3, 0x10);
	sregs.cr0 = CR0_PE | CR0_ET | CR0_NE;
	sregs.cr4 = 0;
	sregs.efer = 0;
	vp_ioctl(vp, KVM_SET_SREGS, &sregs, "KVM_SET_SREGS");
	vp_ioctl(vp, KVM_SET_REGS, &regs, "KVM_SET_REGS");
}

static void create(struct vm *vm, struct vp *vp, const struct options *o)
{
	vp->fd = ioctl(vm->fd, KVM_CREATE_VCPU, vp->n);
	if (vp->fd < 0) {
		say_failed("KVM_CREATE_VCPU of VP %u: %s", vp->n,
			   strerror(errno));
	}
	vp->run = mmap(NULL, vm->run_len, PROT_READ | PROT_WRITE, MAP_SHARED,
		       vp->fd, 0);
	if (vp->run == MAP_FAILED) {
		say_failed("VP %u: mmap: %s", vp->n, strerror(errno));
	}
	cpuid_name_vp(&vm->cpuid, vp->n, (u32)o->cpus);
	if (vm->has_hyperv && o->enforce) {
		enforce_cpuid(vp);
	}
	vp_ioctl(vp, KVM_SET_CPUID2, &vm->cpuid, "KVM_SET_CPUID2");
	if (vm->has_hyperv) {
		set_index(vp, vp->n * o->stride);
	}
}

/* ---- run ---- */

static void handle_io(struct kvm_run *run)
{
	u8 *data = (u8 *)run + run->io.data_offset;

	for (u32 i = 0; i < run->io.count; i++) {
		u32 value = 0;

		if (run->io.direction == KVM_EXIT_IO_IN) {
			value = devices_in(&devices, run->io.port,
					   run->io.size);
			memcpy(data, &value, run->io.size);
		} else {
			memcpy(&value, data, run->io.size);
			devices_out(&devices, run->io.port, run->io.size,
				    value);
		}
		data += run->io.size;
	}
	if (devices.exited) {
		end_guest(devices.exit_code);
	}
}

/* SynIC MSRs need no action. A call that KVM leaves to this VMM is refused. */
static void handle_hyperv(struct kvm_run *run)
{
	if (run->hyperv.type == KVM_EXIT_HYPERV_HCALL) {
		run->hyperv.u.hcall.result = HV_STATUS_INVALID_HYPERCALL_CODE;
	}
}

static __noreturn void refuse_exit(const struct vp *vp)
{
	const struct kvm_run *run = vp->run;
	struct kvm_regs regs = {0};

	devices_flush(&devices);
	(void)ioctl(vp->fd, KVM_GET_REGS, &regs);
	switch (run->exit_reason) {
	case KVM_EXIT_SHUTDOWN:
		say("VP %u: triple fault", vp->n);
		end_guest(SAY_TRIPLE_FAULT);
	case KVM_EXIT_MMIO:
		say_failed("VP %u: access outside RAM at 0x%llx, RIP 0x%llx",
			   vp->n, run->mmio.phys_addr, regs.rip);
	case KVM_EXIT_FAIL_ENTRY:
		say_failed("VP %u: VM entry failed, reason 0x%llx", vp->n,
			   run->fail_entry.hardware_entry_failure_reason);
	case KVM_EXIT_INTERNAL_ERROR:
		say_failed("VP %u: KVM internal error %u, RIP 0x%llx", vp->n,
			   run->internal.suberror, regs.rip);
	case KVM_EXIT_SYSTEM_EVENT:
		say_failed("VP %u: system event %u", vp->n,
			   run->system_event.type);
	default:
		say_failed("VP %u: exit reason %u of KVM, RIP 0x%llx", vp->n,
			   run->exit_reason, regs.rip);
	}
}

static void *run_vp(void *arg)
{
	struct vp *vp = arg;

	for (;;) {
		int failed = ioctl(vp->fd, KVM_RUN, 0);

		/* EAGAIN: the VP woke while it waits for SIPI */
		if (failed != 0 && (errno == EINTR || errno == EAGAIN)) {
			continue;
		}
		if (failed != 0) {
			say_failed("VP %u: KVM_RUN: %s", vp->n,
				   strerror(errno));
		}
		pthread_mutex_lock(&lock);
		if (vp->run->exit_reason == KVM_EXIT_IO) {
			handle_io(vp->run);
		} else if (vp->run->exit_reason == KVM_EXIT_HYPERV) {
			handle_hyperv(vp->run);
		} else if (vp->run->exit_reason != KVM_EXIT_INTR) {
			refuse_exit(vp);
		}
		pthread_mutex_unlock(&lock);
	}
}

/* The CPU for VP n; VPs get the CPUs of this process in turn. */
static int cpu_of(u32 n)
{
	cpu_set_t allowed;
	u32 left;

	if (sched_getaffinity(0, sizeof(allowed), &allowed) != 0 ||
	    CPU_COUNT(&allowed) == 0) {
		return 0;
	}
	left = n % (u32)CPU_COUNT(&allowed);
	for (int cpu = 0; cpu < CPU_SETSIZE; cpu++) {
		if (CPU_ISSET(cpu, &allowed) && left-- == 0) {
			return cpu;
		}
	}
	return 0;
}

static void start_thread(struct vp *vp)
{
	pthread_attr_t attr;
	cpu_set_t one;
	int error;

	CPU_ZERO(&one);
	CPU_SET((size_t)vp->cpu, &one);
	pthread_attr_init(&attr);
	pthread_attr_setaffinity_np(&attr, sizeof(one), &one);
	error = pthread_create(&vp->thread, &attr, run_vp, vp);
	if (error != 0) {
		say_failed("VP %u: thread: %s", vp->n, strerror(error));
	}
}

void vp_run_all(struct vm *vm, const struct options *o,
		struct memory_entry start)
{
	static struct vp vps[OPTIONS_CPUS_MAX];

	for (u32 n = 0; n < o->cpus; n++) {
		vps[n].n = n;
		vps[n].cpu = cpu_of(n);
		create(vm, &vps[n], o);
	}
	set_pvh_state(&vps[0], start);
	for (u32 n = 0; n < o->cpus; n++) {
		start_thread(&vps[n]);
	}
	/* The VP that ends the guest ends the process */
	for (;;) {
		pause();
	}
}
