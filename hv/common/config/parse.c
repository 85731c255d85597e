/* SPDX-License-Identifier: MIT */
/* lethe.conf line by line: which section and key a line belongs to. */
#include "common/config/parse.h"

#include "common/config/controls.h"
#include "common/config/encoding.h"
#include "common/config/keys.h"
#include "common/config/refusal.h"
#include "common/lib/mem.h"
#include "tlfs/hypercall.h"

/* A value that names partitions which may come later in the file. */
struct late {
	u32 line; /* 0: the key is absent */
	const struct config_key *key;
	struct config_value value;
};

struct scan {
	struct config *out;
	struct config_error *error;
	u32 line;

	/* the section that the line belongs to; keys NULL before the first */
	const struct config_keys *keys;
	u8 *fields; /* the struct that it fills */
	u32 section_line;
	u32 seen[CONFIG_KEYS_MAX]; /* line of each key, 0: not yet */

	u32 hypervisor_line; /* of [hypervisor], 0: not yet */
	u32 com2_line;       /* of the value com2, 0: not yet */
	struct late input;
	struct late controls[CONFIG_PARTITIONS_MAX];
};

/* `subject: expected ..., found ...` with found->expected, for this line. */
static enum err refuse(struct scan *s, const char *subject,
		       const struct config_value *found)
{
	s->error->line = s->line;
	return config_refusal_found(s->error, subject, found);
}

/* `subject: expected ...`, which ends with a number. */
static enum err refuse_number(struct scan *s, const char *subject,
			      const char *expected, u32 number)
{
	s->error->line = s->line;
	return config_refusal_number(s->error, subject, expected, number);
}

static enum err refuse_unknown(struct scan *s, const struct config_value *name)
{
	s->error->line = s->line;
	return config_refusal_unknown(s->error, s->keys, name);
}

static bool is_blank(char c)
{
	return c == ' ' || c == '\t';
}

static struct config_value trim(const char *text, size_t len)
{
	while (len > 0 && is_blank(text[0])) {
		text++;
		len--;
	}
	while (len > 0 && is_blank(text[len - 1])) {
		len--;
	}
	return (struct config_value){text, len, NULL};
}

/* Control characters may stand nowhere, bytes above ASCII in comments only. */
static enum err check_bytes(struct scan *s, const char *text, size_t len,
			    size_t comment)
{
	for (size_t i = 0; i < len; i++) {
		u8 byte = (u8)text[i];
		bool is_control = (byte < 0x20 && byte != '\t') || byte == 0x7f;

		if (is_control || (byte >= 0x80 && i < comment)) {
			struct config_value found = {
				text + i,
				1,
				"printable ASCII characters",
			};
			return refuse(s, "line", &found);
		}
	}
	return ERR_OK;
}

/* Where the comment of the line starts; `len` if it has none. */
static size_t comment_start(const char *text, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		if (text[i] == '#' && (i == 0 || is_blank(text[i - 1]))) {
			return i;
		}
	}
	return len;
}

static const struct config_key *find_key(const struct config_keys *keys,
					 const struct config_value *name)
{
	for (u32 i = 0; i < keys->count; i++) {
		if (config_value_is(name, keys->rows[i].name)) {
			return &keys->rows[i];
		}
	}
	return NULL;
}

static enum err read_key(struct scan *s, const struct config_value *line,
			 size_t equals)
{
	struct config_value name = trim(line->text, equals);
	struct config_value value =
		trim(line->text + equals + 1, line->len - equals - 1);
	const struct config_key *key = find_key(s->keys, &name);
	u32 *seen;

	if (key == NULL) {
		return refuse_unknown(s, &name);
	}
	seen = &s->seen[key - s->keys->rows];
	if (*seen != 0) {
		return refuse_number(s, key->name,
				     "once in a section, found also on line",
				     *seen);
	}
	*seen = s->line;
	value.expected = key->expected;
	if (key->parse == NULL) {
		struct late *late =
			s->keys == &config_keys_hypervisor
				? &s->input
				: &s->controls[s->out->partition_count - 1];

		*late = (struct late){s->line, key, value};
		return ERR_OK;
	}
	if (key->choices != NULL && (config_value_is(&value, "com2") ||
				     config_value_is(&value, "com2-wait"))) {
		if (s->com2_line != 0) {
			return refuse_number(s, key->name,
					     "one use of COM2, found also on "
					     "line",
					     s->com2_line);
		}
		s->com2_line = s->line;
	}
	if (!key->parse(key, s->fields + key->offset, &value)) {
		return refuse(s, key->name, &value);
	}
	return ERR_OK;
}

