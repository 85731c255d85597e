/* SPDX-License-Identifier: MIT */
/* Lines for the console, from what the VPs have counted. */
#include "core/sanitize/report.h"

#include "core/console/log.h"
#include "core/paging/walk.h"
#include "core/state/partition.h"
#include "core/state/vp.h"

static const char *const kind_names[SANITIZE_KINDS] = {
	[SANITIZE_NONE] = "none",     [SANITIZE_ABSENT] = "absent",
	[SANITIZE_TABLE] = "table",   [SANITIZE_FRAME] = "frame",
	[SANITIZE_RIGHTS] = "rights", [SANITIZE_DIRTY] = "dirty",
};

const char *sanitize_kind_name(enum sanitize_kind kind)
{
	return kind_names[kind];
}

const char *sanitize_access_name(u64 access)
{
	return access & WALK_EXECUTE ? "execute"
	       : access & WALK_WRITE ? "write"
				     : "read";
}

void sanitize_report(struct partition *p, u32 vp,
		     const struct sanitize_use *use)
{
	u32 line;

	if (__atomic_load_n(&p->sanitize_lines, __ATOMIC_RELAXED) >
	    SANITIZE_LINES_MAX) {
		return;
	}
	line = __atomic_fetch_add(&p->sanitize_lines, 1, __ATOMIC_RELAXED);
	if (line > SANITIZE_LINES_MAX) {
		return;
	}
	if (line == SANITIZE_LINES_MAX) {
		log_line(p->config->name,
			 "sanitize: more findings are only counted");
		return;
	}
	log_line(p->config->name,
		 "sanitize finding kind=%s vp=%u rip=0x%llx gva=0x%llx "
		 "access=%s cpl=%u leaf=0x%llx entry=0x%llx",
		 sanitize_kind_name(use->kind), vp,
		 (unsigned long long)use->rip, (unsigned long long)use->gva,
		 sanitize_access_name(use->access), use->cpl,
		 (unsigned long long)use->leaf, (unsigned long long)use->entry);
}

/* The counters of all VPs together; they are all u64. */
static void add(const struct partition *p, struct sanitize_counts *sum)
{
	for (u32 i = 0; i < p->vp_count; i++) {
		const u64 *from = (const u64 *)&p->vps[i]->sanitize->count;
		u64 *to = (u64 *)sum;

		for (size_t n = 0; n < sizeof(*sum) / sizeof(u64); n++) {
			to[n] += from[n];
		}
	}
}

static u64 sum_kinds(const u64 *counts)
{
	u64 sum = 0;

	for (u32 kind = 0; kind < SANITIZE_KINDS; kind++) {
		sum += counts[kind];
	}
	return sum;
}

void sanitize_summary(const struct partition *p)
{
	struct sanitize_counts sum = {0};

	if (p->config->sanitize == CONFIG_SANITIZE_OFF) {
		return;
	}
	add(p, &sum);
	for (u32 kind = 0; kind < SANITIZE_KINDS; kind++) {
		if (sum.uses[kind] != 0) {
			log_last_line(
				p->config->name,
				"sanitize kind=%s uses=%llu findings=%llu",
				kind_names[kind],
				(unsigned long long)sum.uses[kind],
				(unsigned long long)sum.findings[kind]);
		}
	}
	log_last_line(
		p->config->name,
		"sanitize compared=%llu lazy=%llu armed=%llu uses=%llu "
		"flushed=%llu granted=%llu lost=%llu findings=%llu",
		(unsigned long long)sum.compared, (unsigned long long)sum.lazy,
		(unsigned long long)sum.armed,
		(unsigned long long)sum_kinds(sum.uses),
		(unsigned long long)sum.flushed,
		(unsigned long long)sum.granted, (unsigned long long)sum.lost,
		(unsigned long long)sum_kinds(sum.findings));
}
