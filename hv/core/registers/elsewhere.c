/* SPDX-License-Identifier: MIT */
/*
 * Registers outside the VMCS: in struct vp, in the CPU while the VP is
 * current, in the virtual APIC; and the synthetic ones.
 */
#include "core/apic/interrupts.h"
#include "core/cpu/due.h"
#include "core/emulate/cpuid_synthetic.h"
#include "core/emulate/msr_platform.h"
#include "core/emulate/msr_synthetic.h"
#include "core/events/post.h"
#include "core/flush/inhibit.h"
#include "core/port/port.h"
#include "core/port/vmcs.h"
#include "core/registers/registers.h"
#include "core/state/partition.h"
#include "core/state/vp.h"
#include "core/vp/entry_check.h"
#include "x86/msr.h"

#define CR8_MAX 15

static bool get_gpr(const struct reg_access *a, struct hv_register_value *v)
{
	v->low = a->vp->own.gpr[a->which];
	return true;
}

static bool set_gpr(const struct reg_access *a,
		    const struct hv_register_value *v)
{
	a->vp->own.gpr[a->which] = v->low;
	return true;
}

const struct reg_ops reg_gpr = {.get = get_gpr, .set = set_gpr};

static bool get_cr8(const struct reg_access *a, struct hv_register_value *v)
{
	v->low = vapic_cr8(&a->vp->own.vapic);
	return true;
}

static bool set_cr8(const struct reg_access *a,
		    const struct hv_register_value *v)
{
	if (v->low > CR8_MAX) {
		return false;
	}
	vapic_set_cr8(&a->vp->own.vapic, (u8)v->low);
	due_note(a->vp);
	return true;
}

const struct reg_ops reg_cr8 = {.get = get_cr8, .set = set_cr8};

/*
 * WRMSR and MOV to a debug register are executed in root mode, so the set
 * functions below have to refuse what these instructions would refuse.
 */
static bool get_cpu(const struct reg_access *a, struct hv_register_value *v)
{
	v->low = port_register_get((enum port_register)a->which);
	return true;
}

static bool set_cpu(const struct reg_access *a,
		    const struct hv_register_value *v)
{
	port_register_set((enum port_register)a->which, v->low);
	return true;
}

static bool set_cpu32(const struct reg_access *a,
		      const struct hv_register_value *v)
{
	return v->low >> 32 == 0 && set_cpu(a, v);
}

static bool set_cpu_base(const struct reg_access *a,
			 const struct hv_register_value *v)
{
	return entry_check_canonical(v->low) && set_cpu(a, v);
}

const struct reg_ops reg_cpu = {.get = get_cpu, .set = set_cpu};
const struct reg_ops reg_cpu32 = {.get = get_cpu, .set = set_cpu32};
const struct reg_ops reg_cpu_base = {.get = get_cpu, .set = set_cpu_base};

static bool get_apic_base(const struct reg_access *a,
			  struct hv_register_value *v)
{
	return msr_platform_read(a->vp, MSR_IA32_APIC_BASE, &v->low) == MSR_OK;
}

static bool set_apic_base(const struct reg_access *a,
			  const struct hv_register_value *v)
{
	return msr_platform_write(a->vp, MSR_IA32_APIC_BASE, v->low) == MSR_OK;
}

const struct reg_ops reg_apic_base = {.get = get_apic_base,
				      .set = set_apic_base};

static bool get_apic_id(const struct reg_access *a, struct hv_register_value *v)
{
	v->low = a->vp->number;
	return true;
}

const struct reg_ops reg_apic_id = {.get = get_apic_id, .get_anywhere = true};

/* Guests share the CPU's counter (docs/decisions/0009-tsc-is-not-written.md).
 */
static bool get_tsc(const struct reg_access *a, struct hv_register_value *v)
{
	(void)a;
	v->low = port_tsc();
	return true;
}

const struct reg_ops reg_tsc = {.get = get_tsc, .get_anywhere = true};

/* False if the MSR is not granted to the VP's partition. */
static bool get_msr(const struct reg_access *a, struct hv_register_value *v)
{
	return msr_synthetic_read(a->vp, a->which, &v->low) == MSR_OK;
}

static bool set_msr(const struct reg_access *a,
		    const struct hv_register_value *v)
{
	return msr_synthetic_write(a->vp, a->which, v->low) == MSR_OK;
}

const struct reg_ops reg_msr = {
	.get = get_msr, .set = set_msr, .get_anywhere = true};
const struct reg_ops reg_msr_const = {.get = get_msr, .get_anywhere = true};

static bool get_cpuid(const struct reg_access *a, struct hv_register_value *v)
{
	u32 out[4];

	cpuid_synthetic(a->vp, a->which, out);
	v->low = (u64)out[1] << 32 | out[0];
	v->high = (u64)out[3] << 32 | out[2];
	return true;
}

const struct reg_ops reg_cpuid = {
	.get = get_cpuid, .is_128 = true, .get_anywhere = true};

/* ---- HvRegisterInterceptSuspend ---- */

static bool is_suspended(const struct vp *vp)
{
	return (__atomic_load_n(&vp->partition->suspended.words[vp->bank],
				__ATOMIC_RELAXED) &
		vp->bank_bit) != 0;
}

static bool get_suspend(const struct reg_access *a, struct hv_register_value *v)
{
	v->low = (is_suspended(a->vp) ? HV_INTERCEPT_SUSPENDED : 0) |
		 (inhibit_is_set(a->vp) ? HV_INTERCEPT_TLB_INHIBIT : 0);
	return true;
}

/* Only the hypervisor sets these bits; each may be cleared by itself. */
static bool set_suspend(const struct reg_access *a,
			const struct hv_register_value *v)
{
	struct hv_register_value now;

	(void)get_suspend(a, &now);
	if (v->low & ~now.low) {
		return false;
	}
	if ((now.low & ~v->low) & HV_INTERCEPT_TLB_INHIBIT) {
		inhibit_clear(a->vp);
	}
	if ((now.low & ~v->low) & HV_INTERCEPT_SUSPENDED) {
		/* the VP makes its call again, and may be suspended again */
		vp_post(a->vp, VP_EVENT_WAKE);
	}
	return true;
}

const struct reg_ops reg_suspend = {.get = get_suspend,
				    .set = set_suspend,
				    .get_anywhere = true,
				    .set_anywhere = true};
