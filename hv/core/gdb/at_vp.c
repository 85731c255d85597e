/* SPDX-License-Identifier: MIT */
/*
 * Stops at the VP that they happen to: it holds all VPs of its partition,
 * itself included, and leaves the rest to the stub on the boot CPU.
 */
#include "core/gdb/at_vp.h"

#include "core/events/hold.h"
#include "core/gdb/breakpoints.h"
#include "core/gdb/link.h"
#include "core/gdb/register_table.h"
#include "core/gdb/step.h"
#include "core/paging/published.h"
#include "core/paging/shadow_table.h"
#include "core/paging/walk.h"
#include "core/port/port.h"
#include "core/port/vmcs.h"
#include "core/state/partition.h"
#include "x86/cr.h"

bool gdb_at_vp_is_on(const struct vp *vp)
{
	return vp->partition->config->gdb != CONFIG_GDB_OFF;
}

/* Linear address of the next instruction. */
static u64 linear_rip(void)
{
	u64 rip = port_vmcs_get(VMCS_GUEST_RIP);

	if ((port_vmcs_get(VMCS_ENTRY_CONTROLS) & VMX_ENTRY_IA32E) &&
	    (port_vmcs_get(VMCS_GUEST_CS_ACCESS) & VMX_ACCESS_L)) {
		return rip;
	}
	return (u32)(port_vmcs_get(VMCS_GUEST_CS_BASE) + rip);
}

/* The VP that is first gets reported; the others when it is their turn. */
static void stop(struct vp *vp, enum gdb_stop why, u64 address)
{
	struct vp *none = NULL;

	gdb_step_end(vp);
	vp->shared.gdb.address = address;
	vp->shared.gdb.is_offset =
		(why == GDB_STOP_BREAK || why == GDB_STOP_EXECUTE) &&
		port_vmcs_get(VMCS_GUEST_RIP) != address;
	/* what GDB does by a step where it knows of the breakpoint */
	vp->own.gdb.passes =
		vp->shared.gdb.is_offset && why == GDB_STOP_EXECUTE;
	/* pairs with gdb_run_poll(): the address comes with it */
	__atomic_store_n(&vp->shared.gdb.stop, why, __ATOMIC_RELEASE);
	(void)__atomic_compare_exchange_n(&gdb_link.first, &none, vp, false,
					  __ATOMIC_ACQ_REL, __ATOMIC_RELAXED);
	for (u32 i = 0; i < vp->partition->vp_count; i++) {
		hold_set(vp->partition->vps[i], HOLD_GDB);
	}
}

/* ---- hardware breakpoints ---- */

static const enum port_register address_registers[GDB_HARDWARE_MAX] = {
	PORT_DR0, PORT_DR1, PORT_DR2, PORT_DR3};

static void load_addresses(const u64 address[GDB_HARDWARE_MAX])
{
	for (u32 i = 0; i < GDB_HARDWARE_MAX; i++) {
		port_register_set(address_registers[i], address[i]);
	}
}

static void keep_guests(struct gdb_vp_own *own)
{
	for (u32 i = 0; i < GDB_HARDWARE_MAX; i++) {
		own->dr[i] = port_register_get(address_registers[i]);
	}
	own->dr7 = port_vmcs_get(VMCS_GUEST_DR7);
}

/* While they are in use, the guest's own breakpoints have no effect. */
static void take_hardware(struct vp *vp)
{
	const struct gdb_hardware *hardware = &gdb_link.hardware;
	struct gdb_vp_own *own = &vp->own.gdb;
	/* the stub may not have seen yet that a life is over */
	bool wanted =
		hardware->dr7 != 0 && hardware->life == vp->partition->life;

	if (own->generation == hardware->generation) {
		return;
	}
	own->generation = hardware->generation;
	if (wanted && !own->armed) {
		keep_guests(own);
	}
	if (wanted) {
		load_addresses(hardware->address);
		port_vmcs_set(VMCS_GUEST_DR7, hardware->dr7 | DR7_RESET);
	} else if (own->armed) {
		load_addresses(own->dr);
		port_vmcs_set(VMCS_GUEST_DR7, own->dr7);
	}
	own->armed = wanted;
}

void gdb_at_vp_init(struct vp *vp)
{
	vp->own.gdb.armed = false;
	vp->own.gdb.generation = 0;
	if (gdb_at_vp_is_on(vp)) {
		take_hardware(vp);
	}
}

