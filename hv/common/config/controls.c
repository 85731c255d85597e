/* SPDX-License-Identifier: MIT */
/* Finds the partitions that values name. */
#include "common/config/controls.h"

#include "base/bits.h"

static bool is_blank(char c)
{
	return c == ' ' || c == '\t';
}

/* Cuts the part before the next comma off `rest` and trims its blanks. */
static struct config_value cut(struct config_value *rest)
{
	struct config_value part = *rest;

	part.len = 0;
	while (rest->len > 0 && rest->text[0] != ',') {
		rest->text++;
		rest->len--;
		part.len++;
	}
	while (part.len > 0 && is_blank(part.text[0])) {
		part.text++;
		part.len--;
	}
	while (part.len > 0 && is_blank(part.text[part.len - 1])) {
		part.len--;
	}
	return part;
}

static u32 find(const struct config *config, const struct config_value *name)
{
	u32 i = 0;

	while (i < config->partition_count &&
	       !config_value_is(name, config->partition[i].name)) {
		i++;
	}
	return i;
}

bool config_controls_resolve(struct config *config, u32 number,
			     struct config_value *value)
{
	struct config_value rest = *value;

	for (;;) {
		struct config_value name = cut(&rest);
		u32 found = find(config, &name);

		if (found == config->partition_count || found == number) {
			value->text = name.text;
			value->len = name.len;
			return false;
		}
		config->partition[number].controls |= (u32)BIT(found);
		if (rest.len == 0) {
			return true;
		}
		rest.text++;
		rest.len--;
	}
}

bool config_controls_input(struct config *config,
			   const struct config_value *value)
{
	u32 found = find(config, value);

	if (config_value_is(value, "console")) {
		config->input = 0;
		return true;
	}
	config->input = 1 + found;
	return found < config->partition_count;
}
