/* SPDX-License-Identifier: MIT */
/*
 * Decides which register names exist, and the result of each element of a call.
 * An error in element k ends the job with k elements done; those keep their
 * effect.
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

/* One name; several that follow each other: `which` is for the first of them */
#define ONE(_name, _ops, _which)                                               \
	{                                                                      \
		(_name), (_name), &(_ops), (_which)                            \
	}
#define SEVERAL(_first, _last, _ops, _which)                                   \
	{                                                                      \
		(_first), (_last), &(_ops), (_which)                           \
	}

/* generated: registers, from include/abi.toml */
/* clang-format off */
static const struct row rows[] = {
	ONE(HV_REGISTER_INTERCEPT_SUSPEND,                reg_suspend,          0),
	ONE(HV_X64_REGISTER_RSP,                          reg_rsp,              0),
	SEVERAL(HV_X64_REGISTER_RAX, HV_X64_REGISTER_R15, reg_gpr,              GPR_RAX),
	ONE(HV_X64_REGISTER_RIP,                          reg_rip,              0),
	ONE(HV_X64_REGISTER_RFLAGS,                       reg_rflags,           0),
	ONE(HV_X64_REGISTER_CR0,                          reg_control,          REG_CR0),
	ONE(HV_X64_REGISTER_CR2,                          reg_cpu,              PORT_CR2),
	ONE(HV_X64_REGISTER_CR3,                          reg_control,          REG_CR3),
	ONE(HV_X64_REGISTER_CR4,                          reg_control,          REG_CR4),
	ONE(HV_X64_REGISTER_CR8,                          reg_cr8,              0),
	SEVERAL(HV_X64_REGISTER_DR0, HV_X64_REGISTER_DR3, reg_cpu,              PORT_DR0),
	ONE(HV_X64_REGISTER_DR6,                          reg_cpu32,            PORT_DR6),
	ONE(HV_X64_REGISTER_DR7,                          reg_dr7,              0),
	SEVERAL(HV_X64_REGISTER_ES, HV_X64_REGISTER_TR,   reg_segment,          0),
	ONE(HV_X64_REGISTER_IDTR,                         reg_descriptor_table, REG_IDTR),
	ONE(HV_X64_REGISTER_GDTR,                         reg_descriptor_table, REG_GDTR),
	ONE(HV_X64_REGISTER_TSC,                          reg_tsc,              0),
	ONE(HV_X64_REGISTER_EFER,                         reg_control,          REG_EFER),
	ONE(HV_X64_REGISTER_KERNEL_GS_BASE,               reg_cpu_base,         PORT_KERNEL_GS_BASE),
	ONE(HV_X64_REGISTER_APIC_BASE,                    reg_apic_base,        0),
	ONE(HV_X64_REGISTER_PAT,                          reg_field,            VMCS_GUEST_PAT),
	ONE(HV_X64_REGISTER_SYSENTER_CS,                  reg_field32,          VMCS_GUEST_SYSENTER_CS),
	ONE(HV_X64_REGISTER_SYSENTER_EIP,                 reg_field,            VMCS_GUEST_SYSENTER_EIP),
	ONE(HV_X64_REGISTER_SYSENTER_ESP,                 reg_field,            VMCS_GUEST_SYSENTER_ESP),
	ONE(HV_X64_REGISTER_STAR,                         reg_cpu,              PORT_STAR),
	ONE(HV_X64_REGISTER_LSTAR,                        reg_cpu_base,         PORT_LSTAR),
	ONE(HV_X64_REGISTER_CSTAR,                        reg_cpu_base,         PORT_CSTAR),
	ONE(HV_X64_REGISTER_SFMASK,                       reg_cpu32,            PORT_FMASK),
	ONE(HV_X64_REGISTER_INITIAL_APIC_ID,              reg_apic_id,          0),
	ONE(HV_X64_REGISTER_TSC_AUX,                      reg_cpu32,            PORT_TSC_AUX),
	ONE(HV_X64_REGISTER_HYPERCALL,                    reg_msr,              HV_X64_MSR_HYPERCALL),
	ONE(HV_REGISTER_GUEST_OS_ID,                      reg_msr,              HV_X64_MSR_GUEST_OS_ID),
	ONE(HV_REGISTER_VP_ASSIST_PAGE,                   reg_msr,              HV_X64_MSR_VP_ASSIST_PAGE),
	ONE(HV_REGISTER_VP_INDEX,                         reg_msr_const,        HV_X64_MSR_VP_INDEX),
	ONE(HV_REGISTER_TIME_REF_COUNT,                   reg_msr_const,        HV_X64_MSR_TIME_REF_COUNT),
	ONE(HV_REGISTER_PROCESSOR_CLOCK,                  reg_msr_const,        HV_X64_MSR_TSC_FREQUENCY),
	ONE(HV_REGISTER_INTERRUPT_CLOCK,                  reg_msr_const,        HV_X64_MSR_APIC_FREQUENCY),
	ONE(HV_REGISTER_HYPERVISOR_VERSION,               reg_cpuid,            HV_CPUID_VERSION),
	ONE(HV_REGISTER_PRIVILEGES_AND_FEATURES,          reg_cpuid,            HV_CPUID_FEATURES),
	ONE(HV_REGISTER_FEATURES_INFO,                    reg_cpuid,            HV_CPUID_RECOMMENDATIONS),
	ONE(HV_REGISTER_IMPLEMENTATION_LIMITS,            reg_cpuid,            HV_CPUID_LIMITS),
	ONE(HV_REGISTER_HARDWARE_FEATURES,                reg_cpuid,            HV_CPUID_HARDWARE),
	ONE(HV_REGISTER_NESTED_FEATURES,                  reg_cpuid,            HV_CPUID_NESTED),
};
/* clang-format on */
/* end: registers */

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
