/* SPDX-License-Identifier: MIT */
/*
 * What the VPs and the outsiders do in each scenario of flush.pml: -DS_NAME.
 *
 * VP 0 and VP 2 (where there is one) belong to CPU 0, VP 1 to CPU 1. Page p is
 * changed and flushed by one VP only.
 */
#define END 0
#define FLUSH_LIST 1 /* one range, to the queues of TARGETS */
#define FLUSH_ALL 2  /* the FULL bits of TARGETS */
#define HLT 3
#define SEND 4 /* an interrupt to PEER */
#define EXIT 5 /* leave guest mode and come back */
#define INHIBIT 6 /* 0x52 with 0x20 on INHIBITED, succeeds */
#define CLEAR 7 /* 0x51 on INHIBITED */
#define START_PEER 8 /* SIPI to PEER */

#define TRANSLATE 0
#define TRANSLATE_FAILS 1
#define TRANSLATE_KEEPS 2
#define OWNER_STOPS 3
#define SEND_INIT 4
#define SEND_STOP 5
#define HOLD_WHILE_FLUSHED 6 /* VP 1, until page 0 is flushed */
#define RESTART 7

#define IS_FLUSH(op) ((op) == FLUSH_LIST || (op) == FLUSH_ALL)


/* The usual values; OP(v, i): step i of VP v's program. */
#define VPS 2
#define LENGTH 1
#define TARGETS(v) BIT(1 - (v))
#define PAGE(v, i) (v)
#define PEER(v) (1 - (v)) /* gets the interrupt of SEND */
#define QUEUE_FULL(queue) ((queue) != 0)
#define INHIBITED 1
#define OUTSIDERS 0
#define OWNER_CALLS 0

/* Each flushes the other, once by the queue, once by the FULL bits. */
#if defined(S_FLUSH)
#undef LENGTH
#define LENGTH 2
#define OP(v, i) IF(i == 0, IF(v == 0, FLUSH_LIST, FLUSH_ALL), EXIT)

/* The same, both by the queue: only the fence is behind the work. */
#elif defined(S_LISTS)
#define OP(v, i) FLUSH_LIST

/* And both by the FULL bits, which share a word. */
#elif defined(S_BITS)
#define OP(v, i) FLUSH_ALL

/* Two lists for a VP that comes and goes: merged, or too many. */
#elif defined(S_OVERFLOW) || defined(S_MERGE)
#undef LENGTH
#undef PAGE
#define LENGTH 2
#define PAGE(v, i) (i)
#define OP(v, i) IF(v == 0, FLUSH_LIST, EXIT)
#define DONE_FOR(v) IF(v == 1, 3, 0)
#ifdef S_MERGE
#undef QUEUE_FULL
#define QUEUE_FULL(queue) 0
#endif

/* The two kinds of work at once. */
#elif defined(S_MIXED)
#undef LENGTH
#undef PAGE
#define LENGTH 2
#define PAGE(v, i) (i)
#define OP(v, i) IF(v == 0, IF(i == 0, FLUSH_ALL, FLUSH_LIST), EXIT)
#define DONE_FOR(v) IF(v == 1, 3, 0)

/* HLT against interrupts from the other CPU. */
#elif defined(S_HALT)
#undef LENGTH
#define LENGTH 3
#define OP(v, i) IF(v == 0, IF(i < 2, SEND, END), IF(i < 2, HLT, END))

/* Two callers, and an inhibitor of one of them. */
#elif defined(S_INHIBIT)
#undef OUTSIDERS
#define OUTSIDERS 1
#define OUTSIDER_0 TRANSLATE
#define OP(v, i) IF(v == 0, FLUSH_LIST, FLUSH_ALL)

/* Two translations of one VP: one succeeds, one fails. */
#elif defined(S_TRANSLATORS)
#undef OUTSIDERS
#define OUTSIDERS 2
#define OUTSIDER_0 TRANSLATE
#define OUTSIDER_1 TRANSLATE_FAILS
#define OP(v, i) IF(v == 0, FLUSH_ALL, END)

/* A translation that only fails. */
#elif defined(S_FAILS)
#undef OUTSIDERS
#define OUTSIDERS 1
#define OUTSIDER_0 TRANSLATE_FAILS
#define OP(v, i) IF(v == 0, FLUSH_LIST, FLUSH_ALL)

/* Two callers wait for a third VP. */
#elif defined(S_TWO_WAIT)
#undef VPS
#undef OUTSIDERS
#undef INHIBITED
#undef TARGETS
#define VPS 3
#define VP2_STATE WAIT_SIPI
#define TARGETS(v) BIT(2)
#define INHIBITED 2
#define OUTSIDERS 1
#define OUTSIDER_0 TRANSLATE
#define OP(v, i) IF(v < 2, FLUSH_ALL, END)

/* INIT and SIPI against a flush. */
#elif defined(S_SIPI)
#undef OUTSIDERS
#define OUTSIDERS 1
#define OUTSIDER_0 SEND_INIT
#define OP(v, i) FLUSH_ALL

/* INIT and SIPI for the caller, also while it is suspended. */
#elif defined(S_INIT)
#undef OUTSIDERS
#define OUTSIDERS 2
#define OUTSIDER_0 TRANSLATE
#define OUTSIDER_1 SEND_INIT
#define OP(v, i) IF(v == 0, FLUSH_ALL, END)

/* The partition stops, its target stays inhibited. */
#elif defined(S_STOP)
#undef OUTSIDERS
#define OUTSIDERS 2
#define OUTSIDER_0 TRANSLATE_KEEPS
#define OUTSIDER_1 SEND_STOP
#define OP(v, i) IF(v == 0, FLUSH_LIST, END)

