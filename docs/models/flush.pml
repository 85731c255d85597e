/* SPDX-License-Identifier: MIT */
/*
 * Spin model of the flush protocol: run word, kick, windows, idle, queue,
 * inhibit, suspend, wake, INIT, stop, on CPUs with x86 store buffers.
 * README.md (this folder) says what is modelled and what is not; the programs
 * of the VPs and the outsiders are in scenario.h.
 *
 * BARRIER(rule) and CHECK(rule) are 1, or 0 with -DNO_rule. The rule is one of
 * docs/rules.md, with `_` where that has `-`: a Promela name has no hyphen.
 */
#define PLACE_1 0,
#define SECOND(ignored, value, ...) value
#define KEPT___(one_or_junk) SECOND(one_or_junk 0, 1, 1)
#define KEPT__(value) KEPT___(PLACE_##value)
#define KEPT_(value) KEPT__(value)
#define BARRIER(rule) KEPT_(NO_##rule)
#define CHECK(rule) KEPT_(NO_##rule)

/* Spin's own (a -> b : c) does not survive inlines. */
#define IF(is, yes, no) (((is) != 0) * (yes) + ((is) == 0) * (no))
#define BIT(n) (1 << (n))

#include "scenario.h"

/* ---- memory: x86-TSO, one FIFO store buffer per CPU ---- */

#define CPUS 2
#define AGENTS (CPUS + OUTSIDERS) /* who has a store buffer */
#define DEPTH 3

#define RUN 0          /* per CPU: cpu->run without its sequence */
#define SEQ (RUN + 2)  /* per CPU: cpu->flush_seq, 1 odd */
#define EV (SEQ + 2)   /* per VP: events */
#define QUEUE (EV + 3) /* per VP: pages in the queue, a bit each */
#define QLOCK (QUEUE + 3)
#define INH (QLOCK + 3) /* per VP: vp->shared.inhibit */
#define PTE (INH + 3)   /* per page: 0 old, 1 new */
#define FULL (PTE + 2)  /* partition->flush_full, a bit per VP */
#define COUNT (FULL + 1) /* partition->inhibit_count */
#define SUSPENDED (COUNT + 1) /* partition->suspended */
#define ATTENTION (SUSPENDED + 1) /* of CPU 0: the one with two VPs */
#define SLICED (ATTENTION + 1)
#define HOLD_WORD (SLICED + 1) /* vp->shared.hold of VP 1 */
#define CELLS (HOLD_WORD + 1)

#define RUN_ROOT 0
#define RUN_IDLE 1
#define RUN_GUEST 2 /* + VP */

byte mem[CELLS];
byte buffer_cell[AGENTS * DEPTH];
byte buffer_value[AGENTS * DEPTH];
byte buffered[AGENTS];

/*
 * The sequences of run and flush_seq never repeat. "Differs from the word that
 * I read" is a bit that the reader sets and every later change clears: exact,
 * and finite.
 */
byte run_noted[CPUS];   /* by waiting CPU: a bit per CPU waited for */
byte seq_noted[AGENTS]; /* by waiting agent: likewise */

/* A store reaches memory. In atomic steps only. */
inline write(cell, value)
{
	mem[cell] = value;
	if
	:: cell < SEQ ->
		run_noted[0] = run_noted[0] & ~(1 << cell);
		run_noted[1] = run_noted[1] & ~(1 << cell)
	:: cell >= SEQ && cell < EV ->
		seq_noted[0] = seq_noted[0] & ~(1 << (cell - SEQ));
		seq_noted[1] = seq_noted[1] & ~(1 << (cell - SEQ));
#if OUTSIDERS > 0
		seq_noted[2] = seq_noted[2] & ~(1 << (cell - SEQ));
#endif
#if OUTSIDERS > 1
		seq_noted[3] = seq_noted[3] & ~(1 << (cell - SEQ));
#endif
	:: else
	fi
}

inline push(a, cell, value)
{
	buffered[a] < DEPTH;
	buffer_cell[a * DEPTH + buffered[a]] = cell;
	buffer_value[a * DEPTH + buffered[a]] = value;
	buffered[a]++
}

inline store(a, cell, value)
{
	atomic { push(a, cell, value) }
}

/*
 * LOCK or XCHG waits until the buffer is empty (and nothing may follow it
 * early); without the barrier it is a load and a plain store. READY() comes
 * first in the atomic step.
 */
#define READY(barrier, a) \
	(buffered[a] == 0 || (!(barrier) && buffered[a] < DEPTH))

