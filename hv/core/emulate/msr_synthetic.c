/* SPDX-License-Identifier: MIT */
/*
 * One row per MSR: the privilege and the feature bit that grant it, how it is
 * read and how it is written. A direction without a function is #GP.
 */
#include "core/emulate/msr_synthetic.h"

#include "core/emulate/msr_platform.h"
#include "core/paging/overlay.h"
#include "core/port/port.h"
#include "core/state/machine.h"
#include "core/state/partition.h"
#include "core/state/vp.h"
#include "tlfs/cpuid.h"
#include "tlfs/msr.h"
#include "x86/msr.h"

/* TIME_REF_COUNT counts units of 100 ns */
#define REFERENCE_HZ 10000000ull

#define TSC_INVARIANT_CONTROL_VALID BIT(0)

struct row {
	u32 msr;
	u32 features;  /* HV_FEATURE_* that are needed, all of them */
	u64 privilege; /* HV_PRIV_* that are needed, all of them */
	u64 (*read)(const struct vp *vp);
	/* one of these at most: with p->msr_lock held, or without */
	enum msr_result (*write)(struct vp *vp, u64 value);
	enum msr_result (*write_own)(struct vp *vp, u64 value);
};

static bool is_enabled(const struct partition *p)
{
	return (p->hypercall_msr & HV_HYPERCALL_MSR_ENABLE) != 0;
}

static bool is_locked(const struct partition *p)
{
	return (p->config->privileges.features & HV_FEATURE_HYPERCALL_LOCK) !=
		       0 &&
	       (p->hypercall_msr & HV_HYPERCALL_MSR_LOCKED) != 0;
}

/* ---- reading; each is one aligned word, so the lock is not needed ---- */

static u64 read_guest_os_id(const struct vp *vp)
{
	return __atomic_load_n(&vp->partition->guest_os_id, __ATOMIC_RELAXED);
}

static u64 read_hypercall(const struct vp *vp)
{
	return __atomic_load_n(&vp->partition->hypercall_msr, __ATOMIC_RELAXED);
}

static u64 read_vp_index(const struct vp *vp)
{
	return vp->index;
}

/* The remainder is below tsc_hz, so its product fits up to 1.8 THz. */
static u64 read_time_ref_count(const struct vp *vp)
{
	u64 ticks = port_tsc() - vp->partition->start_tsc;
	u64 seconds = ticks / machine.tsc_hz;
	u64 rest = ticks % machine.tsc_hz;

	return seconds * REFERENCE_HZ + rest * REFERENCE_HZ / machine.tsc_hz;
}

static u64 read_tsc_frequency(const struct vp *vp)
{
	(void)vp;
	return machine.tsc_hz;
}

static u64 read_apic_frequency(const struct vp *vp)
{
	(void)vp;
	return machine.apic_hz;
}

static u64 read_tsc_invariant_control(const struct vp *vp)
{
	return __atomic_load_n(&vp->partition->tsc_invariant_control,
			       __ATOMIC_RELAXED);
}

/* EOI, ICR and TPR are second names of the virtual APIC's registers. */
static u64 read_icr(const struct vp *vp)
{
	return vp->own.vapic.icr;
}

static u64 read_tpr(const struct vp *vp)
{
	return vp->own.vapic.tpr;
}

static u64 read_vp_assist(const struct vp *vp)
{
	return __atomic_load_n(&vp->own.vp_assist, __ATOMIC_RELAXED);
}

/* ---- writing what is the VP's own, on its own CPU ---- */

/* TLFS v6.0b, "EOI MSR": bits 63:32 are RsvdZ; x2APIC's takes only 0 */
static enum msr_result write_eoi(struct vp *vp, u64 value)
{
	if (value >> 32 != 0) {
		return MSR_GP;
	}
	return msr_platform_write(vp, MSR_IA32_X2APIC_EOI, 0);
}

static enum msr_result write_icr(struct vp *vp, u64 value)
{
	return msr_platform_write(vp, MSR_IA32_X2APIC_ICR, value);
}

static enum msr_result write_tpr(struct vp *vp, u64 value)
{
	return msr_platform_write(vp, MSR_IA32_X2APIC_TPR, value);
}

/*
 * TLFS vp-properties, "Virtual Processor Assist Page". NoEoiRequired is never
 * set: its word, the first one, is cleared when the page is enabled, and not
 * written after that.
 */
static enum msr_result write_vp_assist(struct vp *vp, u64 value)
{
	const u32 apic_assist = 0;
	gpa_t page = {value & HV_VP_ASSIST_MSR_PFN};

	if ((value & HV_VP_ASSIST_MSR_ENABLE) != 0 &&
	    port_write_guest(vp->partition, page, &apic_assist,
			     sizeof(apic_assist)) != ERR_OK) {
		return MSR_GP;
	}
	__atomic_store_n(&vp->own.vp_assist, value, __ATOMIC_RELAXED);
	return MSR_OK;
}

/* ---- writing; p->msr_lock is held ---- */

/*
 * TLFS hypercall-interface, "Establishing the Hypercall Interface": clearing
 * the guest OS identity disables the page. The Locked bit stays, and does not
 * keep the page enabled; abi.md: GUEST_OS_ID cleared while locked.
 */
static enum msr_result write_guest_os_id(struct vp *vp, u64 value)
{
	struct partition *p = vp->partition;

	if (value == 0 && is_enabled(p)) {
		__atomic_store_n(&p->hypercall_msr,
				 p->hypercall_msr & ~HV_HYPERCALL_MSR_ENABLE,
				 __ATOMIC_RELAXED);
		overlay_hide(vp);
	}
	/* Read without the lock by the hypercall path */
	__atomic_store_n(&p->guest_os_id, value, __ATOMIC_RELAXED);
	return MSR_OK;
}

