/* SPDX-License-Identifier: MIT */
/*
 * log_format(): the few printf() conversions that the hypervisor needs. The
 * compiler has checked the arguments; what is unknown here is printed as is.
 */
#include "common/lib/format.h"

/* The largest u64 has 20 decimal digits, and there may be a sign */
#define DIGITS_MAX 21

struct text {
	char *to;
	size_t room; /* with the final 0 */
	size_t len;
};

struct conversion {
	bool zero; /* flag 0 */
	u32 width;
	u32 longs; /* number of l; z counts as one */
	char what;
};

static void text_add(struct text *text, char byte)
{
	if (text->len + 1 < text->room) {
		text->to[text->len++] = byte;
	}
}

static void text_add_padded(struct text *text, const char *from, size_t len,
			    const struct conversion *c)
{
	for (size_t i = len; i < c->width; i++) {
		text_add(text, c->zero ? '0' : ' ');
	}
	for (size_t i = 0; i < len; i++) {
		text_add(text, from[i]);
	}
}

static void text_add_number(struct text *text, u64 value, bool negative,
			    struct conversion c)
{
	u32 base = c.what == 'x' ? 16 : 10;
	char digits[DIGITS_MAX];
	size_t at = sizeof(digits);

	do {
		digits[--at] = "0123456789abcdef"[value % base];
		value /= base;
	} while (value != 0);
	if (negative && c.zero) {
		text_add(text, '-');
		c.width -= c.width > 0 ? 1 : 0;
	} else if (negative) {
		digits[--at] = '-';
	}
	text_add_padded(text, &digits[at], sizeof(digits) - at, &c);
}

/* Reads what follows '%'; returns the position after the conversion. */
static const char *parse_conversion(const char *fmt, struct conversion *c)
{
	*c = (struct conversion){.zero = *fmt == '0'};
	for (; *fmt >= '0' && *fmt <= '9'; fmt++) {
		c->width = c->width * 10 + (u32)(*fmt - '0');
	}
	for (; *fmt == 'l' || *fmt == 'z'; fmt++) {
		c->longs++;
	}
	c->what = *fmt;
	return *fmt == 0 ? fmt : fmt + 1;
}

/* va_list is an array type: only a struct goes by pointer on all compilers. */
struct arguments {
	va_list list;
};

static u64 next_unsigned(struct arguments *args, const struct conversion *c)
{
	return c->longs > 0 ? va_arg(args->list, unsigned long)
			    : va_arg(args->list, unsigned int);
}

static s64 next_signed(struct arguments *args, const struct conversion *c)
{
	return c->longs > 0 ? va_arg(args->list, long)
			    : va_arg(args->list, int);
}

static size_t length(const char *text)
{
	size_t len = 0;

	while (text[len] != 0) {
		len++;
	}
	return len;
}

static void text_add_conversion(struct text *text, const struct conversion *c,
				struct arguments *args)
{
	const char *string;
	s64 number;
	char byte;

	switch (c->what) {
	case 's':
		string = va_arg(args->list, const char *);
		string = string != NULL ? string : "(null)";
		text_add_padded(text, string, length(string), c);
		break;
	case 'c':
		byte = (char)va_arg(args->list, int);
		text_add_padded(text, &byte, 1, c);
		break;
	case 'd':
		number = next_signed(args, c);
		text_add_number(text,
				number < 0 ? 0 - (u64)number : (u64)number,
				number < 0, *c);
		break;
	case 'u':
	case 'x':
		text_add_number(text, next_unsigned(args, c), false, *c);
		break;
	default: /* %% and what log_line() does not know: as it stands */
		text_add(text, c->what == 0 ? '%' : c->what);
		break;
	}
}

size_t log_format(char *to, size_t room, const char *fmt, va_list args)
{
	struct text text = {.to = to, .room = room};
	struct arguments copy;

	va_copy(copy.list, args);
	while (*fmt != 0) {
		struct conversion c;

		if (*fmt != '%') {
			text_add(&text, *fmt++);
			continue;
		}
		fmt = parse_conversion(fmt + 1, &c);
		text_add_conversion(&text, &c, &copy);
	}
	va_end(copy.list);
	if (room > 0) {
		to[text.len] = 0;
	}
	return text.len;
}
