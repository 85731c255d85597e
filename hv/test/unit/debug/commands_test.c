/* SPDX-License-Identifier: MIT */
/* What commands print of VPs, CPUs and flushes, and that they change nothing.
 */
#include "core/debug/parse.h"

#include <string.h>

#include "common/image/elf_symbols.h"
#include "core/apic/interrupts.h"
#include "core/apic/registers.h"
#include "core/console/first_use.h"
#include "core/debug/at_vp.h"
#include "core/debug/print.h"
#include "core/debug/run.h"
#include "core/events/post.h"
#include "core/flush/inhibit.h"
#include "core/flush/suspend.h"
#include "core/lifecycle/stop.h"
#include "core/run/service.h"
#include "core/trace/stats.h"
#include "support/check.h"
#include "support/command.h"
#include "support/fake_partition.h"
#include "support/fake_vmcs.h"
#include "support/symbol_file.h"

static struct partition *p;
static struct vp *vp;

static void setup(void)
{
	p = command_setup();
	vp = p->vps[0];
}

static void t_vp_shows_all_registers(void)
{
	setup();
	for (u32 i = 0; i < GPR_COUNT; i++) {
		vp->own.gpr[i] = 0x1110000000000000 + i;
	}
	port_vmcs_set(VMCS_GUEST_RIP, 0x1234);
	port_vmcs_set(VMCS_GUEST_RSP, 0x5678);
	port_vmcs_set(VMCS_GUEST_CR3, 0x9000);
	port_vmcs_set(VMCS_GUEST_CS_SELECTOR, 8);
	port_vmcs_set(VMCS_GUEST_TR_LIMIT, 0x67);
	fake_vmcs.registers[PORT_CR2] = 0xc2;
	fake_vmcs.registers[PORT_DR3] = 0xd3;
	(void)command_answer("vp 0");
	CHECK(strstr(command_text, "rip=0x0000000000001234") != NULL);
	CHECK(strstr(command_text, "rsp=0x0000000000005678") != NULL);
	CHECK(strstr(command_text, "rax=0x1110000000000000") != NULL);
	CHECK(strstr(command_text, " r9=0x1110000000000009") != NULL);
	CHECK(strstr(command_text, "r15=0x111000000000000f") != NULL);
	CHECK(strstr(command_text, "cr2=0x00000000000000c2") != NULL);
	CHECK(strstr(command_text, "cr3=0x0000000000009000") != NULL);
	CHECK(strstr(command_text, "dr3=0x00000000000000d3") != NULL);
	CHECK(strstr(command_text, "cs=0x0008 ") != NULL);
	CHECK(strstr(command_text, "tr=0x0000 base=0x0000000000000000 "
				   "limit=0x00000067") != NULL);
	/* whole: the last line is there */
	CHECK(strstr(command_text, "nmi=no tpr=0x0\n") != NULL);
}

/* The table takes several calls; the address is that of the first one. */
static void t_vp_names_rip(void)
{
	static struct symbol_file file;
	static struct elf_symbols symbols;
	const char *why;

	setup();
	symbol_file_make(&file, true);
	symbol_file_add(&file, &(struct symbol_file_entry){"flush_list", 2, 1,
							   0x1234, 0x40});
	CHECK_EQ(elf_symbols_open(&symbols, file.bytes, SYMBOL_FILE_LEN, &why),
		 ERR_OK);
	port_vmcs_set(VMCS_GUEST_RIP, 0x1250);
	CHECK(strstr(command_answer("vp 0"), "rip is") == NULL);
	p->symbols = &symbols;
	COMMAND_HAS("vp 0", "nmi=no tpr=0x0\nrip is flush_list+0x1c\n");
	port_vmcs_set(VMCS_GUEST_CS_BASE, 0x20);
	COMMAND_HAS("vp 0", "tpr=0x0\nrip is flush_list+0x3c\n");
	port_vmcs_set(VMCS_GUEST_CS_BASE, 0x24);
	COMMAND_HAS("vp 0", "tpr=0x0\nrip is in no symbol\n");
}

/* Of a table that takes 14 more calls, the first and the last entry. */
static void t_vp_searches_long_tables(void)
{
	static struct symbol_file file;
	static u8 table[20001 * 24];
	struct elf_symbols symbols;
	const char *why;

	setup();
	symbol_file_make(&file, true);
	symbol_file_add(&file,
			&(struct symbol_file_entry){"first", 2, 1, 0x6000, 1});
	symbol_file_add(&file,
			&(struct symbol_file_entry){"last", 2, 1, 0x7000, 1});
	CHECK_EQ(elf_symbols_open(&symbols, file.bytes, SYMBOL_FILE_LEN, &why),
		 ERR_OK);
	memcpy(table + 24, symbols.table + 24, 24);
	memcpy(table + 20000 * 24, symbols.table + 48, 24);
	symbols.table = table;
	symbols.count = 20001;
	p->symbols = &symbols;
	port_vmcs_set(VMCS_GUEST_RIP, 0x7000);
	COMMAND_HAS("vp 0", "rip is last+0x0\n");
	CHECK_EQ(command_calls, 15);
	port_vmcs_set(VMCS_GUEST_RIP, 0x6000);
	COMMAND_HAS("vp 0", "rip is first+0x0\n");
	p->symbols = NULL;
}

