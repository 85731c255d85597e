/* SPDX-License-Identifier: MIT */
/* The fake machine (see fake.h): port functions that record. */
#include "support/fake.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "core/cpu/run_word.h"
#include "core/port/guest_entry.h"
#include "core/port/step.h"
#include "support/check.h"

struct fake_leaving {
	struct cpu *cpu;
	u64 run;      /* the run word that was kicked */
	u64 at_pause; /* moved when fake.pauses reaches this */
};

struct fake fake;

static struct fake_leaving leaving[CPUS_MAX];
static u32 leaving_count;
static jmp_buf panic_env;
static bool panic_expected;

/* ---- time, kicks, invalidation ---- */

void fake_enter(struct vp *vp)
{
	struct cpu *cpu = vp->cpu;
	u64 sequence = cpu->run & ~(RUN_SEQ_ONE - 1);

	if ((sequence & RUN_GUEST) == 0) {
		sequence += RUN_SEQ_ONE;
	}
	cpu->vp = vp;
	cpu->run = sequence | FIELD_PREP(RUN_VP_INDEX, vp->index) |
		   FIELD_PREP(RUN_PARTITION, vp->partition->number);
}

void fake_leave(struct cpu *cpu)
{
	if ((cpu->run & RUN_GUEST) != 0) {
		cpu->run += RUN_SEQ_ONE;
	}
}

u64 port_tsc(void)
{
	u64 now = fake.tsc;

	if (fake.on_tsc != NULL) {
		fake.on_tsc();
	}
	fake.tsc += fake.tsc_step;
	return now;
}

void port_stamp(u64 *to)
{
	*to = fake.tsc;
}

u64 port_log2(u64 value)
{
	u64 bit = 0;

	while (value >>= 1) {
		bit++;
	}
	return bit;
}

void port_pause(void)
{
	fake.pauses++;
	for (u32 i = 0; i < leaving_count; i++) {
		struct fake_leaving *l = &leaving[i];

		if (fake.pauses >= l->at_pause && l->cpu->run == l->run) {
			fake_leave(l->cpu);
		}
	}
	if (fake.on_pause != NULL) {
		fake.on_pause(fake.pauses);
	}
	if (fake.pauses > 100000000) {
		port_panic("fake: waits for ever");
	}
}

void port_kick(struct cpu *cpu)
{
	if (fake.kick_count < FAKE_RECORDS) {
		fake.kicks[fake.kick_count] = cpu->number;
	}
	fake.kick_count++;
	if (fake.on_kick != NULL) {
		fake.on_kick(cpu);
	}
	if (fake.kick_delay == FAKE_KICK_RECORD ||
	    (cpu->run & RUN_GUEST) == 0) {
		return;
	}
	if (fake.kick_delay == FAKE_KICK_AT_ONCE) {
		fake_leave(cpu);
		return;
	}
	struct fake_leaving *slot = NULL;

	for (u32 i = 0; i < leaving_count; i++) {
		slot = leaving[i].cpu == cpu ? &leaving[i] : slot;
	}
	if (slot == NULL) {
		slot = &leaving[leaving_count++];
	}
	*slot = (struct fake_leaving){cpu, cpu->run,
				      fake.pauses + (u64)fake.kick_delay};
}

u32 fake_kicks_of(u32 cpu_number)
{
	u32 count = 0;

	for (u32 i = 0; i < fake.kick_count && i < FAKE_RECORDS; i++) {
		count += fake.kicks[i] == cpu_number ? 1 : 0;
	}
	return count;
}

bool port_panicking(void)
{
	return fake.panicking;
}

void port_invvpid(enum invvpid_type type, struct vp *vp, gva_t gva)
{
	if (fake.invvpid_count < FAKE_RECORDS) {
		fake.invvpids[fake.invvpid_count] =
			(struct fake_invvpid){type, vp, gva.v};
	}
	fake.invvpid_count++;
}

void port_invept(struct partition *p)
{
	if (fake.invept_count < FAKE_RECORDS) {
		fake.invepts[fake.invept_count] = p;
	}
	fake.invept_count++;
}

