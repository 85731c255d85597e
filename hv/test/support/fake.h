/* SPDX-License-Identifier: MIT */
/*
 * The fake machine implements core/port/port.h for tests on the host. Time
 * moves only when a test moves it. Kicks and invalidations are recorded. Guest
 * memory lies between two inaccessible pages. unit/main.c calls fake_reset()
 * before each test.
 */
#ifndef HV_TEST_SUPPORT_FAKE_H
#define HV_TEST_SUPPORT_FAKE_H

#include <setjmp.h>

#include "core/port/port.h"
#include "core/state/cpu.h"
#include "core/state/machine.h"
#include "core/state/partition.h"
#include "core/state/vp.h"
#include "support/fake_memory.h"

#define FAKE_RECORDS  4096
#define FAKE_CPUIDS   64
#define FAKE_UART_MAX (512u << 10)
#define FAKE_COM2_MAX (64u << 10)
#define FAKE_TSC_HZ   1000000000ull
#define FAKE_APIC_HZ  200000000ull

/* fake.kick_delay: when a kicked CPU leaves guest mode */
#define FAKE_KICK_RECORD  (-1L) /* never: the test moves its run word */
#define FAKE_KICK_AT_ONCE 0L    /* at once; n: after n port_pause() */

struct fake_invvpid {
	enum invvpid_type type;
	struct vp *vp;
	u64 gva;
};

struct fake_cpuid {
	u32 leaf;
	u32 subleaf;
	u32 out[4];
};

struct fake_com2 {
	bool busy;                  /* set by tests: no room for a byte */
	const char *input;          /* set by tests */
	char output[FAKE_COM2_MAX]; /* recorded, always with a final 0 */
	size_t len;
};

struct fake {
	/* set by tests */
	u64 tsc;
	u64 tsc_step;   /* added by each port_tsc() */
	u32 cpu_number; /* the answer of port_cpu_number() */
	bool panicking;
	long kick_delay; /* FAKE_KICK_*; the default is FAKE_KICK_AT_ONCE */
	void (*on_kick)(struct cpu *cpu);
	void (*on_tsc)(void); /* called by port_tsc() after it was read */
	void (*on_pause)(u64 pauses); /* pauses: counted from 1 */
	void (*on_uart_put)(void);    /* COM1, before the byte is recorded */
	void (*on_uart_look)(void);   /* before port_uart_can_get() looks */
	void (*on_load)(u64 gpa);     /* after each port_load_guest() */
	void (*on_step)(u32 step);    /* enum step */
	u32 fail_pool;                /* n: the n-th port_pool_pages() fails */
	u32 fail_read_guest; /* likewise for the others; 0: none fails */
	u32 fail_write_guest;
	bool uart_busy; /* COM1: port_uart_can_put() returns false */
	const char *uart_input;
	bool uart_zero; /* COM1 has received a 0, which is not in uart_input */
	bool uart_timed_out;
	struct fake_com2 com2;
	struct fake_cpuid cpuid[FAKE_CPUIDS]; /* other leaves answer zeros */
	u32 cpuid_count;

	/* recorded */
	u64 pauses;
	u32 kicks[FAKE_RECORDS]; /* CPU numbers, in order */
	u32 kick_count;
	struct fake_invvpid invvpids[FAKE_RECORDS];
	u32 invvpid_count;
	struct partition *invepts[FAKE_RECORDS];
	u32 invept_count;
	u64 filled_words; /* by port_fill_guest() */
	u64 xmm[12];      /* XMM0-XMM5 of the guest; tests may set them */
	u32 read_xmm_count;
	u32 write_xmm_count;
	u32 read_guest_count;
	u32 write_guest_count;
	char uart[FAKE_UART_MAX]; /* always with a final 0 */
	size_t uart_len;
	char panic_message[256];
	u16 vpids;      /* given to VPs so far */
	u64 pool_pages; /* likewise, by port_pool_pages() */
};

extern struct fake fake;

/*
 * Brings everything back to power-on: no CPU, no partition, an empty machine.
 */
void fake_reset(void);

/* Byte `gpa` of the partition's RAM as the host sees it. */
void *fake_ram(struct partition *p, u64 gpa);

/*
 * Moves the run word: fake_enter() puts the VP's CPU into guest mode with that
 * VP, fake_leave() puts a CPU into root mode.
 */
void fake_enter(struct vp *vp);
void fake_leave(struct cpu *cpu);

/* Kicks of that CPU so far. */
u32 fake_kicks_of(u32 cpu_number);

/* Sets what CPUID answers from now on. */
void fake_cpuid_set(u32 leaf, u32 subleaf, u32 eax, u32 ebx, u32 ecx, u32 edx);

/*
 * CHECK_PANIC(statement, "part of the message"): the statement has to end in
 * port_panic(). Variables that it changes must be static or volatile (setjmp).
 */
#define CHECK_PANIC(statement, text)                                           \
	do {                                                                   \
		if (setjmp(*fake_panic_expect()) == 0) {                       \
			statement;                                             \
			fake_panic_missing(text, __FILE__, __LINE__);          \
		}                                                              \
		fake_panic_compare(text, __FILE__, __LINE__);                  \
	} while (0)

jmp_buf *fake_panic_expect(void);
void fake_panic_missing(const char *text, const char *file, unsigned line);
void fake_panic_compare(const char *text, const char *file, unsigned line);

#endif
