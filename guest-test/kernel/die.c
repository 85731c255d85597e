/* SPDX-License-Identifier: MIT */
/* The first VP that comes here reports; all others halt. */
#include "kernel/die.h"
#include "kernel/cpu.h"
#include "kernel/serial.h"
#include "kernel/vp.h"

void (*die_report)(const char *why);

static u32 ending;

static void begin(void)
{
	cpu_cli();
	if (__atomic_exchange_n(&ending, 1, __ATOMIC_SEQ_CST) != 0) {
		for (;;) {
			cpu_hlt();
		}
	}
}

static __noreturn void end(const char *why)
{
	if (die_report != NULL) {
		die_report(why);
	}
	serial_exit(2);
}

void die(const char *why)
{
	begin();
	end(why);
}

void die_hang(void)
{
	begin();
	serial_puts("# seen by vp ");
	serial_put_dec(vp_self()->id);
	serial_put('\n');
	end("hang");
}

static void put_field(const char *name, u64 value)
{
	serial_puts(name);
	serial_put_hex(value);
}

void die_exception(const struct trap_frame *frame)
{
	begin();
	put_field("# vector=", frame->vector);
	put_field(" error=", frame->error);
	put_field(" rip=", frame->rip);
	put_field(" rsp=", frame->rsp);
	put_field(" cr2=", cpu_cr2());
	put_field(" vp=", vp_self()->id);
	serial_put('\n');
	end("exception");
}
