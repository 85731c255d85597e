/* SPDX-License-Identifier: MIT */
/* Exits by accesses: control registers, ports, MSRs, memory. */
#include "core/apic/interrupts.h"
#include "core/console/first_use.h"
#include "core/console/log.h"
#include "core/cpu/due.h"
#include "core/emulate/console.h"
#include "core/emulate/ioport.h"
#include "core/emulate/msr.h"
#include "core/lifecycle/stop.h"
#include "core/paging/ept.h"
#include "core/state/partition.h"
#include "core/state/vp.h"
#include "core/vp/cr.h"
#include "core/vp/inject.h"
#include "vmx/exit.h"
#include "vmx/vmcs.h"
#include "x86/msr.h"

/* SDM 3C, "Exit Qualification for Control-Register Accesses" */
#define CR_NUMBER        GENMASK(3, 0)
#define CR_TYPE          GENMASK(5, 4)
#define CR_REGISTER      GENMASK(11, 8)
#define CR_TYPE_MOV_TO   0
#define CR_TYPE_MOV_FROM 1

/* "Exit Qualification for I/O Instructions" */
#define IO_SIZE   GENMASK(2, 0) /* minus 1 */
#define IO_IN     BIT(3)
#define IO_STRING BIT(4)
#define IO_PORT   GENMASK(31, 16)

bool exit_in_64bit_mode(void)
{
	return (vmcs_read32(VMCS_GUEST_CS_ACCESS) & VMX_ACCESS_L) &&
	       (vmcs_read64(VMCS_GUEST_EFER) & EFER_LMA);
}

static u64 read_operand(const struct vp *vp, u64 reg)
{
	u64 value = reg == GPR_RSP ? vmcs_read_natural(VMCS_GUEST_RSP)
				   : vp->own.gpr[reg];

	return exit_in_64bit_mode() ? value : (u32)value;
}

static void write_operand(struct vp *vp, u64 reg, u64 value)
{
	if (reg == GPR_RSP) {
		vmcs_write_natural(VMCS_GUEST_RSP, value);
	} else {
		vp->own.gpr[reg] = value;
	}
}

static enum exit_action access_cr8(struct vp *vp, u64 type, u64 reg)
{
	u64 value;

	if (type == CR_TYPE_MOV_FROM) {
		write_operand(vp, reg, vapic_cr8(&vp->own.vapic));
		return EXIT_ADVANCE;
	}
	value = read_operand(vp, reg);
	if (value > 15) {
		return EXIT_INJECT_GP0;
	}
	vapic_set_cr8(&vp->own.vapic, (u8)value);
	due_note(vp);
	return EXIT_ADVANCE;
}

enum exit_action exit_cr_access(struct vp *vp, const struct exit_info *info)
{
	u64 type = FIELD_GET(CR_TYPE, info->qualification);
	u64 reg = FIELD_GET(CR_REGISTER, info->qualification);

	switch (FIELD_GET(CR_NUMBER, info->qualification)) {
	case 0:
		/* CLTS and LMSW change no owned bit, so they do not exit */
		HV_ASSERT(type == CR_TYPE_MOV_TO);
		return cr_write_cr0(vp, read_operand(vp, reg))
			       ? EXIT_ADVANCE
			       : EXIT_INJECT_GP0;
	case 4:
		/* exits only to set a bit that CPUID does not offer */
		return EXIT_INJECT_GP0;
	case 8:
		return access_cr8(vp, type, reg);
	default:
		port_panic("CR access exit for CR%llu",
			   (unsigned long long)FIELD_GET(CR_NUMBER,
							 info->qualification));
	}
}

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
	console_poll(vp->cpu);
	return EXIT_ADVANCE;
}

enum exit_action exit_rdmsr(struct vp *vp, const struct exit_info *info)
{
	u64 value;

	(void)info;
	if (msr_read(vp, (u32)vp->own.gpr[GPR_RCX], &value) != MSR_OK) {
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

	(void)info;
	if (msr_write(vp, (u32)vp->own.gpr[GPR_RCX], value) != MSR_OK) {
		return EXIT_INJECT_GP0;
	}
	/* the MSR may be one of the APIC: EOI, TPR, timer */
	due_note(vp);
	return EXIT_ADVANCE;
}

/* Prints one line about the access that stops the partition. */
static void report_outside(struct vp *vp, const struct exit_info *info)
{
	u64 qual = info->qualification;
	const char *kind = qual & EPT_VIOLATION_EXECUTE ? "execute"
			   : qual & EPT_VIOLATION_WRITE ? "write"
							: "read";

	log_line(vp->partition->config->name,
		 "outside RAM vp=%u access=%s gpa=0x%lx rip=0x%lx", vp->number,
		 kind, info->gpa, vmcs_read_natural(VMCS_GUEST_RIP));
}

/*
 * Inside RAM only the overlay page lacks a right, that to write: #GP. Outside
 * RAM there is nothing: the partition stops, with a line on the console.
 */
enum exit_action exit_ept_violation(struct vp *vp, const struct exit_info *info)
{
	struct partition *p = vp->partition;

	if (info->gpa >= p->memory_len) {
		if (__atomic_load_n(&p->state, __ATOMIC_RELAXED) ==
		    PARTITION_RUNNING) {
			report_outside(vp, info);
		}
		partition_stop(p, 125, "outside-ram");
		return EXIT_STOP;
	}
	if (info->vectoring == 0 &&
	    (info->qualification & EPT_VIOLATION_NMI_UNBLOCK)) {
		vmcs_write32(VMCS_GUEST_INTERRUPTIBILITY,
			     vmcs_read32(VMCS_GUEST_INTERRUPTIBILITY) |
				     VMX_BLOCKING_NMI);
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
