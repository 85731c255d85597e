# SPDX-License-Identifier: MIT
#
# The test guest, folder by folder.

# Ground first: a file includes its own folder and those before it, and a suite
# no other suite (make lint)
guest-folders := bzimage kernel harness call experiment linux suites/apic suites/bench \
	suites/boot suites/calls suites/control suites/flush suites/inhibit \
	suites/inspect suites/life suites/msr suites/overcommit suites/paging \
	suites/registers suites/sanitize suites/step suites/storms suites/tour

# The same of the files in kernel/
guest-kernel-files := layout cpu mem rng serial cmdline start_info gdt \
	trap_frame vp die trap idt apic page paging32 host watchdog relax smp irq

guest-s += kernel/ap.S
guest-s += kernel/isr.S
guest-s += kernel/paging32_switch.S
guest-s += kernel/start.S
guest-c += kernel/apic.c
guest-c += kernel/cmdline.c
guest-c += kernel/die.c
guest-c += kernel/gdt.c
guest-c += kernel/host.c
guest-c += kernel/idt.c
guest-c += kernel/irq.c
guest-c += kernel/mem.c
guest-c += kernel/page.c
guest-c += kernel/paging32.c
guest-c += kernel/relax.c
guest-c += kernel/rng.c
guest-c += kernel/serial.c
guest-c += kernel/smp.c
guest-c += kernel/start_info.c
guest-c += kernel/trap.c
guest-c += kernel/watchdog.c
guest-c += harness/choice.c
guest-c += harness/needs.c
guest-c += harness/suite.c
guest-c += harness/tap.c
guest-c += harness/timing.c
guest-s += call/entry.S
guest-s += call/entry32.S
guest-s += suites/apic/init_record.S
guest-c += call/checked.c
guest-c += call/counters.c
guest-c += call/flush.c
guest-c += call/forms.c
guest-c += call/oracle_call.c
guest-c += call/registers.c
guest-c += experiment/halting.c
guest-c += experiment/inhibited.c
guest-c += experiment/late_timer.c
guest-c += experiment/reader.c
guest-c += experiment/shared_cpu.c
guest-c += experiment/swap.c
guest-c += suites/apic/init.c
guest-c += suites/apic/ipi.c
guest-c += suites/apic/registers.c
guest-c += suites/apic/timer.c
guest-c += suites/apic/wake.c
guest-c += suites/bench/all_vps.c
guest-c += suites/bench/calls.c
guest-c += suites/bench/shared.c
guest-c += suites/bench/target.c
guest-c += suites/boot/boot.c
guest-c += suites/boot/clock.c
guest-c += suites/boot/endings.c
guest-c += suites/boot/isolate.c
guest-c += suites/calls/calls.c
guest-c += suites/calls/continuation.c
guest-c += suites/calls/forms.c
guest-c += suites/calls/forms32.c
guest-c += suites/calls/forms_flush.c
guest-c += suites/calls/fuzz.c
guest-c += suites/calls/ipi_and_query.c
guest-c += suites/control/at_random.c
guest-c += suites/control/control.c
guest-c += suites/control/refused.c
guest-c += suites/control/restarted.c
guest-c += suites/flush/counts.c
guest-c += suites/flush/flush.c
guest-c += suites/flush/kick.c
guest-c += suites/flush/lists.c
guest-c += suites/flush/records.c
guest-c += suites/flush/storm.c
guest-c += suites/inhibit/end.c
guest-c += suites/inhibit/events.c
guest-c += suites/inhibit/inhibit.c
guest-c += suites/inhibit/race.c
guest-c += suites/life/life.c
guest-c += suites/life/registers.c
guest-c += suites/msr/apic.c
guest-c += suites/msr/hypercall_page.c
guest-c += suites/msr/msr.c
guest-c += suites/overcommit/kick.c
guest-c += suites/inspect/inspect.c
guest-c += suites/overcommit/overcommit.c
guest-c += suites/overcommit/lock.c
guest-c += suites/overcommit/switched.c
guest-s += suites/paging/script32_run.S
guest-c += suites/paging/access.c
guest-c += suites/paging/bits.c
guest-c += suites/paging/delivery.c
guest-c += suites/paging/descriptor.c
guest-c += suites/paging/events.c
guest-c += suites/paging/exact.c
guest-c += suites/paging/faults.c
guest-c += suites/paging/invpcid.c
guest-c += suites/paging/mode32.c
guest-c += suites/paging/modes.c
guest-c += suites/paging/modes_faults.c
guest-c += suites/paging/pcid.c
guest-c += suites/paging/pcid_control.c
guest-c += suites/paging/region.c
guest-c += suites/paging/script32.c
guest-c += suites/paging/slots.c
guest-c += suites/paging/spaces.c
guest-c += suites/paging/tables.c
guest-c += suites/paging/tree.c
guest-c += suites/paging/walk.c
guest-s += suites/sanitize/use.S
guest-c += suites/sanitize/races.c
guest-c += suites/sanitize/sanitize.c
guest-c += suites/sanitize/scope.c
guest-c += suites/sanitize/seed.c
guest-c += suites/sanitize/tables.c
guest-c += suites/registers/other.c
guest-c += suites/registers/own.c
guest-c += suites/registers/statuses.c
guest-c += suites/registers/translate.c
guest-c += suites/step/state.c
guest-c += suites/step/step.c
guest-c += suites/storms/beside.c
guest-c += suites/storms/exits.c
guest-c += suites/storms/numbered.c
guest-c += suites/storms/prints.c
guest-c += suites/tour/measure.c
guest-c += suites/tour/tour.c
guest-c += suites/tour/demo.c
guest-c += main.c

# The oracle of hypercalls, from hv/test; it knows nothing of Lethe's source
guest-oracle-c += oracle/framing.c
guest-oracle-c += oracle/draw.c
guest-oracle-c += oracle/flush.c
guest-oracle-c += oracle/ipi.c
guest-oracle-c += oracle/registers.c
guest-oracle-c += oracle/spoil.c