static void t_msr_and_cpuid_leave_no_trace(void)
{
	struct vapic_ipi ipi;

	setup();
	vapic_reset(&vp->own.vapic, 0, true);
	fake_vmcs.registers[PORT_LSTAR] = 0x777;
	COMMAND_HAS("msr 0 0xc0000082",
		    "IA32_LSTAR                     0x0000000000000777\n");
	COMMAND_HAS("msr 0 0x10", "0x00000010");
	COMMAND_HAS("msr 0 0x12345", "#GP\n");
	COMMAND_HAS("cpuid 0 0x12345 3", "leaf=0x12345 subleaf=0x3 eax=");
	COMMAND_HAS("msr 1",
		    "HV_X64_MSR_VP_INDEX            0x0000000000000001\n");
	for (u32 i = 0; i < FIRST_USE_KINDS; i++) {
		CHECK_EQ(first_use_count(p, (enum first_use_kind)i), 0);
	}
	/* a timer that is due fires in the guest's time */
	CHECK_EQ(vapic_write(&vp->own.vapic, 0x80f, 0x1ff, 0, &ipi), VAPIC_OK);
	CHECK_EQ(vapic_write(&vp->own.vapic, 0x832, 0x31, 0, &ipi), VAPIC_OK);
	CHECK_EQ(vapic_write(&vp->own.vapic, 0x838, 10, 0, &ipi), VAPIC_OK);
	CHECK(vp->own.vapic.timer_armed);
	fake.tsc = 1000000;
	COMMAND_HAS("msr 0 0x839", "0x0000000000000000\n");
	CHECK(vp->own.vapic.timer_armed);
	CHECK_EQ(vp->own.vapic.irr[0], 0);
	COMMAND_HAS("apic 0", "timer in -");
	vp->own.vapic.irr[1] = BIT(3);
	COMMAND_HAS("apic 0", "irr: 0x43\n");
}

static void t_inhibit_has_an_owner_of_its_own(void)
{
	setup();
	COMMAND_HAS("inhibit 0", "guest0:0 is not inhibited\n");
	COMMAND_HAS("inhibit 0 on", "guest0:0 is inhibited by the console\n");
	CHECK(inhibit_is_set(vp));
	inhibit_enter(vp);
	inhibit_keep(vp, p);
	COMMAND_HAS("inhibit 0", "inhibited by the console partitions\n");
	COMMAND_HAS("inhibit 0 off", "guest0:0 is inhibited by partitions\n");
	CHECK(inhibit_is_set(vp));
	inhibit_end_of(p);
	COMMAND_HAS("inhibit 0 off", "guest0:0 is not inhibited\n");
	CHECK_EQ(p->inhibit_count, 0);
	/* the end of the partition's part leaves the console's */
	(void)command_answer("inhibit 0 on");
	inhibit_end_of(p);
	CHECK(inhibit_is_set(vp));
}

/* A VP in this state is looked at, and is as it was. */
static void look_at(enum vp_state state)
{
	static struct debug_run run;
	struct parse_error error;

	debug_at_vp_init();
	vp->own.state = state;
	vp->own.due = false;
	vp->own.deadline = ~0ull;
	CHECK_EQ(debug_parse("vp 0", 4, &run.call, &error), PARSE_OK);
	debug_run_begin(&run, fake.tsc);
	debug_run_step(&run, fake.tsc);
	CHECK_EQ(run.state, DEBUG_RUN_AWAY);
	CHECK_EQ(vp->shared.events, VP_EVENT_INSPECT);
	service_vp(vp);
	CHECK_EQ(vp->own.state, state);
	CHECK_EQ(vp->shared.events, 0);
	debug_run_step(&run, fake.tsc);
	CHECK_EQ(run.state, DEBUG_RUN_IDLE);
	run.call.text[run.call.len] = 0;
	CHECK(strstr(run.call.text, debug_state_name(vp)) != NULL);
}

static void t_a_look_changes_no_state(void)
{
	static const enum vp_state states[] = {
		VP_RUNNABLE, VP_HALTED, VP_WAIT_SIPI, VP_SUSPENDED, VP_STOPPED};

	setup();
	fake_config(p)->suspend_warn_ms = 1000000;
	vp->own.waits_for = p->vps[1];
	for (u32 i = 0; i < ARRAY_SIZE(states); i++) {
		u64 exits = vp->own.exit_count;

		look_at(states[i]);
		CHECK_EQ(vp->own.exit_count, exits);
		CHECK(vp->own.waits_for == p->vps[1]);
	}
}