inline put(barrier, a, cell, value)
{
	if
	:: barrier -> write(cell, value)
	:: !barrier -> push(a, cell, value)
	fi
}

/* ---- what is not in shared memory ---- */

#define ROOT 0       /* outside of the windows */
#define WINDOW 1     /* entry: behind the compare, before VMRESUME */
#define GUEST 2
#define IDLE_WINDOW 3 /* behind the compare, before HLT */
#define HALT 4
#define MOVED 5      /* the NMI handler moved RIP to the abort label */

byte mode[CPUS];
bool kicked[CPUS];
bool nmi[CPUS];     /* pending in the local APIC */
bool blocked[CPUS]; /* NMIs are, from an NMI exit to the IRET */

#define RUNNABLE 0
#define HALTED 1
#define WAIT_SIPI 2
#define SUSPEND 3
#define STOPPED 4

#define IRQ 1
#define INIT 2
#define SIPI 4
#define STOP 8
#define WAKE 16
#define HOLD 32
#define START 64

byte state[VPS];
byte current[CPUS]; /* cpu->vp */
byte step[VPS];     /* position in the VP's program */
bool due[VPS];     /* vp->own.deadline is 0: to be serviced at once */
bool pending[VPS];  /* an interrupt in the virtual APIC */
byte stale[VPS];    /* pages whose old translation the TLB may hold */
bool own_held;      /* vp->own.held of VP 1: its CPU's copy of HOLD_WORD */
byte life;          /* of the partition */

#define CPU_OF(v) ((v) & 1)

/* ghosts */
byte done;             /* pages whose flush has returned */
byte sipi_missing;     /* VPs that had INIT and no SIPI */
byte walking[VPS];     /* translations behind their wait */
bool held[VPS];        /* inhibit_keep() done, inhibit_clear() not begun */
byte owner_calls = OWNER_CALLS; /* of the inhibit's owner, not finished */
bool relied_on;        /* the holder of VP 1 has seen that it is out */

/* ---- hardware: buffers drain, NMIs arrive in root mode ---- */

inline drain(a)
{
	write(buffer_cell[a * DEPTH], buffer_value[a * DEPTH]);
	buffer_cell[a * DEPTH] = buffer_cell[a * DEPTH + 1];
	buffer_value[a * DEPTH] = buffer_value[a * DEPTH + 1];
	buffer_cell[a * DEPTH + 1] = buffer_cell[a * DEPTH + 2];
	buffer_value[a * DEPTH + 1] = buffer_value[a * DEPTH + 2];
	buffer_cell[a * DEPTH + 2] = 0;
	buffer_value[a * DEPTH + 2] = 0;
	buffered[a]--
}

/* isr_nmi: marks, wherever it hits; moves RIP out of a window. */
inline take_nmi(c)
{
	nmi[c] = 0;
	kicked[c] = 1;
	if
	:: mode[c] == WINDOW && CHECK(nmi_leaves_entry_window) ->
		mode[c] = MOVED
	:: mode[c] == IDLE_WINDOW && CHECK(nmi_leaves_idle_window) ->
		mode[c] = MOVED
	:: mode[c] == HALT -> mode[c] = MOVED
	:: else
	fi
}

#define NMI_ARRIVES(c) (nmi[c] && !blocked[c] && mode[c] != GUEST)

active proctype hardware()
{
end_hardware:
	do
	:: d_step { buffered[0] > 0 -> drain(0) }
	:: d_step { buffered[1] > 0 -> drain(1) }
#if OUTSIDERS > 0
	:: d_step { buffered[2] > 0 -> drain(2) }
#endif
#if OUTSIDERS > 1
	:: d_step { buffered[3] > 0 -> drain(3) }
#endif
	:: d_step { NMI_ARRIVES(0) -> take_nmi(0) }
	:: d_step { NMI_ARRIVES(1) -> take_nmi(1) }
	od
}

/* The ICR write of x2APIC may overtake earlier stores, hence the MFENCE. */
inline kick(sender, receiver)
{
	atomic {
		!BARRIER(fence_before_wrmsr) || buffered[sender] == 0;
		nmi[receiver] = 1
	}
}

/* ---- events ---- */

#define RUNS(to, word) (word == RUN_GUEST + (to) && CHECK(kick_where_vp_runs))
#define IDLES(word) (word == RUN_IDLE && CHECK(kick_idle_cpu))
#define RUNS_OTHER(to, word) (word >= RUN_GUEST && word != RUN_GUEST + (to) && \
	!mem[SLICED] && CHECK(kick_where_no_slice))
