# SPDX-License-Identifier: MIT
"""Runs in GDB, which is connected to a guest: one scenario's checks, as TAP.
The environment has LETHE_SCENARIO, LETHE_LINE, the socket of COM2, and
LETHE_SERIAL, the file with the console."""

import os

import gdb

from lethe import tap
from lethe.gdb_tests import flush, life, linux, modes, session, shadow
from lethe.gdb_tests.checks import STOPS, connect, run

LINUX = (linux.load_symbols, linux.threads_are_vps,
         linux.breakpoint_in_the_flush_path, linux.a_step,
         linux.linux_goes_on)
SCENARIOS = {
    "flush": (flush.the_other_partition_runs_on,
              flush.breakpoint_in_the_flush_path,
              flush.threads_are_vps, flush.a_breakpoint_is_hidden,
              flush.registers_take_values, flush.registers_refuse_values,
              flush.memory_takes_values, flush.monitor_runs_console_commands,
              flush.steps_follow_the_code,
              flush.pushf_hides_the_trap_flag, flush.a_step_into_an_exception,
              flush.a_step_over_emulated_instructions,
              flush.hardware_breakpoint, flush.watchpoint,
              flush.only_four_hardware_breakpoints, flush.step_over_a_vmcall,
              flush.interrupt, flush.detach),
    "inhibit": (flush.step_that_suspends, flush.the_suspended_call_ends,
                flush.detach),
    "shadow_flush": (flush.breakpoint_in_the_flush_path,
                     shadow.memory_is_that_of_the_guests_tables,
                     shadow.a_breakpoint_by_an_old_translation,
                     flush.steps_follow_the_code, flush.watchpoint,
                     flush.step_over_a_vmcall, flush.detach),
    "shadow_inhibit": (flush.step_that_suspends,
                       flush.the_suspended_call_ends, flush.detach),
    "life": (life.the_first_instruction, life.a_restart_at_the_prompt,
             life.the_next_life_is_new,
             life.breakpoints_are_those_of_the_new_life,
             life.a_restart_while_it_runs, life.a_stop_at_the_prompt),
    "linux": LINUX,
    "shadow_linux": LINUX,
    "session": (session.the_documents_session, flush.detach),
    "modes": (modes.protected_mode_without_paging,
              modes.the_description_stays_64_bit, modes.compatibility_mode,
              modes.a_breakpoint_in_real_mode, modes.steps_in_real_mode,
              modes.a_hardware_breakpoint_in_real_mode,
              modes.the_vp_gets_to_64_bit_code),
}


def main():
    results = tap.Writer()
    for setting in ("pagination off", "confirm off", "width 0",
                    "tcp connect-timeout 60", "remotetimeout 20"):
        run(f"set {setting}")
    gdb.events.stop.connect(STOPS.append)
    name = os.environ["LETHE_SCENARIO"]
    if SCENARIOS[name] is not LINUX:  # which connects later
        connect()
    for check in SCENARIOS[name]:
        try:
            check()
            results.line(True, f"gdb/{name}/{check.__name__}")
        except (gdb.error, gdb.MemoryError, AssertionError) as error:
            for line in str(error).splitlines():
                print(f"# {line}")
            results.line(False, f"gdb/{name}/{check.__name__}")
    results.plan()


main()