/* VP indices are vp-index-stride apart; above 1 only if the key is present. */
static enum err check_vp_indices(struct scan *s)
{
	const struct config_partition *partition =
		&s->out->partition[s->out->partition_count - 1];
	u64 highest = (u64)(partition->vps - 1) * partition->vp_index_stride;
	struct config_value stride = {"vp-index-stride", 15, NULL};
	const struct config_key *key = find_key(s->keys, &stride);

	if (highest < HV_VP_INDEX_LIMIT || key == NULL) {
		return ERR_OK;
	}
	s->line = s->seen[key - s->keys->rows];
	return refuse_number(s, key->name,
			     "(vps - 1) * vp-index-stride below 4096, found",
			     (u32)highest);
}

/* Only a software TLB can be compared with the guest's tables. */
static enum err check_sanitize(struct scan *s)
{
	const struct config_partition *partition =
		&s->out->partition[s->out->partition_count - 1];
	struct config_value on = {
		"on", 2,
		"off, or paging = shadow in the section: the sanitizer "
		"compares a software TLB"};
	struct config_value name = {"sanitize", 8, NULL};
	const struct config_key *key = find_key(s->keys, &name);

	if (partition->sanitize == CONFIG_SANITIZE_OFF || key == NULL ||
	    partition->paging == CONFIG_PAGING_SHADOW) {
		return ERR_OK;
	}
	s->line = s->seen[key - s->keys->rows];
	return refuse(s, key->name, &on);
}

/* Checks what depends on a whole section; called at its end. */
static enum err end_section(struct scan *s)
{
	struct config_value nothing = {"", 0, "this key in the section"};
	enum err err;

	for (u32 i = 0; s->keys != NULL && i < s->keys->count; i++) {
		if (s->keys->rows[i].required && s->seen[i] == 0) {
			s->line = s->section_line;
			return refuse(s, s->keys->rows[i].name, &nothing);
		}
	}
	if (s->keys != &config_keys_partition) {
		return ERR_OK;
	}
	err = check_vp_indices(s);
	return err != ERR_OK ? err : check_sanitize(s);
}

static void start_section(struct scan *s, const struct config_keys *keys,
			  void *fields)
{
	s->keys = keys;
	s->fields = (u8 *)fields;
	s->section_line = s->line;
	memset(s->seen, 0, sizeof(s->seen));
}