#define NEEDS_KICK(to, word) (RUNS(to, word) || IDLES(word) || RUNS_OTHER(to, word))

inline put_attention(from)
{
	atomic {
		READY(BARRIER(attention_before_run_word), from);
		put(BARRIER(attention_before_run_word), from, ATTENTION, 1)
	}
}

/*
 * vp_post() by agent `from`. `seen` is scratch, 0 before and after. A CPU with
 * two VPs is told to look at all of them, behind the event: who takes
 * `attention` away must find the event.
 */
inline post(from, to, event, seen)
{
#if VPS > 2
	if
	:: CPU_OF(to) == 0 && !CHECK(attention_after_event) -> put_attention(from)
	:: else
	fi;
#endif
	atomic {
		READY(BARRIER(event_before_run_word), from);
		put(BARRIER(event_before_run_word), from, EV + (to), mem[EV + (to)] | event)
	}
#if VPS > 2
	if
	:: CPU_OF(to) == 0 && CHECK(attention_for_other_vp) && CHECK(attention_after_event) -> put_attention(from)
	:: else
	fi;
#endif
	/* the poster's own CPU is in root mode and not idle */
	seen = from != CPU_OF(to) && NEEDS_KICK(to, mem[RUN + CPU_OF(to)]);
	if
	:: seen -> kick(from, CPU_OF(to)); seen = 0
	:: else
	fi
}

/* Every suspended VP of the partition; `set` and `i`: scratch, end as 0. */
inline wake_all(a, set, i, seen)
{
	set = mem[SUSPENDED];
	do
	:: i < VPS && (set & BIT(i)) ->
		post(a, i, WAKE, seen);
		set = CHECK(wake_all) * (set & ~BIT(i));
		i++
	:: i < VPS && !(set & BIT(i)) -> i++
	:: else -> break
	od;
	atomic { set = 0; i = 0 }
}

/* ---- inhibit ---- */

inline count_add(barrier, a, by)
{
	atomic {
		READY(barrier, a);
		put(barrier, a, COUNT, mem[COUNT] + by)
	}
}

inline inhibit_enter(a, x, i)
{
	if
	:: CHECK(count_before_inhibit) ->
		count_add(BARRIER(count_up_in_one_step), a, 1)
	:: else
	fi;
	atomic {
		READY(BARRIER(inhibit_before_flush_seq), a);
		i = (mem[INH + x] != 0);
		put(BARRIER(inhibit_before_flush_seq), a, INH + x, mem[INH + x] + 2)
	}
	if
	:: !CHECK(count_before_inhibit) -> count_add(BARRIER(count_up_in_one_step), a, 1)
	:: else
	fi;
	if
	:: i && CHECK(count_taken_back) ->
		count_add(BARRIER(count_up_in_one_step), a, -1)
	:: else
	fi;
	if
	:: i && !CHECK(every_inhibit_waits) -> i = CPUS
	:: else -> i = 0
	fi;
	do
	:: i < CPUS && CHECK(wait_for_running_flushes) ->
		atomic {
			if
			:: i != a && mem[SEQ + i] ->
				seq_noted[a] = seq_noted[a] | BIT(i)
			:: else
			fi
		}
		seq_noted[a] == 0;
		i++
	:: else -> break
	od;
	atomic { i = 0; walking[x]++ }
}

/* One compare-exchange; without it a load and a plain store; or in two steps */
inline inhibit_keep(a, x)
{
	atomic {
		READY(BARRIER(keep_in_one_step), a);
		put(BARRIER(keep_in_one_step), a, INH + x, (mem[INH + x] | CHECK(flag_and_count_together)) - 2);
		walking[x]--;
		held[x] = 1
	}
	if
	:: !CHECK(flag_and_count_together) ->
		atomic { buffered[a] == 0; write(INH + x, mem[INH + x] | 1) }
	:: else
	fi
}

/* The word became 0. */
inline ended(a, set, i, seen)
{
	count_add(BARRIER(count_down_in_one_step), a, -1);
	wake_all(a, set, i, seen)
}

inline inhibit_leave(a, x, set, i, seen)
{
	atomic {
		READY(BARRIER(leave_in_one_step), a);
		walking[x]--;
		set = (mem[INH + x] == 2);
		put(BARRIER(leave_in_one_step), a, INH + x, mem[INH + x] - 2)
	}
	if
	:: set && CHECK(failed_walk_wakes) -> ended(a, set, i, seen)
	:: set && !CHECK(failed_walk_wakes) -> count_add(1, a, -1); set = 0
	:: else -> set = 0
	fi
}