/*
 * abi.md: locked HYPERCALL; abi.md: bits 11:2 of HYPERCALL; abi.md: HYPERCALL
 * without GUEST_OS_ID, where all is kept but Enable, and no PFN is refused.
 */
static enum msr_result write_hypercall(struct vp *vp, u64 value)
{
	struct partition *p = vp->partition;
	u64 old = p->hypercall_msr;
	u64 at = value & HV_HYPERCALL_MSR_PFN;

	if (is_locked(p)) {
		return MSR_GP;
	}
	if (p->guest_os_id == 0) {
		value &= ~HV_HYPERCALL_MSR_ENABLE;
	}
	bool enable = (value & HV_HYPERCALL_MSR_ENABLE) != 0;

	if (enable && at >= p->memory_len) {
		return MSR_GP;
	}
	if (!enable) {
		/* nobody may read Enable = 1 while the page is going away */
		__atomic_store_n(&p->hypercall_msr, value, __ATOMIC_RELAXED);
	}
	if (!enable && (old & HV_HYPERCALL_MSR_ENABLE) != 0) {
		overlay_hide(vp);
	} else if (enable && ((old & HV_HYPERCALL_MSR_ENABLE) == 0 ||
			      (old & HV_HYPERCALL_MSR_PFN) != at)) {
		overlay_show(vp, (gpa_t){at});
	}
	/* nor before the page is there */
	__atomic_store_n(&p->hypercall_msr, value, __ATOMIC_RELEASE);
	return MSR_OK;
}

static enum msr_result write_tsc_invariant_control(struct vp *vp, u64 value)
{
	if ((value & ~TSC_INVARIANT_CONTROL_VALID) != 0) {
		return MSR_GP;
	}
	__atomic_store_n(&vp->partition->tsc_invariant_control, value,
			 __ATOMIC_RELAXED);
	return MSR_OK;
}

/* generated: MSRs, from include/abi.toml */
/* clang-format off */
static const struct row rows[] = {
	{HV_X64_MSR_GUEST_OS_ID,
	 0, HV_PRIV_ACCESS_HYPERCALL_MSRS,
	 .read = read_guest_os_id, .write = write_guest_os_id},
	{HV_X64_MSR_HYPERCALL,
	 0, HV_PRIV_ACCESS_HYPERCALL_MSRS,
	 .read = read_hypercall, .write = write_hypercall},
	{HV_X64_MSR_VP_INDEX,
	 0, HV_PRIV_ACCESS_VP_INDEX,
	 .read = read_vp_index},
	{HV_X64_MSR_TIME_REF_COUNT,
	 0, HV_PRIV_ACCESS_REFERENCE_COUNTER,
	 .read = read_time_ref_count},
	{HV_X64_MSR_TSC_FREQUENCY,
	 HV_FEATURE_FREQUENCY_MSRS, HV_PRIV_ACCESS_FREQUENCY_REGS,
	 .read = read_tsc_frequency},
	{HV_X64_MSR_APIC_FREQUENCY,
	 HV_FEATURE_FREQUENCY_MSRS, HV_PRIV_ACCESS_FREQUENCY_REGS,
	 .read = read_apic_frequency},
	{HV_X64_MSR_EOI,
	 0, HV_PRIV_ACCESS_INTR_CTRL_REGS,
	 .write_own = write_eoi},
	{HV_X64_MSR_ICR,
	 0, HV_PRIV_ACCESS_INTR_CTRL_REGS,
	 .read = read_icr, .write_own = write_icr},
	{HV_X64_MSR_TPR,
	 0, HV_PRIV_ACCESS_INTR_CTRL_REGS,
	 .read = read_tpr, .write_own = write_tpr},
	{HV_X64_MSR_VP_ASSIST_PAGE,
	 0, HV_PRIV_ACCESS_INTR_CTRL_REGS,
	 .read = read_vp_assist, .write_own = write_vp_assist},
	{HV_X64_MSR_TSC_INVARIANT_CONTROL,
	 0, HV_PRIV_ACCESS_TSC_INVARIANT_CONTROL,
	 .read = read_tsc_invariant_control, .write = write_tsc_invariant_control},
};
/* clang-format on */
/* end: MSRs */

/* The row of an MSR that the partition may use, or NULL. */
static const struct row *find(const struct partition *p, u32 msr)
{
	const struct config_privileges *granted = &p->config->privileges;

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		const struct row *row = &rows[i];

		if (row->msr == msr && (row->privilege & ~granted->mask) == 0 &&
		    (row->features & ~granted->features) == 0) {
			return row;
		}
	}
	return NULL;
}

enum msr_result msr_synthetic_read(struct vp *vp, u32 msr, u64 *value)
{
	const struct row *row = find(vp->partition, msr);

	if (row == NULL) {
		return MSR_UNKNOWN;
	}
	if (row->read == NULL) {
		return MSR_GP;
	}
	*value = row->read(vp);
	return MSR_OK;
}

enum msr_result msr_synthetic_write(struct vp *vp, u32 msr, u64 value)
{
	struct partition *p = vp->partition;
	const struct row *row = find(p, msr);

	if (row == NULL) {
		return MSR_UNKNOWN;
	}
	if (row->write_own != NULL) {
		return row->write_own(vp, value);
	}
	if (row->write == NULL) {
		return MSR_GP;
	}
	lock_acquire(&p->msr_lock);
	enum msr_result result = row->write(vp, value);

	lock_release(&p->msr_lock);
	return result;
}
