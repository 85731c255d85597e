/* SPDX-License-Identifier: MIT */
/* Handlers of the packets about memory and breakpoints. */
#include "core/gdb/access.h"

#include "core/gdb/breakpoints.h"
#include "core/gdb/job.h"
#include "core/gdb/link.h"
#include "core/gdb/memory.h"

/* The memory that addresses mean. False: the handler is called again. */
static bool see_space(struct gdb_stub *s, struct gdb_space *space)
{
	space->partition = s->partition;
	space->paging = NULL;
	if (s->physical) {
		return true;
	}
	space->paging = &gdb_link.job.paging;
	return gdb_job_see(s);
}

static bool is_seen(const struct gdb_stub *s)
{
	return s->physical || s->seen != NULL;
}

/* "address,length" */
static bool take_range(struct gdb_text *t, u64 *address, u64 *len)
{
	return gdb_text_hex(t, address) && gdb_text_char(t, ',') &&
	       gdb_text_hex(t, len);
}

enum gdb_answer gdb_access_read(struct gdb_stub *s, struct gdb_text *t)
{
	static u8 bytes[GDB_MEMORY_MAX];
	struct gdb_space space;
	u64 address;
	u64 len;
	size_t got;

	if (!see_space(s, &space)) {
		return GDB_AGAIN;
	}
	if (!is_seen(s) || !take_range(t, &address, &len)) {
		return gdb_stub_error(s, E_FORM);
	}
	got = gdb_memory_read(&space, address, bytes,
			      len < sizeof(bytes) ? len : sizeof(bytes));
	if (got == 0 && len != 0) {
		return gdb_stub_error(s, E_MEMORY);
	}
	gdb_reply_bytes(&s->reply, bytes, got);
	return GDB_ANSWERED;
}

/* `binary`: packet X, whose bytes are as they are. */
static enum gdb_answer write_memory(struct gdb_stub *s, struct gdb_text *t,
				    bool binary)
{
	static u8 bytes[GDB_MEMORY_MAX];
	struct gdb_space space;
	u64 address;
	u64 len;

	if (!see_space(s, &space)) {
		return GDB_AGAIN;
	}
	if (!is_seen(s) || !take_range(t, &address, &len) ||
	    !gdb_text_char(t, ':') || len > sizeof(bytes) ||
	    t->len != (binary ? len : 2 * len)) {
		return gdb_stub_error(s, E_FORM);
	}
	for (u64 i = 0; binary && i < len; i++) {
		bytes[i] = (u8)t->at[i];
	}
	if (!binary && !gdb_text_bytes(t, bytes, len)) {
		return gdb_stub_error(s, E_FORM);
	}
	return gdb_memory_write(&space, address, bytes, len)
		       ? gdb_stub_ok(s)
		       : gdb_stub_error(s, E_MEMORY);
}

enum gdb_answer gdb_access_write(struct gdb_stub *s, struct gdb_text *t)
{
	return write_memory(s, t, false);
}

enum gdb_answer gdb_access_write_binary(struct gdb_stub *s, struct gdb_text *t)
{
	return write_memory(s, t, true);
}

static enum gdb_answer answer_err(struct gdb_stub *s, enum err err)
{
	static const u8 numbers[] = {
		[ERR_RANGE] = E_MEMORY, [ERR_NO_MEMORY] = E_FULL};

	if (err == ERR_OK) {
		return gdb_stub_ok(s);
	}
	return gdb_stub_error(s, err < ARRAY_SIZE(numbers) && numbers[err] != 0
					 ? numbers[err]
					 : E_VALUE);
}

static enum err put_software(const struct gdb_space *space, u64 address)
{
	gpa_t at;

	return gdb_memory_find(space, address, &at)
		       ? gdb_breakpoints_put(space->partition, at, address)
		       : ERR_RANGE;
}

/* By its name; else there may be one at the place, with another name. */
static enum err take_software(const struct gdb_space *space, u64 address)
{
	enum err err = gdb_breakpoints_take_named(space->partition, address);
	gpa_t at;

	if (err == ERR_OK) {
		return err;
	}
	return gdb_memory_find(space, address, &at)
		       ? gdb_breakpoints_take(space->partition, at)
		       : ERR_RANGE;
}

/* "kind,address,length", and conditions that the stub does not know. */
static enum gdb_answer point(struct gdb_stub *s, struct gdb_text *t, bool put)
{
	struct gdb_space space;
	u64 kind;
	u64 address;
	u64 len;

	if (!see_space(s, &space)) {
		return GDB_AGAIN;
	}
	if (!is_seen(s) || !gdb_text_hex(t, &kind) || !gdb_text_char(t, ',') ||
	    !take_range(t, &address, &len)) {
		return gdb_stub_error(s, E_FORM);
	}
	if (kind != 0) {
		return answer_err(s, put ? gdb_breakpoints_put_hardware(
						   address, kind, len)
					 : gdb_breakpoints_take_hardware(
						   address, kind, len));
	}
	return answer_err(s, put ? put_software(&space, address)
				 : take_software(&space, address));
}

enum gdb_answer gdb_access_put_point(struct gdb_stub *s, struct gdb_text *t)
{
	return point(s, t, true);
}

enum gdb_answer gdb_access_take_point(struct gdb_stub *s, struct gdb_text *t)
{
	return point(s, t, false);
}