static bool is_name(const struct config_value *name)
{
	for (size_t i = 0; i < name->len; i++) {
		char c = name->text[i];

		if (!((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
		      (c >= '0' && c <= '9') || c == '-' || c == '_')) {
			return false;
		}
	}
	return name->len > 0 && name->len < CONFIG_NAME_MAX;
}

static enum err start_partition(struct scan *s, struct config_value name)
{
	u32 number = s->out->partition_count;
	struct config_partition *partition = &s->out->partition[number];

	if (!is_name(&name)) {
		name.expected = "a name of 1 to 31 letters, digits, - or _";
		return refuse(s, "[partition NAME]", &name);
	}
	if (number == CONFIG_PARTITIONS_MAX) {
		name.expected = "at most 4 partitions";
		return refuse(s, "[partition NAME]", &name);
	}
	for (u32 i = 0; i < number; i++) {
		if (config_value_is(&name, s->out->partition[i].name)) {
			name.expected = "a name that no other partition has";
			return refuse(s, "[partition NAME]", &name);
		}
	}
	s->out->partition_count++;
	for (size_t i = 0; i < name.len; i++) {
		partition->name[i] = name.text[i];
	}
	config_keys_partition_defaults(partition);
	start_section(s, &config_keys_partition, partition);
	return ERR_OK;
}

static enum err read_section(struct scan *s, const struct config_value *line)
{
	struct config_value whole = *line;
	struct config_value rest;
	struct config_value kind;
	enum err err = end_section(s);

	if (err != ERR_OK) {
		return err;
	}
	whole.expected = "[hypervisor] or [partition NAME]";
	if (line->text[line->len - 1] != ']') {
		return refuse(s, "section", &whole);
	}
	rest = trim(line->text + 1, line->len - 2);
	(void)config_value_word(&rest, &kind);
	rest = trim(rest.text, rest.len);
	if (config_value_is(&kind, "partition")) {
		return start_partition(s, rest);
	}
	if (!config_value_is(&kind, "hypervisor") || rest.len > 0) {
		return refuse(s, "section", &whole);
	}
	if (s->hypervisor_line != 0) {
		return refuse_number(s, "[hypervisor]",
				     "once in the file, found also on line",
				     s->hypervisor_line);
	}
	s->hypervisor_line = s->line;
	start_section(s, &config_keys_hypervisor, s->out);
	return ERR_OK;
}

static enum err read_line(struct scan *s, const char *text, size_t len)
{
	size_t comment = comment_start(text, len);
	struct config_value line = trim(text, comment);
	size_t equals = 0;
	enum err err = check_bytes(s, text, len, comment);

	if (err != ERR_OK || line.len == 0) {
		return err;
	}
	if (line.text[0] == '[') {
		return read_section(s, &line);
	}
	while (equals < line.len && line.text[equals] != '=') {
		equals++;
	}
	if (equals == line.len) {
		line.expected = "[section], key = value or # comment";
		return refuse(s, "line", &line);
	}
	if (s->keys == NULL) {
		line.expected = "a [section] before the first key";
		return refuse(s, "line", &line);
	}
	return read_key(s, &line, equals);
}

static enum err read_lines(struct scan *s, const char *text, size_t len)
{
	size_t start = 0;
	enum err err = ERR_OK;

	while (start < len && err == ERR_OK) {
		size_t end = start;
		size_t next;

		while (end < len && text[end] != '\n') {
			end++;
		}
		next = end + 1;
		if (end > start && text[end - 1] == '\r') {
			end--;
		}
		s->line++;
		err = read_line(s, text + start, end - start);
		start = next;
	}
	return err;
}

/* Checks what depends on the whole file. */
static enum err end_file(struct scan *s)
{
	struct config_value nothing = {"", 0, "a [partition NAME] section"};

	if (s->out->partition_count == 0) {
		s->line = s->line == 0 ? 1 : s->line;
		return refuse(s, "file", &nothing);
	}
	for (u32 i = 0; i < s->out->partition_count; i++) {
		struct late *late = &s->controls[i];

		if (late->line != 0 &&
		    !config_controls_resolve(s->out, i, &late->value)) {
			s->line = late->line;
			return refuse(s, late->key->name, &late->value);
		}
	}
	if (s->input.line != 0 &&
	    !config_controls_input(s->out, &s->input.value)) {
		s->line = s->input.line;
		return refuse(s, s->input.key->name, &s->input.value);
	}
	return ERR_OK;
}

enum err config_parse(struct config *out, const char *text, size_t len,
		      struct config_error *error)
{
	struct scan s = {.out = out, .error = error};
	enum err err;

	memset(out, 0, sizeof(*out));
	memset(error, 0, sizeof(*error));
	err = config_encoding_check(text, len, error);
	if (err == ERR_OK) {
		err = read_lines(&s, text, len);
	}
	if (err == ERR_OK) {
		err = end_section(&s);
	}
	if (err == ERR_OK) {
		err = end_file(&s);
	}
	return err;
}
