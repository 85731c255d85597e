/* SPDX-License-Identifier: MIT */
/* Symbols as arguments of commands: core/debug/command.h, call->symbol. */
#ifndef HV_CORE_DEBUG_SYMBOL_H
#define HV_CORE_DEBUG_SYMBOL_H

#include "core/debug/command.h"
#include "core/debug/parse.h"

/* Entries of a symbol table that Tab looks at */
#define DEBUG_SYMBOLS_TO_COMPLETE 2000u

/*
 * Looks at some more symbols (about 100,000 instructions) for call->symbol, and
 * adds what it finds to the argument: its linear address, for DEBUG_PLACE the
 * guest-physical one where the image has it. True: there is none; *error says
 * what was expected.
 */
bool debug_symbol_look(struct debug_call *call,
		       struct parse_error *error) __must_check;

#endif
