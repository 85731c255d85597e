# SPDX-License-Identifier: MIT
#
# What decides without an instruction: hv/common, which the loaders and kvm-run
# compile too, and hv/core.

# Ground first: a file includes its own folder and those before it (make lint)
core-folders := common/lib core/port common/config common/image \
	common/platform core/state core/apic core/cpu core/console core/paging \
	core/events core/partition core/emulate core/vp core/flush \
	core/registers core/hypercall core/lifecycle core/run

# The order of the rows is that of the link
core-c += common/lib/mem.c
core-c += common/platform/caps.c
core-c += core/cpu/run_word.c
core-c += core/cpu/wait.c
core-c += core/cpu/kick.c
core-c += core/state/machine.c
core-c += core/events/post.c
core-c += core/lifecycle/place.c
core-c += core/paging/ept.c
core-c += core/flush/range.c
core-c += core/flush/caller.c
core-c += core/flush/invalidate.c
core-c += core/flush/target.c
core-c += core/paging/overlay.c
core-c += core/hypercall/table.c
core-c += core/hypercall/engine.c
core-c += core/hypercall/continuation.c
core-c += core/cpu/budget.c
core-c += core/hypercall/targets.c
core-c += core/hypercall/flush.c
core-c += core/hypercall/counters.c
core-c += core/console/log.c
core-c += common/lib/format.c
core-c += core/console/log_ring.c
core-c += core/console/first_use.c
core-c += core/emulate/uart.c
core-c += core/emulate/guest_line.c
core-c += core/emulate/guest_serial.c
core-c += core/vp/inject.c
core-c += core/lifecycle/stop.c
core-c += core/run/service.c
core-c += core/vp/vmcs_plan.c
core-c += core/vp/cr.c
core-c += core/emulate/console.c
core-c += core/apic/interrupts.c
core-c += core/apic/timer.c
core-c += core/apic/registers.c
core-c += core/events/ipi.c
core-c += core/emulate/ioport.c
core-c += core/emulate/cpuid.c
core-c += core/emulate/cpuid_synthetic.c
core-c += core/lifecycle/build.c
core-c += core/emulate/msr.c
core-c += core/emulate/msr_platform.c
core-c += core/emulate/msr_synthetic.c
core-c += common/lib/text.c
core-c += common/config/parse.c
core-c += common/config/keys.c
core-c += common/config/value.c
core-c += common/config/number.c
core-c += common/config/encoding.c
core-c += common/lib/path.c
core-c += common/config/privileges.c
core-c += common/image/elf.c
core-c += common/image/elf_note.c
core-c += common/image/pvh_plan.c
core-c += common/image/pvh_write.c
core-c += common/platform/acpi.c
core-c += common/platform/acpi_s5.c
core-c += core/run/sched.c
core-c += core/flush/suspend.c
core-c += core/flush/inhibit.c
core-c += core/paging/walk.c
core-c += core/paging/walk_from.c
core-c += core/paging/shadow_table.c
core-c += core/paging/shadow_way.c
core-c += core/paging/shadow_context.c
core-c += core/paging/shadow_drop.c
core-c += core/paging/shadow_page.c
core-c += core/paging/shadow_fill.c
core-c += core/paging/shadow.c
core-c += core/paging/published.c
core-c += core/partition/access.c
core-c += core/hypercall/registers.c
core-c += core/hypercall/translate.c
core-c += core/hypercall/long_spin.c
core-c += core/hypercall/fast_path.c
core-c += common/config/controls.c
core-c += core/hypercall/input.c
core-c += core/hypercall/query_capabilities.c
core-c += core/hypercall/ipi.c
core-c += core/vp/entry_check.c
core-c += core/registers/control.c
core-c += core/registers/table.c
core-c += core/registers/in_vmcs.c
core-c += core/registers/elsewhere.c
core-c += core/registers/request.c
core-c += core/registers/serve.c
core-c += core/paging/guest_view.c
core-c += core/vp/shadow_vmcs.c
core-c += core/flush/drop.c
core-c += core/hypercall/flush_exact.c
core-c += core/vp/operand.c
core-c += core/vp/invpcid.c
