/* SPDX-License-Identifier: MIT */
/*
 * One table of first bytes. Unicode, "Byte Order Mark (BOM)"; a file of UTF-16
 * without a mark starts with an ASCII character, so one of its first two bytes
 * is NUL.
 */
#include "common/config/encoding.h"

#include "common/lib/text.h"

#define ANY 0x100 /* a byte that is not NUL */

static const struct encoding {
	u16 bytes[4];
	u32 len;
	const char *name;
} encodings[] = {
	{{0xef, 0xbb, 0xbf}, 3, "a UTF-8 byte order mark"},
	{{0xff, 0xfe}, 2, "UTF-16 (little endian)"},
	{{0xfe, 0xff}, 2, "UTF-16 (big endian)"},
	{{ANY, 0}, 2, "NUL bytes as in UTF-16 (little endian)"},
	{{0, ANY}, 2, "NUL bytes as in UTF-16 (big endian)"},
};

static bool starts_with(const char *text, const struct encoding *encoding)
{
	for (u32 i = 0; i < encoding->len; i++) {
		u8 byte = (u8)text[i];
		u16 wanted = encoding->bytes[i];

		if (wanted == ANY ? byte == 0 : byte != wanted) {
			return false;
		}
	}
	return true;
}

static const char *find(const char *text, size_t len)
{
	for (size_t i = 0; i < ARRAY_SIZE(encodings); i++) {
		if (len >= encodings[i].len &&
		    starts_with(text, &encodings[i])) {
			return encodings[i].name;
		}
	}
	return NULL;
}

enum err config_encoding_check(const char *text, size_t len,
			       struct config_error *error)
{
	const char *found = find(text, len);
	struct text t;

	if (found == NULL) {
		return ERR_OK;
	}
	error->line = 1;
	t = text_start(error->message, sizeof(error->message));
	text_put(&t, "file: expected plain ASCII, found ");
	text_put(&t, found);
	text_put(&t, "; save it as plain ASCII or UTF-8 without a byte order "
		     "mark");
	return ERR_INVALID;
}