void fake_cpuid_set(u32 leaf, u32 subleaf, u32 eax, u32 ebx, u32 ecx, u32 edx)
{
	for (u32 i = 0; i < fake.cpuid_count; i++) {
		struct fake_cpuid *c = &fake.cpuid[i];

		if (c->leaf == leaf && c->subleaf == subleaf) {
			*c = (struct fake_cpuid){
				leaf, subleaf, {eax, ebx, ecx, edx}};
			return;
		}
	}
	fake.cpuid[fake.cpuid_count++] =
		(struct fake_cpuid){leaf, subleaf, {eax, ebx, ecx, edx}};
}

void port_cpuid(u32 leaf, u32 subleaf, u32 out[4])
{
	memset(out, 0, 4 * sizeof(out[0]));
	for (u32 i = 0; i < fake.cpuid_count; i++) {
		const struct fake_cpuid *c = &fake.cpuid[i];

		if (c->leaf == leaf && c->subleaf == subleaf) {
			memcpy(out, c->out, sizeof(c->out));
		}
	}
}

u32 port_cpu_number(void)
{
	return fake.cpu_number;
}

#ifdef LETHE_STEPS
void port_step(enum step step)
{
	if (fake.on_step != NULL) {
		fake.on_step(step);
	}
}
#endif

/* ---- console ---- */

bool port_uart_can_put(enum port_uart which)
{
	if (which == PORT_UART_COM2) {
		return !fake.com2.busy && fake.com2.len < FAKE_COM2_MAX - 1;
	}
	return !fake.uart_busy && fake.uart_len < FAKE_UART_MAX - 1;
}

void port_uart_put(enum port_uart which, u8 byte)
{
	if (!port_uart_can_put(which)) {
		port_panic("fake: uart not ready");
	}
	if (which == PORT_UART_COM2) {
		fake.com2.output[fake.com2.len++] = (char)byte;
		fake.com2.output[fake.com2.len] = 0;
		return;
	}
	if (fake.on_uart_put != NULL) {
		fake.on_uart_put();
	}
	fake.uart[fake.uart_len++] = (char)byte;
	fake.uart[fake.uart_len] = 0;
}

static const char **input_of(enum port_uart which)
{
	return which == PORT_UART_COM2 ? &fake.com2.input : &fake.uart_input;
}

bool port_uart_can_get(enum port_uart which)
{
	if (fake.on_uart_look != NULL) {
		fake.on_uart_look();
	}
	const char *input = *input_of(which);

	return (which == PORT_UART_COM1 && fake.uart_zero) ||
	       (input != NULL && *input != 0);
}

bool port_uart_timed_out(enum port_uart which)
{
	return which == PORT_UART_COM1 && fake.uart_timed_out;
}

u8 port_uart_get(enum port_uart which)
{
	if (which == PORT_UART_COM1 && fake.uart_zero) {
		fake.uart_zero = false;
		return 0;
	}
	return (u8) * (*input_of(which))++;
}

/* ---- panic ---- */

void port_panic(const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	vsnprintf(fake.panic_message, sizeof(fake.panic_message), fmt, args);
	va_end(args);
	if (panic_expected) {
		panic_expected = false;
		longjmp(panic_env, 1);
	}
	check_fail(__FILE__, __LINE__, "panic: %s", fake.panic_message);
}

jmp_buf *fake_panic_expect(void)
{
	panic_expected = true;
	fake.panic_message[0] = 0;
	return &panic_env;
}

void fake_panic_missing(const char *text, const char *file, unsigned line)
{
	panic_expected = false;
	check_fail(file, line, "no panic, expected \"%s\"", text);
}

void fake_panic_compare(const char *text, const char *file, unsigned line)
{
	if (strstr(fake.panic_message, text) == NULL) {
		check_fail(file, line, "panic \"%s\", expected \"%s\"",
			   fake.panic_message, text);
	}
}

void fake_reset(void)
{
	fake_memory_free();
	memset(&machine, 0, sizeof(machine));
	memset(&fake, 0, sizeof(fake));
	leaving_count = 0;
	panic_expected = false;
	fake.kick_delay = FAKE_KICK_AT_ONCE;
	machine.tsc_hz = FAKE_TSC_HZ;
	machine.commit = "";
	machine.apic_hz = FAKE_APIC_HZ;
	machine.invvpid_address = true;
	machine.invvpid_context = INVVPID_SINGLE;
	machine.invvpid_all = true;
	machine.invvpid_retain_globals = true;
	machine.invept_single = true;
}