/* By 0x51, and by inhibit_end_of() */
inline inhibit_clear(a, x, set, i, seen)
{
	atomic {
		READY(BARRIER(clear_in_one_step), a);
		held[x] = 0;
		set = (mem[INH + x] == 1);
		put(BARRIER(clear_in_one_step), a, INH + x, mem[INH + x] & ~1)
	}
	if
	:: set -> ended(a, set, i, seen)
	:: else -> set = 0
	fi
}

/* ---- flush, caller's side ---- */

#define ALL_PAGES 7
#define REMOTE(v) (CHECK(caller_out_of_set) * (TARGETS(v) & ~BIT(v)) | !CHECK(caller_out_of_set) * TARGETS(v))
#define TARGET_OF(d) (mem[RUN + d] - RUN_GUEST) /* if that word is odd */
#define IS_TARGET(d, set) (mem[RUN + d] >= RUN_GUEST && ((set) & BIT(TARGET_OF(d))))

/* Step 2. x: the VP that is inhibited, VPS if none. */
#define MUST_WAIT(x, self) ((REMOTE(self) & BIT(x)) && mem[INH + x] != 0)

inline inhibit_find(self, x)
{
	x = VPS;
	if
	:: mem[COUNT] != 0 && CHECK(look_for_inhibits) ->
		/* one VP only is ever inhibited: one look is all looks */
		x = IF(MUST_WAIT(INHIBITED, self), INHIBITED, VPS)
	:: else
	fi
}

/* One range for VP t, a second one that does not fit makes it a full flush. */
inline put_queue(a, t, page, over)
{
	atomic {
		(buffered[a] == 0 && mem[QLOCK + t] == 0) || !BARRIER(lock_queue_to_put);
		mem[QLOCK + t] = 1
	}
	atomic {
		over = (QUEUE_FULL(mem[QUEUE + t]));
		if
		:: !over -> push(a, QUEUE + t, mem[QUEUE + t] | BIT(page))
		:: else
		fi
	}
	store(a, QLOCK + t, 0);
	if
	:: over && CHECK(overflow_becomes_full) -> put_full(a, BIT(t))
	:: else
	fi;
	over = 0
}

inline put_full(a, set)
{
	atomic {
		READY(BARRIER(bits_before_run_words), a);
		put(BARRIER(bits_before_run_words), a, FULL, mem[FULL] | (set))
	}
}

/* There is one other CPU; steps of the wait for it: read and note, kick. */
inline kick_running(a, set, seen)
{
	atomic {
		if
		:: IS_TARGET(1 - a, set) ->
			run_noted[a] = run_noted[a] | BIT(1 - a);
			seen = CHECK(kick_running_targets)
		:: else
		fi
	}
	if
	:: seen -> kick(a, 1 - a); seen = 0
	:: else
	fi
}

/* Step 5. Without the sequence a word looks the same at the next stay. */
#define WAIT_OVER(a, set) \
	((run_noted[a] == 0 && CHECK(wait_for_change)) || (!CHECK(wait_for_change) && !IS_TARGET(1 - a, set)))

#define RUNS_STALE(d, set, page) (mode[d] == GUEST && \
	((set) & BIT(current[d])) && (stale[current[d]] & BIT(page)))

inline flush_returns(a, v, set, page)
{
	d_step {
		run_noted[a] = 0;
		done = done | BIT(page);
		/* no lost flush */
		assert(!RUNS_STALE(1 - a, (set) & ~BIT(v), page));
		/* no flush passes an inhibit */
		i = 0;
		do
		:: i < VPS ->
			assert(i == v || !((set) & BIT(i)) ||
			       (!held[i] && !walking[i]));
			i++
		:: else -> break
		od;
		i = 0
	}
}

/* ---- flush, target's side ---- */

inline take_work(a, v, pages)
{
	if
	:: mem[FULL] & BIT(v) ->
		atomic {
			READY(BARRIER(take_bit_in_one_step), a);
			put(BARRIER(take_bit_in_one_step), a, FULL, mem[FULL] & ~BIT(v));
			pages = ALL_PAGES
		}
	:: else
	fi;
	if
	:: mem[QUEUE + v] != 0 ->
		atomic {
			(buffered[a] == 0 && mem[QLOCK + v] == 0) || !BARRIER(lock_queue_to_take);
			mem[QLOCK + v] = 1
		}
		pages = pages | mem[QUEUE + v];
		store(a, QUEUE + v, 0);
		store(a, QLOCK + v, 0)
	:: else
	fi
}

