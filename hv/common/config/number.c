/* SPDX-License-Identifier: MIT */
/* Values of lethe.conf that are numbers: with their units, within limits. */
#include "common/config/number.h"

#include "common/lib/digit.h"

/*
 * Decimal, or hexadecimal after 0x; nothing else in `text`. A number that does
 * not fit into 64 bits becomes the largest one, which is out of every key's
 * range.
 */
static bool read_number(const char *text, size_t len, u64 *number)
{
	u32 base = 10;
	u64 sum = 0;

	if (len > 2 && text[0] == '0' && (text[1] == 'x' || text[1] == 'X')) {
		base = 16;
		text += 2;
		len -= 2;
	}
	for (size_t i = 0; i < len; i++) {
		u32 digit = digit_value(text[i]);

		if (digit >= base) {
			return false;
		}
		sum = sum > (UINT64_MAX - digit) / base ? UINT64_MAX
							: sum * base + digit;
	}
	*number = sum;
	return len > 0;
}

bool config_number_u64(const struct config_key *key, void *field,
		       struct config_value *value)
{
	u64 number;

	if (!read_number(value->text, value->len, &number) ||
	    number < key->min || number > key->max) {
		return false;
	}
	*(u64 *)field = number;
	return true;
}

bool config_number_u32(const struct config_key *key, void *field,
		       struct config_value *value)
{
	u64 number;

	if (!config_number_u64(key, &number, value)) {
		return false;
	}
	*(u32 *)field = (u32)number;
	return true;
}

static u32 size_shift(char suffix)
{
	switch (suffix) {
	case 'k':
	case 'K':
		return 10;
	case 'm':
	case 'M':
		return 20;
	case 'g':
	case 'G':
		return 30;
	default:
		return 0;
	}
}

bool config_number_memory(const struct config_key *key, void *field,
			  struct config_value *value)
{
	u32 shift;
	u64 number;

	if (value->len == 0) {
		return false;
	}
	shift = size_shift(value->text[value->len - 1]);
	if (shift == 0 || !read_number(value->text, value->len - 1, &number)) {
		return false;
	}
	if (number > key->max >> shift || number << shift < key->min) {
		value->expected = "4M to 3G";
		return false;
	}
	if (((number << shift) & (2 * MIB - 1)) != 0) {
		value->expected = "a multiple of 2M";
		return false;
	}
	*(u64 *)field = number << shift;
	return true;
}

/* The longer units first, because each of them ends with an s. */
static const struct time_unit {
	const char *name;
	size_t len;
	u32 us;
} time_units[] = {{"us", 2, 1}, {"ms", 2, 1000}, {"s", 1, 1000000}};

static const struct time_unit *find_unit(const struct config_value *value)
{
	for (size_t i = 0; i < ARRAY_SIZE(time_units); i++) {
		const struct time_unit *unit = &time_units[i];
		struct config_value tail = *value;

		if (tail.len > unit->len) {
			tail.text += tail.len - unit->len;
			tail.len = unit->len;
		}
		if (config_value_is(&tail, unit->name)) {
			return unit;
		}
	}
	return NULL;
}

/* Reads a number and its unit, with no blank between them. */
bool config_number_time(const struct config_key *key, void *field,
			struct config_value *value)
{
	const struct time_unit *unit = find_unit(value);
	u64 number;

	if (unit == NULL ||
	    !read_number(value->text, value->len - unit->len, &number) ||
	    number > key->max / unit->us || number * unit->us < key->min ||
	    number * unit->us % key->unit != 0) {
		return false;
	}
	*(u32 *)field = (u32)(number * unit->us / key->unit);
	return true;
}

static bool read_poweroff(const struct config_value *word,
			  struct config_poweroff *to)
{
	size_t colon = 0;
	u64 port;
	u64 number;

	while (colon < word->len && word->text[colon] != ':') {
		colon++;
	}
	if (colon == word->len || !read_number(word->text, colon, &port) ||
	    !read_number(word->text + colon + 1, word->len - colon - 1,
			 &number) ||
	    port > UINT16_MAX || number > UINT16_MAX) {
		return false;
	}
	to->port = (u16)port;
	to->value = (u16)number;
	return true;
}

/* The field is the whole struct config: a count and an array. */
bool config_number_poweroff(const struct config_key *key, void *field,
			    struct config_value *value)
{
	struct config *to = (struct config *)field;
	struct config_value rest = *value;
	struct config_value word;
	u32 count = 0;

	(void)key;
	while (config_value_word(&rest, &word)) {
		if (count == CONFIG_POWEROFF_MAX) {
			value->expected = "at most 4 of PORT:VALUE";
			return false;
		}
		if (!read_poweroff(&word, &to->poweroff[count])) {
			*value = word;
			return false;
		}
		count++;
	}
	to->poweroff_count = count;
	return count > 0;
}