/* Two who ask: the second one's turn comes when the first has his answer. */
static void t_two_may_ask(void)
{
	static struct debug_run one;
	static struct debug_run two;
	struct parse_error error;

	setup();
	CHECK_EQ(debug_parse("vp 0", 4, &one.call, &error), PARSE_OK);
	CHECK_EQ(debug_parse("vp 1", 4, &two.call, &error), PARSE_OK);
	debug_run_begin(&one, 0);
	debug_run_begin(&two, 0);
	debug_run_step(&one, 0);
	debug_run_step(&two, 0);
	CHECK_EQ(two.state, DEBUG_RUN_DUE);
	debug_at_vp_serve(vp);
	/* not fetched yet */
	debug_run_step(&two, 0);
	CHECK_EQ(two.state, DEBUG_RUN_DUE);
	debug_run_step(&one, 0);
	CHECK_EQ(one.state, DEBUG_RUN_IDLE);
	debug_run_step(&two, 0);
	CHECK_EQ(two.state, DEBUG_RUN_AWAY);
	debug_at_vp_serve(vp); /* not asked */
	debug_run_step(&two, 0);
	CHECK_EQ(two.state, DEBUG_RUN_AWAY);
	debug_at_vp_serve(p->vps[1]);
	debug_run_step(&two, 0);
	CHECK_EQ(two.state, DEBUG_RUN_IDLE);
	CHECK(strncmp(two.call.text, "guest0:1 ", 9) == 0);
}

static void t_lists_name_everything(void)
{
	setup();
	vp->own.flushes_done = 11;
	vp->own.invvpid_count = 22;
	vp->own.invvpid_type[INVVPID_SINGLE] = 21;
	COMMAND_HAS("flush", "guest0:0 flushed=11 invvpids=22 (address=0 "
			     "single=21 all=0 retain=0)\n");
	fake_enter(p->vps[1]);
	COMMAND_HAS("cpu", "1 apic_id=2 guest vp=guest0:1 vps=1 ");
	fake_leave(machine.cpus[1]);
	machine.cpus[1]->run |= RUN_IDLE;
	COMMAND_HAS("cpu", "1 apic_id=2 idle ");
	fake_config(p)->paging = CONFIG_PAGING_SHADOW;
	COMMAND_HAS("mem", "guest0: memory=4M at=0x");
	COMMAND_HAS("mem", "software_tlb=0 KiB\n");
	COMMAND_HAS("version", "cpus=2 tsc_hz=1000000000 partitions=1\n");
	COMMAND_HAS("log", "hypervisor: waiting=");
	p->state = PARTITION_ENDED;
	p->exit_code = 7;
	p->stop_reason = "why";
	COMMAND_HAS("ps", "stopped vps=2 memory=4M life=1 code=7 reason=why\n");
}

static void t_hypercalls_counts_suspensions(void)
{
	struct vp *other;

	setup();
	other = p->vps[1];
	CHECK(strstr(command_answer("hypercalls"), "suspended") == NULL);
	vp->stats->ticks[HV_CALL_FLUSH_VIRTUAL_ADDRESS_LIST][0] = 9;
	stats_end(vp, HV_CALL_FLUSH_VIRTUAL_ADDRESS_LIST, STATS_SUSPENDED);
	other->stats->ticks[HV_CALL_FLUSH_VIRTUAL_ADDRESS_SPACE][0] = 1;
	stats_end(other, HV_CALL_FLUSH_VIRTUAL_ADDRESS_SPACE, STATS_SUSPENDED);
	COMMAND_HAS("hypercalls", "  suspended 2, made again 0\n");
	stats_reissue(vp);
	COMMAND_HAS("hypercalls", "success=8 suspended=1\n");
	COMMAND_HAS("hypercalls guest0", "  suspended 2, made again 1\n");
}

static const struct test tests[] = {
	{"vp-shows-all-registers", t_vp_shows_all_registers},
	{"vp-names-rip", t_vp_names_rip},
	{"vp-searches-long-tables", t_vp_searches_long_tables},
	{"msr-and-cpuid-leave-no-trace", t_msr_and_cpuid_leave_no_trace},
	{"inhibit-has-an-owner-of-its-own", t_inhibit_has_an_owner_of_its_own},
	{"a-look-changes-no-state", t_a_look_changes_no_state},
	{"two-may-ask", t_two_may_ask},
	{"lists-name-everything", t_lists_name_everything},
	{"hypercalls-counts-suspensions", t_hypercalls_counts_suspensions},
};

const struct suite suite_debug_commands = SUITE("debug_commands", tests);