inline flush_drain(a, v, pages)
{
	if
	:: CHECK(take_then_execute) -> take_work(a, v, pages)
	:: !CHECK(take_then_execute) ->
		pages = IF(mem[FULL] & BIT(v), ALL_PAGES, mem[QUEUE + v])
	fi;
	atomic { stale[v] = stale[v] & ~pages; pages = 0 }
	if
	:: !CHECK(take_then_execute) -> take_work(a, v, pages); pages = 0
	:: else
	fi
}

#define HAS_WORK(v) (mem[EV + v] || (mem[FULL] & BIT(v)) || mem[QUEUE + v])

/*
 * Attention for the other VP of the CPU; not before the first entry of a turn
 * that has a slice.
 */
#if VPS > 2
#define CALLED(c) (c == 0 && mem[ATTENTION] && !(fresh && slice) && CHECK(look_at_attention))
#else
#define CALLED(c) 0
#endif

/* ---- events of a VP, on its own CPU ---- */

inline suspend_forget(a, v)
{
	atomic {
		buffered[a] == 0;
		mem[SUSPENDED] = mem[SUSPENDED] & ~BIT(v)
	}
}

/*
 * The START event: renew_vp(), and before the first one renew_partition(). VP 1
 * is new before VP 0, the only one that runs at once.
 */
inline renew(a, v, seen)
{
	if
	:: v == 1 -> atomic {
			buffered[a] == 0;
			life = 1;
			write(FULL, 0)
		}
	:: else
	fi;
	atomic {
		buffered[a] == 0;
		write(QUEUE + v, 0);
		stale[v] = IF(CHECK(restart_drops_translations), 0, stale[v]);
		pending[v] = 0;
		step[v] = 0;
		sipi_missing = sipi_missing | IF(v == 1, 2, 0);
		state[v] = IF(v == 0, RUNNABLE, WAIT_SIPI)
	}
	if
	:: v == 1 && CHECK(all_new_before_first_entry) -> post(a, 0, START, seen)
	:: else
	fi
}

inline take_events(a, v, e)
{
	atomic {
		READY(BARRIER(take_events_at_once), a);
		e = mem[EV + v];
		put(BARRIER(take_events_at_once), a, EV + v, 0)
	}
	if
#ifdef RESTARTS
	:: state[v] == STOPPED && (e & START) -> renew(a, v, seen)
	:: state[v] == STOPPED && !(e & START)
#else
	:: state[v] == STOPPED
#endif
	:: state[v] != STOPPED && (e & STOP) ->
		if
		:: state[v] == SUSPEND -> suspend_forget(a, v)
		:: else
		fi;
		state[v] = STOPPED
	:: else ->
		if
		:: e & INIT ->
			if
			:: state[v] == SUSPEND && CHECK(init_ends_suspension) ->
				suspend_forget(a, v)
			:: else
			fi;
			d_step {
				state[v] = WAIT_SIPI;
				step[v] = LENGTH;
				pending[v] = 0;
				sipi_missing = sipi_missing | BIT(v);
				e = e & ~IRQ
			}
		:: else
		fi;
		if
		:: (e & SIPI) && state[v] == WAIT_SIPI -> d_step {
				state[v] = RUNNABLE;
				sipi_missing = sipi_missing & ~BIT(v)
			}
		:: else
		fi;
		if
		:: e & IRQ -> pending[v] = 1
		:: else
		fi;
#ifdef HOLDS
		if
		:: e & HOLD -> own_held = mem[HOLD_WORD]
		:: else
		fi;
#endif
		if
		:: (e & WAKE) && (state[v] == SUSPEND || !CHECK(wake_suspended_only)) ->
			suspend_forget(a, v);
			state[v] = RUNNABLE
		:: else
		fi;
		if
		:: state[v] == HALTED && pending[v] -> state[v] = RUNNABLE
		:: else
		fi
	fi;
	e = 0
}

/* ---- a CPU ---- */

#define HAS_PROGRAM(v) (step[v] < LENGTH && OP(v, step[v]) != END)
#define OTHER(v) (2 - v) /* on CPU 0 of the scenarios with three VPs */
#ifdef HOLDS
#define MAY_RUN(v) (state[v] == RUNNABLE && \
	!((v) == 1 && own_held && CHECK(held_is_not_entered)))
