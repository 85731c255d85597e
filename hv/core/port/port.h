/* SPDX-License-Identifier: MIT */
/*
 * The only way out of the core. hv/vmx and hv/x86 implement these functions
 * for the machine, hv/test/support for the host tests; chosen at link time.
 * All are callable in root mode only, with the run word even, unless said
 * otherwise.
 */
#ifndef HV_CORE_PORT_PORT_H
#define HV_CORE_PORT_PORT_H

#include "base/err.h"
#include "base/types.h"

struct cpu;
struct partition;
struct vp;

/* SDM 3C, "INVVPID": the types */
enum invvpid_type {
	INVVPID_ADDRESS = 0,
	INVVPID_SINGLE = 1,
	INVVPID_ALL = 2,
	INVVPID_SINGLE_RETAIN_GLOBALS = 3,
};

/* Time-stamp counter of this CPU, in ticks. Any state. */
u64 port_tsc(void);

/* Stores port_tsc(), in two halves. Any state. */
void port_stamp(u64 *to);

/*
 * Number of the highest bit that is set in `value`, which is not 0: one
 * instruction, which no expression of C becomes. Any state.
 */
u64 port_log2(u64 value);

/* PAUSE. Any state. */
void port_pause(void);

/*
 * Sends an NMI to `cpu`, ordered after all earlier stores (MFENCE; LFENCE).
 * The only writer of the physical ICR. Does not wait.
 */
void port_kick(struct cpu *cpu);

/* True if another CPU has panicked: wait loops give up then. Any state. */
bool port_panicking(void);

/*
 * Copies `len` bytes of the partition's RAM. ERR_RANGE, without any effect,
 * if [gpa, gpa + len) is not all inside RAM (also when it wraps).
 */
enum err port_read_guest(struct partition *p, gpa_t from, void *to,
			 size_t len) __must_check;
enum err port_write_guest(struct partition *p, gpa_t to, const void *from,
			  size_t len) __must_check;

/*
 * Writes `word` to `count` words of the partition's RAM from `at` on, which is
 * a multiple of 8. ERR_RANGE, without any effect, if they are not all inside
 * RAM.
 */
enum err port_fill_guest(struct partition *p, gpa_t at, u64 word,
			 size_t count) __must_check;

/*
 * XMM0-XMM5, or XMM0 alone, two qwords each, low half first: those of the guest
 * whose VP is current, because nothing else in the hypervisor touches XMM. CR0
 * and CR4 are the host's here, so the guest's TS, EM and OSFXSR do not matter.
 */
void port_read_xmm(u64 to[12], bool all);
void port_write_xmm(const u64 from[12]);

/*
 * One INVVPID for the VPID of `vp`, on this CPU; `type` must be one the CPU
 * has (struct machine), `gva` canonical for INVVPID_ADDRESS. Counted.
 */
void port_invvpid(enum invvpid_type type, struct vp *vp, gva_t gva);

/* INVEPT single-context for the partition's EPTP (all-context as fall-back). */
void port_invept(struct partition *p);

/* CPUID of this CPU: out = EAX, EBX, ECX, EDX. */
void port_cpuid(u32 leaf, u32 subleaf, u32 out[4]);

/*
 * Zeroed pages from the pool, page aligned, for ever; NULL when it is used up.
 * Boot CPU before launch only. port_hpa() gives the physical address of such
 * memory.
 */
void *port_pool_pages(size_t count) __must_check;
hpa_t port_hpa(const void *memory);

/* Pages of the pool, and those that were given out. Any state. */
void port_pool_usage(u64 *pages, u64 *used);

/* Number of the CPU that executes this, for the prefix of log lines. */
u32 port_cpu_number(void);

/* The machine's serial ports. */
enum port_uart {
	PORT_UART_COM1, /* the console: lines of all, debug console */
	PORT_UART_COM2, /* one use, or none: a partition's bytes, debugger */
	PORT_UART_COUNT,
};

/*
 * A serial port: is there room for a byte, send one, is a byte waiting, take
 * it. One CPU at a time may send, one may take. A port that is absent, or that
 * nothing has initialised, drops what is sent and gives nothing.
 */
bool port_uart_can_put(enum port_uart which);
void port_uart_put(enum port_uart which, u8 byte);
bool port_uart_can_get(enum port_uart which);

/*
 * True if what can be got is there because no more came: the UART's character
 * time-out.
 */
bool port_uart_timed_out(enum port_uart which);
u8 port_uart_get(enum port_uart which);

/* Stops the machine with a report; `fmt` as for log_line(). Any state. */
void port_panic(const char *fmt, ...) __noreturn __printf(1, 2);

/* Checks an invariant of the hypervisor; active in every build. */
#define HV_ASSERT(cond)                                                        \
	do {                                                                   \
		if (UNLIKELY(!(cond))) {                                       \
			port_panic("assertion %s at %s:%u", #cond, __FILE__,   \
				   (u32)__LINE__);                             \
		}                                                              \
	} while (0)

/* Starts the machine again; nothing of the console is kept. Any state. */
void port_restart(void) __attribute__((noreturn));

/* The last partition has stopped: last console line, power-off. */
void port_finish(u32 exit_code, const char *reason) __attribute__((noreturn));

#endif