bool gdb_at_vp_debug(struct vp *vp, u64 qualification)
{
	const struct gdb_hardware *hardware = &gdb_link.hardware;
	u64 used = hardware->dr7;

	if (!vp->own.gdb.armed) {
		used = 0;
	}
	for (u32 i = 0; i < GDB_HARDWARE_MAX; i++) {
		/* a condition may be reported for one that is not enabled */
		if ((qualification & BIT(i)) && (used & BIT(2 * i + 1))) {
			stop(vp, hardware->why[i], hardware->address[i]);
			return true;
		}
	}
	if (vp->own.gdb.stepping && (qualification & DR6_BS)) {
		stop(vp, GDB_STOP_STEP, 0);
		return !vp->own.gdb.guest_tf;
	}
	return false;
}

/* ---- software breakpoints ---- */

/*
 * Where the CPU has fetched the instruction: a software TLB says so, also where
 * the guest has changed its tables since and not flushed. A TLB of the CPU's
 * own cannot be asked; then the tables are.
 */
static bool fetched_from(struct vp *vp, u64 rip, gpa_t *at)
{
	const struct shadow *s = vp->shadow;
	struct shadow_place place;
	struct published regs;
	struct walk_state state;
	struct walk_result result;

	published_read_own(vp, &regs);
	if ((regs.cr0 & CR0_PG) && s != NULL && s->current != NULL) {
		u64 gva = shadow_table_linear(s, (gva_t){rip});
		u64 leaf = shadow_table_find(s, &s->current->tree, gva, &place);
		u64 offsets = PTE_SIZE(place.level) - 1;

		if (leaf & SHADOW_LEAF) {
			at->v = (leaf & PTE_ADDR & ~offsets) | (gva & offsets);
			return true;
		}
	}
	walk_state(&state, &regs);
	if (walk(vp->partition, &state, (gva_t){rip},
		 WALK_EXECUTE | WALK_EXEMPT, &result) != WALK_OK) {
		return false;
	}
	*at = result.gpa;
	return true;
}

bool gdb_at_vp_break(struct vp *vp)
{
	gpa_t at;

	if (!gdb_at_vp_is_on(vp) || !gdb_breakpoints_any() ||
	    !fetched_from(vp, linear_rip(), &at) ||
	    !gdb_breakpoints_is_at(at)) {
		return false;
	}
	stop(vp, GDB_STOP_BREAK, linear_rip());
	return true;
}

/* ---- steps ---- */

void gdb_at_vp_look(struct vp *vp)
{
	const struct gdb_vp_own *own = &vp->own.gdb;

	if (vp->own.state == VP_SUSPENDED) {
		if (!own->was_suspended) {
			stop(vp, GDB_STOP_SUSPENDED, 0);
		}
	} else if (gdb_step_is_over(vp)) {
		stop(vp, GDB_STOP_STEP, 0);
	}
}

/* ---- the event ---- */

static void do_job(struct vp *vp)
{
	struct gdb_job *job = &gdb_link.job;

	/* another VP may have stopped the partition before it was over */
	gdb_step_end(vp);
	if (job->is_write) {
		job->refused = gdb_register_table_write(vp, &job->registers,
							&job->wanted);
		published_update(vp);
	} else {
		gdb_register_table_read(vp, &job->registers);
		published_read_own(vp, &job->paging);
	}
	/* pairs with gdb_job_is_done(): the results come with it */
	__atomic_store_n(&job->is_done, 1, __ATOMIC_RELEASE);
}

/* Its hardware breakpoint has no effect on this one instruction. */
static void pass_breakpoint(struct vp *vp)
{
	if (vp->own.gdb.passes) {
		vp->own.gdb.passes = false;
		port_vmcs_set(VMCS_GUEST_RFLAGS,
			      port_vmcs_get(VMCS_GUEST_RFLAGS) | RFLAGS_RF);
	}
}

void gdb_at_vp_serve(struct vp *vp)
{
	u32 action = __atomic_exchange_n(&vp->shared.gdb.action, GDB_STAY,
					 __ATOMIC_ACQUIRE);

	if (action != GDB_STAY) {
		take_hardware(vp);
		pass_breakpoint(vp);
		gdb_step_end(vp);
		if (action == GDB_STEP) {
			gdb_step_begin(vp);
		}
	}
	/* pairs with gdb_job_start() */
	if (__atomic_exchange_n(&vp->shared.gdb.request, 0, __ATOMIC_ACQUIRE)) {
		do_job(vp);
	}
}