#else
#define MAY_RUN(v) (state[v] == RUNNABLE)
#endif
/* A stopped VP takes its events too, or its CPU never halts. */
#define WANTS_CPU(v) (MAY_RUN(v) || due[v] || \
	(mem[EV + v] && (state[v] != STOPPED || CHECK(stopped_takes_events))))
#if VPS > 2
#define ANY_WANTS_CPU(c) (WANTS_CPU(c) || (c == 0 && WANTS_CPU(2)))
#else
#define ANY_WANTS_CPU(c) WANTS_CPU(c)
#endif

proctype cpu(byte c)
{
	byte v = c; /* cpu->vp */
	byte x, i, e;
	bool seen;
	bool check = 1; /* vp->own.due */
	bool over;      /* the slice is */
	bool fresh;     /* this turn has not entered yet */
	bool slice;     /* what it stored in SLICED last */

next: /* loop_next() */
	if
	:: !check -> goto enter
	:: else -> check = 0
	fi;
find: /* find_runnable(), sched_next() */
#if VPS > 2
	if
	:: c == 0 ->
		atomic {
			READY(BARRIER(attention_off_before_scan), c);
			over = over || (mem[ATTENTION] && CHECK(attention_ends_turn));
			put(BARRIER(attention_off_before_scan), c, ATTENTION, 0)
		}
		if
		:: over && WANTS_CPU(OTHER(v)) -> v = OTHER(v); fresh = 1
		:: else ->
			if
			:: WANTS_CPU(v) -> fresh = fresh || over
			:: WANTS_CPU(OTHER(v)) -> v = OTHER(v); fresh = 1
			:: else -> over = 0; goto idle
			fi
		fi;
		over = 0
	:: c == 1 && WANTS_CPU(v)
	:: c == 1 && !WANTS_CPU(v) -> goto idle
	fi;
#else
	if
	:: WANTS_CPU(v)
	:: else -> goto idle
	fi;
#endif
	current[c] = v;
	due[v] = 0;
	/* service_vp() */
	if
	:: mem[EV + v] -> take_events(c, v, e)
	:: else
	fi;
	if
	:: state[v] != STOPPED -> flush_drain(c, v, e)
	:: else
	fi;
	if
	:: !MAY_RUN(v) -> goto find
	:: else
	fi;
#if VPS > 2
	/* sched_arm() */
	if
	:: c == 0 ->
		atomic {
			slice = IF(CHECK(slice_for_pending_event), WANTS_CPU(OTHER(v)), state[OTHER(v)] == RUNNABLE);
			push(c, SLICED, slice)
		}
	:: else
	fi;
#endif

enter:
	/* run_enter() */
	if
	:: CHECK(kicked_off_before_look) -> kicked[c] = 0
	:: else
	fi;
	atomic {
		READY(BARRIER(odd_before_look), c);
		put(BARRIER(odd_before_look), c, RUN + c, RUN_GUEST + v)
	}
	/*
	 * All looks in one step: as early as the earliest, so none sees more
	 * than it would by itself.
	 */
	if
	:: (HAS_WORK(v) && CHECK(look_before_entry)) || CALLED(c) ->
		store(c, RUN + c, RUN_ROOT);
		check = 1;
		goto next
	:: else
	fi;
	if
	:: CHECK(kicked_off_before_look)
	:: !CHECK(kicked_off_before_look) -> kicked[c] = 0
	fi;

	/* entry.S */
	atomic {
		if
		:: kicked[c] && CHECK(compare_kicked_before_entry) -> goto aborted
		:: else -> mode[c] = WINDOW
		fi
	}
	atomic {
		if
		:: mode[c] == MOVED -> goto aborted
		:: else ->
			mode[c] = GUEST;
			fresh = 0;
			/* what can be cached at all is cached at once */
			stale[v] = stale[v] | (1 - mem[PTE]) | (2 - 2 * mem[PTE + 1]);
			pending[v] = 0;
			assert((stale[v] & done & DONE_FOR(v)) == 0);
			assert(!(sipi_missing & BIT(v)));
			assert(!relied_on || v != 1);
			assert(!(mem[SUSPENDED] & BIT(v)))
		fi
	}

end_guest:
	if
	:: atomic { nmi[c] ->
			nmi[c] = 0;
			blocked[c] = 1;
			mode[c] = ROOT
		}
		store(c, RUN + c, RUN_ROOT);
		blocked[c] = !CHECK(iret_after_nmi_exit);
		goto next
	:: atomic { HAS_PROGRAM(v) ->
			mode[c] = ROOT;
			if
			:: IS_FLUSH(OP(v, step[v])) && !mem[PTE + PAGE(v, step[v])] ->
				push(c, PTE + PAGE(v, step[v]), 1)
			:: else
			fi
		}
		if
		:: CHECK(even_first_at_exit) -> store(c, RUN + c, RUN_ROOT)
		:: else
		fi;
		goto call
#if VPS > 2
	/* the slice is over; only where that can matter, so that all rest */
	:: atomic { c == 0 && (mem[SLICED] || due[OTHER(v)]) &&
		    (mem[EV + OTHER(v)] || (state[OTHER(v)] == RUNNABLE && HAS_PROGRAM(OTHER(v)))) ->
			mode[c] = ROOT;
			over = 1;
			check = 1
		}
		store(c, RUN + c, RUN_ROOT);
		goto next
#endif
	fi;

aborted: /* loop_aborted() */
	mode[c] = ROOT;
	store(c, RUN + c, RUN_ROOT);
	goto next;

call: /* loop_exit() */
	if
	:: IS_FLUSH(OP(v, step[v])) -> goto flush
	:: OP(v, step[v]) == HLT -> d_step {
			state[v] = IF(pending[v], RUNNABLE, HALTED);
			due[v] = VPS > 2; /* alone on its CPU it is serviced anyhow */
			check = 1
		}
	:: OP(v, step[v]) == SEND -> post(c, PEER(v), IRQ, seen)
	:: OP(v, step[v]) == EXIT
	:: OP(v, step[v]) == START_PEER -> post(c, PEER(v), SIPI, seen)
	:: OP(v, step[v]) == INHIBIT ->
		inhibit_enter(c, INHIBITED, i);
		inhibit_keep(c, INHIBITED)
	:: OP(v, step[v]) == CLEAR -> inhibit_clear(c, INHIBITED, e, i, seen)
	fi;
	step[v]++;
	goto next;

flush: /* flush_run(), flush_others() */
	if
	:: REMOTE(v) != 0 ->
		atomic {
			READY(BARRIER(announce_before_put), c);
			put(BARRIER(announce_before_put), c, SEQ + c, 1)
		}
		inhibit_find(v, x);
		if
		:: x < VPS -> goto suspend
		:: else -> x = 0
		fi;
		if
		:: OP(v, step[v]) == FLUSH_ALL -> put_full(c, REMOTE(v))
		:: else ->
			i = 0;
			do
			:: i < VPS && (REMOTE(v) & BIT(i)) ->
				put_queue(c, i, PAGE(v, step[v]), seen);
				i++
			:: i < VPS && !(REMOTE(v) & BIT(i)) -> i++
			:: i == VPS -> break
			od
		fi;
		!BARRIER(ranges_before_run_words) || buffered[c] == 0;
		kick_running(c, REMOTE(v), seen);
		WAIT_OVER(c, REMOTE(v)) || !CHECK(wait_for_kicked);
		flush_returns(c, v, REMOTE(v), PAGE(v, step[v]));
		store(c, SEQ + c, 0)
	:: else
	fi;
	if
	:: TARGETS(v) & BIT(v) -> stale[v] = stale[v] & ~BIT(PAGE(v, step[v]))
	:: else
	fi;
	step[v]++;
	goto next;

suspend: /* suspend_begin() */
	if
	:: CHECK(flush_ends_before_suspend) -> store(c, SEQ + c, 0)
	:: else
	fi;
	atomic { state[v] = SUSPEND; due[v] = VPS > 2; check = 1 }
	atomic {
		READY(BARRIER(suspended_bit_before_look), c);
		put(BARRIER(suspended_bit_before_look), c, SUSPENDED, mem[SUSPENDED] | BIT(v))
	}
	if
	:: mem[INH + x] == 0 && CHECK(look_again_before_suspend) ->
		suspend_forget(c, v);
		state[v] = RUNNABLE
	:: else
	fi;
	x = 0;
	goto next;

idle: /* run_idle_begin() */
	kicked[c] = 0;
	atomic {
		READY(BARRIER(idle_before_look), c);
		put(BARRIER(idle_before_look), c, RUN + c, RUN_IDLE)
	}
	if
	:: (mem[EV + c] || (VPS > 2 && c == 0 && mem[EV + 2])) && CHECK(look_before_idle) ->
		assert(ANY_WANTS_CPU(c));
		goto awake
	:: else
	fi;
	/* idle_halt() */
	atomic {
		if
		:: kicked[c] && CHECK(compare_kicked_before_hlt) -> goto awake
		:: else -> mode[c] = IDLE_WINDOW
		fi
	}
	atomic {
		if
		:: mode[c] == IDLE_WINDOW -> mode[c] = HALT
		:: else
		fi
	}
end_halt:
	mode[c] == MOVED;
awake:
	mode[c] = ROOT;
	store(c, RUN + c, RUN_ROOT);
	goto find
}

