# SPDX-License-Identifier: MIT
#
# Tests that run on the build host. The rows of the explorer are in
# explorer/explorer.mk.

# Ground first: a file includes its own folder and those before it (make lint)
test-folders := oracle explorer support fuzz unit

test-c += oracle/draw.c
test-c += oracle/flush.c
test-c += oracle/framing.c
test-c += oracle/ipi.c
test-c += oracle/registers.c
test-c += oracle/spoil.c

test-c += support/call.c
test-c += support/check.c
test-c += support/config_text.c
test-c += support/elf_image.c
test-c += support/entry_rules.c
test-c += support/ept_walker.c
test-c += support/fake.c
test-c += support/fake_memory.c
test-c += support/fake_partition.c
test-c += support/fake_vmcs.c
test-c += support/reg_vp.c
test-c += support/second_walker.c
test-c += support/shadow_vp.c
test-c += support/soft_spaces.c
test-c += support/soft_tlb.c
test-c += support/walk_tables.c

# What several fuzz targets need, then a row for each target
test-c += fuzz/hypercall_cover.c
test-c += fuzz/hypercall_machine.c
fuzz-c += fuzz/acpi.c
fuzz-c += fuzz/config.c
fuzz-c += fuzz/elf.c
fuzz-c += fuzz/hypercall.c
fuzz-c += fuzz/msr.c
fuzz-c += fuzz/ports.c
fuzz-c += fuzz/shadow.c
fuzz-c += fuzz/vapic.c
fuzz-c += fuzz/walk.c

# The order in which suites run is that of unit/suites.def
test-c += unit/main.c
test-c += unit/lib/mem_test.c
test-c += unit/lib/path_test.c
test-c += unit/config/errors_test.c
test-c += unit/config/parse_test.c
test-c += unit/config/spelling_test.c
test-c += unit/image/elf_test.c
test-c += unit/image/guest_memory_map_test.c
test-c += unit/image/pvh_plan_test.c
test-c += unit/platform/acpi_test.c
test-c += unit/platform/caps_test.c
test-c += unit/apic/interrupts_test.c
test-c += unit/apic/registers_test.c
test-c += unit/apic/timer_test.c
test-c += unit/cpu/run_word_test.c
test-c += unit/console/log_test.c
test-c += unit/paging/ept_test.c
test-c += unit/paging/guest_view_test.c
test-c += unit/paging/overlay_test.c
test-c += unit/paging/published_test.c
test-c += unit/paging/shadow_model_test.c
test-c += unit/paging/shadow_fault_test.c
test-c += unit/paging/shadow_large_test.c
test-c += unit/paging/shadow_pool_test.c
test-c += unit/paging/shadow_random_test.c
test-c += unit/paging/shadow_space_test.c
test-c += unit/paging/shadow_way_test.c
test-c += unit/paging/walk_random_test.c
test-c += unit/paging/walk_rights_test.c
test-c += unit/paging/walk_test.c
test-c += unit/events/ipi_test.c
test-c += unit/events/post_test.c
test-c += unit/emulate/console_test.c
test-c += unit/emulate/cpuid_test.c
test-c += unit/emulate/guest_line_test.c
test-c += unit/emulate/hypercall_page_test.c
test-c += unit/emulate/ioport_test.c
test-c += unit/emulate/msr_test.c
test-c += unit/emulate/uart_registers_test.c
test-c += unit/emulate/uart_test.c
test-c += unit/vp/cr_test.c
test-c += unit/vp/inject_test.c
test-c += unit/vp/invpcid_test.c
test-c += unit/vp/operand_test.c
test-c += unit/vp/shadow_vmcs_test.c
test-c += unit/vp/vmcs_plan_test.c
test-c += unit/flush/caller_test.c
test-c += unit/flush/drop_test.c
test-c += unit/flush/inhibit_test.c
test-c += unit/flush/put_test.c
test-c += unit/flush/range_test.c
test-c += unit/flush/suspend_steps_test.c
test-c += unit/flush/suspend_test.c
test-c += unit/flush/target_test.c
test-c += unit/registers/own_rip_test.c
test-c += unit/registers/view_test.c
test-c += unit/registers/random_test.c
test-c += unit/registers/request_abandoned_test.c
test-c += unit/registers/request_states_test.c
test-c += unit/registers/request_test.c
test-c += unit/registers/table_test.c
test-c += unit/hypercall/continuation_test.c
test-c += unit/hypercall/counters_test.c
test-c += unit/hypercall/engine_order_test.c
test-c += unit/hypercall/engine_test.c
test-c += unit/hypercall/fast_path_test.c
test-c += unit/hypercall/flush_exact_random_test.c
test-c += unit/hypercall/flush_exact_test.c
test-c += unit/hypercall/flush_extended_ranges_test.c
test-c += unit/hypercall/flush_targets_test.c
test-c += unit/hypercall/flush_test.c
test-c += unit/hypercall/input_test.c
test-c += unit/hypercall/ipi_test.c
test-c += unit/hypercall/query_capabilities_test.c
test-c += unit/hypercall/registers_test.c
test-c += unit/hypercall/translate_test.c
test-c += unit/lifecycle/build_test.c
test-c += unit/lifecycle/place_test.c
test-c += unit/lifecycle/stop_test.c
test-c += unit/run/sched_test.c
test-c += unit/run/service_test.c
