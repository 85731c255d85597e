/* SPDX-License-Identifier: MIT */
/* The one table of commands. docs/console.md: how to add one. */
#include "core/debug/command.h"

#include "core/debug/commands.h"
#include "core/debug/word.h"

#define LEN_MAX   0x10000
#define WORD32MAX 0xffffffff

/* Kinds of arguments: needed, and optional */
#define NONE                                                                   \
	{                                                                      \
		{                                                              \
			DEBUG_NONE, false, NULL, 0                             \
		}                                                              \
	}
#define VP                                                                     \
	{                                                                      \
		DEBUG_VP, false, "P:N", 0                                      \
	}
#define NUMBER(name, max)                                                      \
	{                                                                      \
		DEBUG_NUMBER, false, name, max                                 \
	}
#define NUMBER_OR(name, max)                                                   \
	{                                                                      \
		DEBUG_NUMBER, true, name, max                                  \
	}

/* clang-format off */
static const struct debug_command commands[] = {
	{"help", {{DEBUG_COMMAND, true, "COMMAND", 0}}, DEBUG_DEAD_OK, cmd_help,
	 "the commands, or how one is used"},
	{"ps", {{DEBUG_PARTITION, true, "P", 0}}, DEBUG_DEAD_OK, cmd_ps,
	 "partitions and VPs: state, CPU, share of time, what they wait for"},
	{"vp", {VP}, DEBUG_AT_VP, cmd_vp,
	 "registers, VMCS and interrupt state of a VP"},
	{"apic", {VP}, DEBUG_AT_VP, cmd_apic,
	 "local APIC of a VP"},
	{"msr", {VP, {DEBUG_MSR, true, "MSR", WORD32MAX}}, DEBUG_AT_VP, cmd_msr,
	 "MSRs of a VP, as it would read them; MSR: a number or a name"},
	{"cpuid", {VP, NUMBER("LEAF", WORD32MAX), NUMBER_OR("SUB", WORD32MAX)},
	 DEBUG_AT_VP, cmd_cpuid,
	 "what CPUID answers in a VP"},
	{"x", {{DEBUG_PLACE, false, "P:GPA", 0}, NUMBER_OR("LEN", LEN_MAX)}, DEBUG_DEAD_OK, cmd_x,
	 "guest-physical memory, 64 bytes or LEN; GPA: a number or SYMBOL+N"},
	{"walk", {VP, {DEBUG_ADDRESS, false, "GVA", 0}}, DEBUG_AT_VP, cmd_walk,
	 "a VP's page walk, with software TLB and EPT; GVA: also SYMBOL+N"},
	{"tlb", {VP, {DEBUG_ADDRESS, true, "GVA", 0}}, DEBUG_AT_VP, cmd_tlb,
	 "a VP's software TLB; * marks what the guest's tables no longer say"},
	{"sanitize", {VP}, DEBUG_AT_VP, cmd_sanitize,
	 "what a VP's sanitizer has found, and what is stale now"},
	{"flush", {{DEBUG_PARTITION, true, "P", 0}}, DEBUG_DEAD_OK, cmd_flush,
	 "flushes and INVVPIDs of each VP, by type"},
	{"inhibit", {VP, {DEBUG_CHOICE, true, "on|off", 0}}, DEBUG_CHANGES,
	 cmd_inhibit,
	 "who inhibits flushes of a VP; the console does, or ends its part"},
	{"exits", {VP, {DEBUG_CHOICE, true, "start|look", 0}}, DEBUG_DEAD_OK,
	 cmd_exits,
	 "exits of a VP by reason, and their cost, since start or the last look"},
	{"hypercalls", {{DEBUG_PARTITION, true, "P", 0}}, DEBUG_DEAD_OK,
	 cmd_hypercalls,
	 "hypercalls by code and status"},
	{"trace", {{DEBUG_CHOICE, true, "on|off|clear|show|dump|mark", 0},
		   NUMBER_OR("COUNT", WORD32MAX), {DEBUG_VP, true, "P:N", 0}},
	 DEBUG_DEAD_OK, cmd_trace,
	 "the last COUNT events of all CPUs, or of a VP; mark: a mark COUNT"},
	{"start", {{DEBUG_PARTITION, false, "P", 0}}, DEBUG_CHANGES, cmd_start,
	 "starts a partition that has stopped"},
	{"stop", {{DEBUG_PARTITION, false, "P", 0}},
	 DEBUG_CHANGES | DEBUG_ENDS_LIFE, cmd_stop,
	 "stops a partition; its memory is overwritten"},
	{"restart", {{DEBUG_PARTITION, false, "P", 0}},
	 DEBUG_CHANGES | DEBUG_ENDS_LIFE, cmd_restart,
	 "stops a partition and starts it again"},
	{"suspend", {{DEBUG_VPS, false, "P[:N]", 0}}, DEBUG_CHANGES,
	 cmd_suspend,
	 "a VP, or all of a partition, are not entered until they are resumed"},
	{"resume", {{DEBUG_VPS, false, "P[:N]", 0}}, DEBUG_CHANGES, cmd_resume,
	 "ends suspend"},
	{"nmi", {VP}, DEBUG_CHANGES, cmd_nmi,
	 "sends an NMI to a VP"},
	{"cpu", NONE, DEBUG_DEAD_OK, cmd_cpu,
	 "CPUs: where they are, kicks, NMIs"},
	{"mem", NONE, DEBUG_DEAD_OK, cmd_mem,
	 "memory: the hypervisor's pool, partitions"},
	{"log", NONE, DEBUG_DEAD_OK, cmd_log,
	 "lines that wait for COM1 or were dropped, by whose they are"},
	{"console", {{DEBUG_PARTITION, false, "P", 0}}, 0, cmd_console,
	 "what is typed goes to a partition; Ctrl-T takes it back"},
	{"version", NONE, DEBUG_DEAD_OK, cmd_version,
	 "version, compiler, CPUs"},
	{"demo", {{DEBUG_VP, true, "P:N", 0}}, DEBUG_CHANGES, cmd_demo,
	 "what an inhibit does to a flush of a VP, step by step"},
	{"panic", NONE, DEBUG_ENDS, cmd_panic,
	 "stops the machine with the report of a panic"},
	{"reboot", NONE, DEBUG_ENDS | DEBUG_DEAD_OK, cmd_reboot,
	 "starts the machine again"},
	{"poweroff", NONE, DEBUG_ENDS | DEBUG_DEAD_OK, cmd_poweroff,
	 "turns the machine off"},
	{"watch", {{DEBUG_REST, false, "COMMAND", 0}}, 0, NULL,
	 "a command again every second, until a key"},
};
/* clang-format on */

const struct debug_command *debug_command_at(u32 number)
{
	return number < ARRAY_SIZE(commands) ? &commands[number] : NULL;
}

const struct debug_command *debug_command_find(const char *name, size_t len)
{
	for (u32 i = 0; i < ARRAY_SIZE(commands); i++) {
		if (word_is(name, len, commands[i].name)) {
			return &commands[i];
		}
	}
	return NULL;
}