/* ---- who acts from outside of the two CPUs ---- */

/* hold_set() and hold_clear() of VP 1 */
inline hold(a, owners, seen)
{
	if
	:: CHECK(owner_before_event) ->
		atomic { buffered[a] == 0; write(HOLD_WORD, owners) }
	:: else
	fi;
	post(a, 1, HOLD, seen);
	if
	:: !CHECK(owner_before_event) ->
		atomic { buffered[a] == 0; write(HOLD_WORD, owners) }
	:: else
	fi
}

#define IS_OUT (own_held || state[1] == STOPPED)

proctype outsider(byte a; byte act)
{
	byte i, e;
	bool seen;

	if
	:: act == TRANSLATE -> /* and clear */
		inhibit_enter(a, INHIBITED, i);
		inhibit_keep(a, INHIBITED);
		inhibit_clear(a, INHIBITED, e, i, seen)
	:: act == TRANSLATE_FAILS ->
		inhibit_enter(a, INHIBITED, i);
		inhibit_leave(a, INHIBITED, e, i, seen)
	:: act == TRANSLATE_KEEPS ->
		inhibit_enter(a, INHIBITED, i);
		inhibit_keep(a, INHIBITED);
		owner_calls--
	:: act == OWNER_STOPS ->
		owner_calls == 0 || !CHECK(owner_ends_after_last_call);
		if
		:: mem[INH + INHIBITED] & 1 ->
			inhibit_clear(a, INHIBITED, e, i, seen)
		:: else
		fi
	:: act == SEND_INIT ->
		post(a, 0, INIT, seen);
		post(a, 0, SIPI, seen)
	:: act == SEND_STOP ->
		post(a, 0, STOP, seen);
		post(a, 1, STOP, seen)
#ifdef HOLDS
	:: act == HOLD_WHILE_FLUSHED ->
		hold(a, 1, seen);
		IS_OUT || !CHECK(out_by_its_own_copy);
		d_step {
			relied_on = 1;
			assert(!(mode[1] == GUEST && relied_on))
		}
		done & 1; /* nobody waits for the VP meanwhile */
		relied_on = 0;
		hold(a, 0, seen)
#endif
#ifdef RESTARTS
	:: act == RESTART -> /* partition_stop(), the keeper's work */
		post(a, 0, STOP, seen);
		post(a, 1, STOP, seen);
		state[0] == STOPPED && state[1] == STOPPED;
		post(a, 1, START, seen);
		if
		:: !CHECK(all_new_before_first_entry) -> post(a, 0, START, seen)
		:: else
		fi
#endif
	fi
}

