/* SPDX-License-Identifier: MIT */
/* The search, piece by piece, and what it means for the argument. */
#include "core/debug/symbol.h"

#include "common/image/elf_symbols_find.h"
#include "common/lib/text.h"
#include "core/debug/print.h"
#include "core/state/partition.h"

/* Entries that one call looks at, and between two looks at the line */
#define A_CALL  1500u
#define A_PIECE 50u

static bool refuse(const struct debug_call *call, struct parse_error *error,
		   const char *expected)
{
	struct text t = text_start(error->expected, sizeof(error->expected));

	error->word = (struct word){call->symbol.at, call->symbol.len};
	text_put(&t, expected);
	text_put(&t, call->partition->config->name);
	return true;
}

/* Adds the address of the symbol to the argument, once. */
static bool add(struct debug_call *call, u64 address, struct parse_error *error)
{
	const struct debug_argument *argument =
		&call->command->argument[call->symbol.of];

	if (argument->kind == DEBUG_PLACE &&
	    !elf_symbols_physical(call->partition->symbols, address,
				  &address)) {
		return refuse(call, error,
			      "a symbol that has memory in the image of ");
	}
	call->value[call->symbol.of] += address;
	call->symbol.len = 0;
	return false;
}

bool debug_symbol_look(struct debug_call *call, struct parse_error *error)
{
	const struct elf_symbols *symbols = call->partition->symbols;

	for (u32 i = 0; i < A_CALL; i += A_PIECE) {
		u64 address;

		if (elf_symbols_find(symbols, call->symbol.name,
				     call->symbol.len, &call->symbol.next,
				     A_PIECE, &address)) {
			return add(call, address, error);
		}
		debug_keep_up(call);
		if (call->symbol.next == symbols->count) {
			return refuse(call, error, "a symbol of ");
		}
	}
	return false;
}
