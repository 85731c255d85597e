/* SPDX-License-Identifier: MIT */
/* Names of threads, and the two plainest answers. */
#include "core/gdb/stub.h"

#include "core/state/partition.h"
#include "core/state/vp.h"

struct vp *gdb_stub_vp(const struct gdb_stub *s, u64 thread)
{
	return thread >= 1 && thread <= s->partition->vp_count
		       ? s->partition->vps[thread - 1]
		       : NULL;
}

void gdb_stub_put_id(struct gdb_stub *s, const struct vp *vp)
{
	if (s->names_processes) {
		gdb_reply_char(&s->reply, 'p');
		gdb_reply_number(&s->reply, s->partition->number + 1ull);
		gdb_reply_char(&s->reply, '.');
	}
	gdb_reply_number(&s->reply, vp->number + 1ull);
}

enum gdb_answer gdb_stub_error(struct gdb_stub *s, u32 number)
{
	u8 byte = (u8)number;

	gdb_reply_char(&s->reply, 'E');
	gdb_reply_bytes(&s->reply, &byte, 1);
	return GDB_ANSWERED;
}

enum gdb_answer gdb_stub_ok(struct gdb_stub *s)
{
	gdb_reply_text(&s->reply, "OK");
	return GDB_ANSWERED;
}
