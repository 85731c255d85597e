/* SPDX-License-Identifier: MIT */
/* Exits by accesses: ports, MSRs, memory. */
#include "core/console/first_use.h"
#include "core/console/log.h"
#include "core/cpu/due.h"
#include "core/emulate/console.h"
#include "core/emulate/ioport.h"
#include "core/emulate/msr.h"
#include "core/lifecycle/stop.h"
#include "core/paging/ept.h"
#include "core/paging/guest_view.h"
#include "core/registers/control.h"
#include "core/state/partition.h"
#include "core/state/vp.h"
#include "core/vp/inject.h"
#include "vmx/exit.h"
#include "vmx/vmcs.h"
#include "x86/msr.h"

/* SDM 3C, "Exit Qualification for I/O Instructions" */
#define IO_SIZE   GENMASK(2, 0) /* minus 1 */
#define IO_IN     BIT(3)
#define IO_STRING BIT(4)
#define IO_PORT   GENMASK(31, 16)

/* IN of 1 or 2 bytes keeps the rest of RAX; of 4 bytes clears the upper half.
 */
static void write_in_result(struct vp *vp, u32 size, u32 value)
{
	u64 *rax = &vp->own.gpr[GPR_RAX];

	if (size == 4) {
		*rax = value;
	} else {
		u64 mask = BIT(8 * size) - 1;

		*rax = (*rax & ~mask) | (value & mask);
	}
}

enum exit_action exit_io(struct vp *vp, const struct exit_info *info)
{
	u64 qual = info->qualification;
	u16 port = (u16)FIELD_GET(IO_PORT, qual);
	u8 size = (u8)(FIELD_GET(IO_SIZE, qual) + 1);
	bool in = (qual & IO_IN) != 0;
	u32 value = (u32)vp->own.gpr[GPR_RAX];
	struct ioport_result result;

	if (qual & IO_STRING) {
		/* there is no instruction emulator, so no INS and OUTS */
		first_use_report(vp->partition,
				 in ? FIRST_USE_PORT_IN : FIRST_USE_PORT_OUT,
				 port);
		return EXIT_INJECT_GP0;
	}
	result = ioport_access(vp, port, size, in, &value);
	if (result.outcome == IOPORT_STOPS) {
		partition_stop(vp->partition, result.exit_code, result.reason);
		return EXIT_STOP;
	}
	if (in) {
		write_in_result(vp, size, value);
	}
	console_send();
	return EXIT_ADVANCE;
}

enum exit_action exit_rdmsr(struct vp *vp, const struct exit_info *info)
{
	u32 msr = (u32)vp->own.gpr[GPR_RCX];
	u64 value;

	(void)info;
	if (msr == MSR_IA32_EFER) {
		value = view_efer(vp);
	} else if (msr_read(vp, msr, &value) != MSR_OK) {
		return EXIT_INJECT_GP0;
	}
	vp->own.gpr[GPR_RAX] = (u32)value;
	vp->own.gpr[GPR_RDX] = value >> 32;
	due_note(vp);
	return EXIT_ADVANCE;
}

enum exit_action exit_wrmsr(struct vp *vp, const struct exit_info *info)
{
	u64 value = vp->own.gpr[GPR_RDX] << 32 | (u32)vp->own.gpr[GPR_RAX];
	u32 msr = (u32)vp->own.gpr[GPR_RCX];

	(void)info;
	if (msr == MSR_IA32_EFER) {
		return cr_guest_efer(vp, value) ? EXIT_ADVANCE
						: EXIT_INJECT_GP0;
	}
	if (msr_write(vp, msr, value) != MSR_OK) {
		return EXIT_INJECT_GP0;
	}
	/* the MSR may be one of the APIC: EOI, TPR, timer */
	due_note(vp);
	return EXIT_ADVANCE;
}

enum exit_action exit_outside_ram(struct vp *vp, const char *access, u64 gpa)
{
	struct partition *p = vp->partition;

	if (__atomic_load_n(&p->state, __ATOMIC_RELAXED) == PARTITION_RUNNING) {
		log_line(p->config->name,
			 "outside RAM vp=%u access=%s gpa=0x%lx rip=0x%lx",
			 vp->number, access, gpa,
			 vmcs_read_natural(VMCS_GUEST_RIP));
	}
	partition_stop(p, 125, "outside-ram");
	return EXIT_STOP;
}

static const char *access_of(u64 qualification)
{
	return qualification & EPT_VIOLATION_EXECUTE ? "execute"
	       : qualification & EPT_VIOLATION_WRITE ? "write"
						     : "read";
}

/*
 * Inside RAM only the overlay page lacks a right, that to write: #GP. Outside
 * RAM there is nothing: the partition stops, with a line on the console.
 */
enum exit_action exit_ept_violation(struct vp *vp, const struct exit_info *info)
{
	struct partition *p = vp->partition;

	if (info->gpa >= p->memory_len) {
		return exit_outside_ram(vp, access_of(info->qualification),
					info->gpa);
	}
	if (info->vectoring == 0 &&
	    (info->qualification & EPT_VIOLATION_NMI_UNBLOCK)) {
		exit_block_nmi();
	}
	if (!ept_is_split(&p->ept)) {
		/* the overlay went away meanwhile: try again */
		if (info->vectoring != 0) {
			inject_again(vp, info->vectoring);
		}
		return EXIT_RETRY;
	}
	if (!inject_gp_during(vp, info->vectoring)) {
		partition_stop(p, 128, "triple-fault");
		return EXIT_STOP;
	}
	return EXIT_RETRY;
}
