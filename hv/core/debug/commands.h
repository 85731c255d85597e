/* SPDX-License-Identifier: MIT */
/* The functions of all commands, for the table in command.c. */
#ifndef HV_CORE_DEBUG_COMMANDS_H
#define HV_CORE_DEBUG_COMMANDS_H

#include "core/debug/command.h"

/* cmd_console.c */
debug_fn cmd_help;
debug_fn cmd_console;
debug_fn cmd_log;

/* cmd_vps.c */
debug_fn cmd_ps;

/* cmd_registers.c */
debug_fn cmd_vp;

/* cmd_apic.c */
debug_fn cmd_apic;

/* cmd_msr.c */
debug_fn cmd_msr;
debug_fn cmd_cpuid;

/* cmd_memory.c */
debug_fn cmd_x;

/* cmd_walk.c */
debug_fn cmd_walk;

/* cmd_tlb.c */
debug_fn cmd_tlb;

/* cmd_sanitize.c */
debug_fn cmd_sanitize;

/* cmd_flush.c */
debug_fn cmd_flush;
debug_fn cmd_inhibit;

/* cmd_exits.c */
debug_fn cmd_exits;
debug_fn cmd_hypercalls;

/* cmd_trace.c */
debug_fn cmd_trace;
/* cmd_life.c */
debug_fn cmd_start;
debug_fn cmd_stop;
debug_fn cmd_restart;
/* cmd_hold.c */
debug_fn cmd_suspend;
debug_fn cmd_resume;
debug_fn cmd_nmi;

/* cmd_machine.c */
debug_fn cmd_cpu;
debug_fn cmd_mem;
debug_fn cmd_version;

/* cmd_demo.c */
debug_fn cmd_demo;

/* cmd_end.c */
debug_fn cmd_panic;
debug_fn cmd_reboot;
debug_fn cmd_poweroff;

#endif
