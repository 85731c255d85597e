/* SPDX-License-Identifier: MIT */
/*
 * Which names there are, and the result of each element of a call. An error in
 * element k ends the job with k elements done; those keep their effect.
 */
#include "core/registers/table.h"

#include "core/port/vmcs.h"
#include "core/registers/registers.h"
#include "core/state/vp.h"
#include "tlfs/cpuid.h"
#include "tlfs/msr.h"

/* Names `first` to `last`; which = `which` + name - first. */
struct row {
	u32 first;
	u32 last;
	const struct reg_ops *ops;
	u32 which;
};

#define ONE(_name, _ops, _which)                                               \
	{                                                                      \
		HV_##_name, HV_##_name, &reg_##_ops, (_which)                  \
	}
#define X64(_name, _ops, _which) ONE(X64_REGISTER_##_name, _ops, _which)
#define HV(_name, _ops, _which)  ONE(REGISTER_##_name, _ops, _which)

/* clang-format off */
static const struct row rows[] = {
	HV (INTERCEPT_SUSPEND,       suspend,   0),
	/* before the row of all general registers: the first match counts */
	X64(RSP,                     rsp,       0),
	{HV_X64_REGISTER_RAX, HV_X64_REGISTER_R15, &reg_gpr, GPR_RAX},
	X64(RIP,                     rip,       0),
	X64(RFLAGS,                  rflags,    0),
	X64(CR0,                     control,   REG_CR0),
	X64(CR2,                     cpu,       PORT_CR2),
	X64(CR3,                     control,   REG_CR3),
	X64(CR4,                     control,   REG_CR4),
	X64(CR8,                     cr8,       0),
	{HV_X64_REGISTER_DR0, HV_X64_REGISTER_DR3, &reg_cpu, PORT_DR0},
	X64(DR6,                     cpu32,     PORT_DR6),
	X64(DR7,                     dr7,       0),
	{HV_X64_REGISTER_ES, HV_X64_REGISTER_TR, &reg_segment, 0},
	X64(IDTR,                    descriptor_table, REG_IDTR),
	X64(GDTR,                    descriptor_table, REG_GDTR),
	X64(TSC,                     tsc,       0),
	X64(EFER,                    control,   REG_EFER),
	X64(KERNEL_GS_BASE,          cpu_base,  PORT_KERNEL_GS_BASE),
	X64(APIC_BASE,               apic_base, 0),
	X64(PAT,                     field,     VMCS_GUEST_PAT),
	X64(SYSENTER_CS,             field32,   VMCS_GUEST_SYSENTER_CS),
	X64(SYSENTER_EIP,            field,     VMCS_GUEST_SYSENTER_EIP),
	X64(SYSENTER_ESP,            field,     VMCS_GUEST_SYSENTER_ESP),
	X64(STAR,                    cpu,       PORT_STAR),
	X64(LSTAR,                   cpu_base,  PORT_LSTAR),
	X64(CSTAR,                   cpu_base,  PORT_CSTAR),
	X64(SFMASK,                  cpu32,     PORT_FMASK),
	X64(INITIAL_APIC_ID,         apic_id,   0),
	X64(TSC_AUX,                 cpu32,     PORT_TSC_AUX),
	X64(HYPERCALL,               msr,       HV_X64_MSR_HYPERCALL),
	HV (GUEST_OS_ID,             msr,       HV_X64_MSR_GUEST_OS_ID),
	HV (VP_INDEX,                msr_const, HV_X64_MSR_VP_INDEX),
	HV (TIME_REF_COUNT,          msr_const, HV_X64_MSR_TIME_REF_COUNT),
	HV (PROCESSOR_CLOCK,         msr_const, HV_X64_MSR_TSC_FREQUENCY),
	HV (INTERRUPT_CLOCK,         msr_const, HV_X64_MSR_APIC_FREQUENCY),
	HV (HYPERVISOR_VERSION,      cpuid,     HV_CPUID_VERSION),
	HV (PRIVILEGES_AND_FEATURES, cpuid,     HV_CPUID_FEATURES),
	HV (FEATURES_INFO,           cpuid,     HV_CPUID_RECOMMENDATIONS),
	HV (IMPLEMENTATION_LIMITS,   cpuid,     HV_CPUID_LIMITS),
	HV (HARDWARE_FEATURES,       cpuid,     HV_CPUID_HARDWARE),
	HV (NESTED_FEATURES,         cpuid,     HV_CPUID_NESTED),
};
/* clang-format on */

static const struct row *find(u32 name)
{
	for (u32 i = 0; i < ARRAY_SIZE(rows); i++) {
		if (name >= rows[i].first && name <= rows[i].last) {
			return &rows[i];
		}
	}
	return NULL;
}

static u32 name_of(const struct reg_job *job, u32 i)
{
	return job->is_set ? job->assocs[i].name : job->names[i];
}

bool reg_job_is_anywhere(const struct reg_job *job)
{
	for (u32 i = 0; i < job->count; i++) {
		const struct row *row = find(name_of(job, i));

		if (row == NULL) {
			return true; /* the job ends here */
		}
		if (!(job->is_set ? row->ops->set_anywhere
				  : row->ops->get_anywhere)) {
			return false;
		}
	}
	return true;
}

static struct reg_access access_to(struct vp *vp, u64 ahead,
				   const struct row *row, u32 name)
{
	return (struct reg_access){.vp = vp,
				   .ahead = ahead,
				   .which = row->which + name - row->first};
}

static enum hv_status get_one(struct vp *vp, u64 ahead, u32 name,
			      struct hv_register_value *value)
{
	const struct row *row = find(name);
	struct reg_access a;

	if (row == NULL) {
		return HV_STATUS_INVALID_PARAMETER;
	}
	a = access_to(vp, ahead, row, name);
	*value = (struct hv_register_value){0, 0};
	return row->ops->get(&a, value) ? HV_STATUS_SUCCESS
					: HV_STATUS_INVALID_PARAMETER;
}

static enum hv_status set_one(struct vp *vp, u64 ahead,
			      const struct hv_register_assoc *assoc)
{
	const struct row *row = find(assoc->name);
	struct hv_register_value unused = {0, 0};
	struct reg_access a;

	if (row == NULL || row->ops->set == NULL ||
	    (assoc->reserved[0] | assoc->reserved[1] | assoc->reserved[2])) {
		return HV_STATUS_INVALID_PARAMETER;
	}
	a = access_to(vp, ahead, row, assoc->name);
	if (!row->ops->get(&a, &unused)) {
		return HV_STATUS_INVALID_PARAMETER;
	}
	if ((!row->ops->is_128 && assoc->value.high != 0) ||
	    !row->ops->set(&a, &assoc->value)) {
		return HV_STATUS_INVALID_REGISTER_VALUE;
	}
	return HV_STATUS_SUCCESS;
}

void reg_job_run(struct reg_job *job, struct vp *vp, u64 ahead)
{
	job->done = 0;
	job->status = HV_STATUS_SUCCESS;
	while (job->done < job->count) {
		u32 i = job->done;

		job->status = job->is_set ? set_one(vp, ahead, &job->assocs[i])
					  : get_one(vp, ahead, job->names[i],
						    &job->values[i]);
		if (job->status != HV_STATUS_SUCCESS) {
			return;
		}
		job->done++;
	}
}