/* ---- the end: everybody rests ---- */

#define RESTS(v) \
	assert(state[v] == STOPPED || (state[v] != SUSPEND && mem[EV + v] == 0)); \
	assert(!(state[v] == HALTED && pending[v])); \
	assert(state[v] != RUNNABLE || !HAS_PROGRAM(v))

active proctype monitor()
{
end_monitor:
	timeout ->
	RESTS(0);
	RESTS(1);
#if VPS > 2
	RESTS(2);
#endif
#ifdef RESTARTS
	/* the new life has begun, with the SIPI that VP 0 sent */
	assert(state[0] != STOPPED && state[1] != STOPPED && state[1] != WAIT_SIPI);
#endif
	assert(!sipi_missing);
	assert(mem[COUNT] == (mem[INH + INHIBITED] != 0))
}

init {
	atomic {
		/* all are cached, all are RUNNABLE but VP 2 where it has no program */
		stale[0] = 3;
		stale[1] = 3;
#if VPS > 2
		stale[2] = 3;
		state[2] = VP2_STATE;
#endif
		run cpu(0);
		run cpu(1);
#if OUTSIDERS > 0
		run outsider(2, OUTSIDER_0);
#endif
#if OUTSIDERS > 1
		run outsider(3, OUTSIDER_1);
#endif
	}
}
