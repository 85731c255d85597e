/* SPDX-License-Identifier: MIT */
/*
 * What the records of the trace hold, for the decoder: KIND(name),
 * EVENT(name, id), FIELD(event, name, word, lowest bit, bits, kind).
 */
#ifndef TOOLS_LETHE_TRACE_EVENTS_TABLE_H
#define TOOLS_LETHE_TRACE_EVENTS_TABLE_H

/* generated: events, from include/trace.toml */
/* clang-format off */
#define TRACE_KINDS(KIND) \
	KIND(dec) \
	KIND(hex) \
	KIND(reason) \
	KIND(status) \
	KIND(info) \
	KIND(ticks) \
	KIND(vp) \
	KIND(cpu) \
	KIND(run) \
	KIND(set) \
	KIND(state) \
	KIND(flag) \
	KIND(gva) \
	KIND(gpa) \
	KIND(range) \
	KIND(event) \
	KIND(events)
#define TRACE_EVENTS(EVENT) \
	EVENT(exit,          1) \
	EVENT(kick,          2) \
	EVENT(flush,         3) \
	EVENT(waited,        4) \
	EVENT(drained,       5) \
	EVENT(inhibit_set,   6) \
	EVENT(inhibit_clear, 7) \
	EVENT(suspend,       8) \
	EVENT(wake,          9) \
	EVENT(reissue,       10) \
	EVENT(inject,        11) \
	EVENT(fill,          12) \
	EVENT(switch,        13) \
	EVENT(state,         14) \
	EVENT(start,         15) \
	EVENT(stop,          16) \
	EVENT(mark,          17) \
	EVENT(lost,          18) \
	EVENT(use,           19) \
	EVENT(finding,       20)
#define TRACE_FIELDS(FIELD) \
	FIELD(exit,          failed,     flags, 0,  1,  flag) \
	FIELD(exit,          slot,       a0,    8,  8,  dec) \
	FIELD(exit,          reason,     a0,    16, 16, reason) \
	FIELD(exit,          info,       a1,    0,  64, info) \
	FIELD(exit,          status,     a2,    0,  32, status) \
	FIELD(exit,          ticks,      a2,    32, 32, ticks) \
	FIELD(kick,          posted,     flags, 0,  1,  flag) \
	FIELD(kick,          cpu,        a0,    0,  32, cpu) \
	FIELD(kick,          run,        a1,    0,  64, run) \
	FIELD(kick,          targets,    a2,    0,  64, set) \
	FIELD(flush,         banks,      a1,    0,  64, set) \
	FIELD(flush,         targets,    a2,    0,  64, set) \
	FIELD(waited,        cpu,        a0,    0,  32, cpu) \
	FIELD(waited,        run,        a1,    0,  64, run) \
	FIELD(waited,        ticks,      a2,    0,  64, ticks) \
	FIELD(drained,       full,       a0,    0,  1,  flag) \
	FIELD(drained,       non_global, a0,    1,  1,  flag) \
	FIELD(drained,       words,      a0,    16, 16, dec) \
	FIELD(drained,       invvpids,   a1,    0,  64, dec) \
	FIELD(drained,       first,      a2,    0,  64, range) \
	FIELD(inhibit_set,   target,     a0,    0,  32, vp) \
	FIELD(inhibit_set,   word,       a1,    0,  64, hex) \
	FIELD(inhibit_clear, target,     a0,    0,  32, vp) \
	FIELD(suspend,       target,     a0,    0,  32, vp) \
	FIELD(wake,          ticks,      a2,    0,  64, ticks) \
	FIELD(reissue,       event,      a0,    0,  32, event) \
	FIELD(inject,        event,      a0,    0,  32, event) \
	FIELD(fill,          level,      a0,    0,  32, dec) \
	FIELD(fill,          gva,        a1,    0,  64, gva) \
	FIELD(fill,          entry,      a2,    0,  64, hex) \
	FIELD(switch,        before,     a0,    0,  32, vp) \
	FIELD(state,         to,         a0,    0,  8,  state) \
	FIELD(state,         from,       a0,    8,  8,  state) \
	FIELD(start,         partition,  a0,    0,  32, dec) \
	FIELD(stop,          partition,  a0,    0,  32, dec) \
	FIELD(stop,          code,       a1,    0,  64, dec) \
	FIELD(mark,          number,     a0,    0,  32, dec) \
	FIELD(lost,          count,      a1,    0,  64, dec) \
	FIELD(use,           kind,       a0,    0,  8,  dec) \
	FIELD(use,           cpl,        a0,    8,  8,  dec) \
	FIELD(use,           rip,        a1,    0,  64, hex) \
	FIELD(use,           gva,        a2,    0,  64, gva) \
	FIELD(finding,       kind,       a0,    0,  8,  dec) \
	FIELD(finding,       cpl,        a0,    8,  8,  dec) \
	FIELD(finding,       rip,        a1,    0,  64, hex) \
	FIELD(finding,       gva,        a2,    0,  64, gva)
/* clang-format on */
/* end: events */

#endif