/* The partition stops while the inhibit ends: wakes may come late. */
#elif defined(S_LATE_WAKE)
#undef OUTSIDERS
#define OUTSIDERS 2
#define OUTSIDER_0 TRANSLATE
#define OUTSIDER_1 SEND_STOP
#define OP(v, i) IF(v == 0, FLUSH_ALL, END)

/* The inhibitor's partition stops without clearing. */
#elif defined(S_OWNER_STOP)
#undef OUTSIDERS
#undef OWNER_CALLS
#define OUTSIDERS 2
#define OUTSIDER_0 TRANSLATE_KEEPS
#define OUTSIDER_1 OWNER_STOPS
#define OWNER_CALLS 1
#define OP(v, i) IF(v == 0, FLUSH_LIST, END)

/* The inhibitor shares the suspended caller's CPU. */
#elif defined(S_OVERCOMMIT)
#undef VPS
#undef LENGTH
#undef TARGETS
#define VPS 3
#define LENGTH 2
#define VP2_STATE RUNNABLE
#define TARGETS(v) IF(v == 1, 5, 2)
#define OP(v, i) IF(v == 2, IF(i == 0, INHIBIT, CLEAR), IF(i == 1, END, IF(v == 0, FLUSH_LIST, FLUSH_ALL)))

/* Two VPs of one CPU are flushed twice: their bits share a word. */
#elif defined(S_TAKE)
#undef VPS
#undef LENGTH
#undef TARGETS
#undef PAGE
#define VPS 3
#define LENGTH 2
#define VP2_STATE RUNNABLE
#define TARGETS(v) 5
#define PAGE(v, i) (i)
#define OP(v, i) IF(v == 1, FLUSH_ALL, EXIT)
#define DONE_FOR(v) IF(v == 1, 0, 3)

/* Two halted VPs of one CPU get an interrupt each. */
#elif defined(S_ATTENTION)
#undef VPS
#undef LENGTH
#undef PEER
#define VPS 3
#define LENGTH 2
#define VP2_STATE RUNNABLE
#define PEER(v) IF(step[v] == 0, 2, 0)
#define OP(v, i) IF(v == 1, SEND, IF(i == 0, HLT, END))

/* A VP inhibits itself and flushes all, itself included. */
#elif defined(S_SELF)
#undef LENGTH
#undef TARGETS
#undef INHIBITED
#define LENGTH 3
#define TARGETS(v) IF(v == 0, 3, 1)
#define INHIBITED 0
#define OP(v, i) IF(v == 0, IF(i == 0, INHIBIT, IF(i == 1, FLUSH_ALL, CLEAR)), IF(i == 0, FLUSH_LIST, END))

/* A debugger holds the target of a flush until that has returned. */
#elif defined(S_HOLD)
#define HOLDS
#undef LENGTH
#undef OUTSIDERS
#define LENGTH 2
#define OUTSIDERS 1
#define OUTSIDER_0 HOLD_WHILE_FLUSHED
#define OP(v, i) IF(v == 0, IF(i == 0, FLUSH_LIST, END), EXIT)

/* The partition stops, during a flush of VP 1 or not, and starts again. */
#elif defined(S_RESTART)
#define RESTARTS
#undef LENGTH
#undef PAGE
#undef OUTSIDERS
#define LENGTH 2
#define PAGE(v, i) (life)
#define OUTSIDERS 1
#define OUTSIDER_0 RESTART
#define DONE_FOR(v) IF(v == 1, 3, 0)
#define OP(v, i) IF(v == 1, END, IF(life == 0, IF(i == 0, FLUSH_LIST, END), IF(i == 0, START_PEER, END)))

/* Too large for make check: make spin-full */

/* As S_INHIBIT, and each caller comes back once more. */
#elif defined(S_FULL_INHIBIT)
#undef LENGTH
#undef OUTSIDERS
#define LENGTH 2
#define OUTSIDERS 1
#define OUTSIDER_0 TRANSLATE
#define OP(v, i) IF(i == 1, EXIT, IF(v == 0, FLUSH_LIST, FLUSH_ALL))

/* Two callers, two translations of one of them, one of which fails. */
#elif defined(S_FULL_TRANSLATORS)
#undef OUTSIDERS
#define OUTSIDERS 2
#define OUTSIDER_0 TRANSLATE
#define OUTSIDER_1 TRANSLATE_FAILS
#define OP(v, i) IF(v == 0, FLUSH_LIST, FLUSH_ALL)

/* Two callers, one gets INIT and SIPI. */
#elif defined(S_FULL_INIT)
#undef OUTSIDERS
#define OUTSIDERS 2
#define OUTSIDER_0 TRANSLATE
#define OUTSIDER_1 SEND_INIT
#define OP(v, i) IF(v == 0, FLUSH_LIST, FLUSH_ALL)

/* Three VPs on two CPUs, all of them call, one is inhibited from outside. */
#elif defined(S_FULL_OVERCOMMIT)
#undef VPS
#undef LENGTH
#undef TARGETS
#undef PAGE
#undef OUTSIDERS
#define VPS 3
#define LENGTH 2
#define VP2_STATE RUNNABLE
#define OUTSIDERS 1
#define OUTSIDER_0 TRANSLATE
#define TARGETS(v) IF(v == 1, 5, 2)
#define PAGE(v, i) ((v) & 1)
#define OP(v, i) IF(i == 1, EXIT, IF(v == 0, FLUSH_LIST, FLUSH_ALL))

#else
#error no such scenario
#endif

/* Pages whose flush names v */
#ifndef DONE_FOR
#define DONE_FOR(v) (((TARGETS(0) >> (v)) & 1) | (((TARGETS(1) >> (v)) & 1) << 1))
#endif
