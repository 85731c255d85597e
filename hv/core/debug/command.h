/* SPDX-License-Identifier: MIT */
/*
 * What a command of the debug console is: a row of the table in command.c, and
 * a function in a file of its subject. The shell parses the line, calls the
 * function until it is done, and prints what it appended.
 */
#ifndef HV_CORE_DEBUG_COMMAND_H
#define HV_CORE_DEBUG_COMMAND_H

#include "base/types.h"

struct partition;
struct vp;

#define DEBUG_LINE_MAX   200 /* characters of a line */
#define DEBUG_SYMBOL_MAX 64  /* of the name of a symbol */
#define DEBUG_ARGUMENTS  3
#define DEBUG_CURSORS    4

/* What one call of a command's function prints at most; of a row of a list */
#define DEBUG_TEXT_MAX 2048
#define DEBUG_ROW_MAX  160

/* What a word has to be; the value that it gives */
enum debug_kind {
	DEBUG_NONE,      /* no such argument */
	DEBUG_VP,        /* P:N: call->vp and its partition */
	DEBUG_VPS,       /* P or P:N: without :N call->vp is NULL */
	DEBUG_PARTITION, /* P: call->partition */
	DEBUG_PLACE,     /* P:GPA: call->partition, value; or a symbol there */
	DEBUG_NUMBER,    /* decimal, or hexadecimal after 0x: value */
	DEBUG_ADDRESS,   /* likewise, or a symbol of the partition's */
	DEBUG_MSR,       /* a number, or a name of msr_names.h: value */
	DEBUG_CHOICE,    /* one of the words of its name: value, from 0 on */
	DEBUG_COMMAND,   /* the name of a command: call->about */
	DEBUG_REST,      /* the rest of the line, a command: call->rest */
};

struct debug_argument {
	enum debug_kind kind;
	bool optional;    /* then all that follow are */
	const char *name; /* in the help; of a choice: the words with | */
	u64 max;          /* of a number; 0: any 64-bit value */
};

/* Flags of a command */
#define DEBUG_AT_VP 0x1u /* runs on the CPU of call->vp, see at_vp.h */
#define DEBUG_CHANGES                                                          \
	0x2u /* changes the guest; not with a console that reads */
#define DEBUG_DEAD_OK 0x4u /* runs after a panic too: needs no other CPU */
#define DEBUG_ENDS                                                             \
	0x8u /* ends the machine; not with a console that reads, but always    \
		after a panic */

#define DEBUG_ENDS_LIFE 0x10u /* stops call->partition */

enum debug_end {
	DEBUG_DONE,
	DEBUG_MORE, /* call again; call->cursor[] says where to go on */
};

struct debug_call;

/*
 * A command. One call prints at most DEBUG_TEXT_MAX bytes and executes about
 * 100,000 instructions at most; the first one finds steps and cursor[] 0. It
 * runs on the boot CPU in root mode; with DEBUG_AT_VP on the CPU of call->vp,
 * with its VMCS current. It waits for nobody.
 */
typedef enum debug_end debug_fn(struct debug_call *call);

struct debug_command {
	const char *name;
	struct debug_argument argument[DEBUG_ARGUMENTS];
	u32 flags;
	debug_fn *fn;
	const char *help; /* one line, without a full stop */
};

struct debug_call {
	const struct debug_command *command;

	/* the arguments, checked */
	struct vp *vp;
	struct partition *partition;
	const struct debug_command *about;
	u32 rest;                   /* position in the line, 0: none */
	u32 given;                  /* number of arguments */
	u64 value[DEBUG_ARGUMENTS]; /* by argument */

	/* value[of] is to be added to the address of this symbol: run.h */
	struct {
		char name[DEBUG_SYMBOL_MAX];
		u32 len;  /* 0: no argument is a symbol, or it was added */
		u32 of;   /* the argument */
		u32 at;   /* position of the name in the line */
		u32 next; /* entry of the table to look at */
	} symbol;

	/* between calls */
	u64 cursor[DEBUG_CURSORS];
	u32 steps;      /* calls so far */
	bool elsewhere; /* this call is made on another CPU than the boot CPU */
	enum debug_end end;
	/* of a command that runs on the boot CPU: called where it is given up
	   between two calls, or NULL */
	void (*given_up)(void);

	/* what it prints */
	size_t len;
	char text[DEBUG_TEXT_MAX];
};

/* The commands in the order of the help; NULL after the last one. */
const struct debug_command *debug_command_at(u32 number);

/* The command with that name, or NULL. */
const struct debug_command *debug_command_find(const char *name, size_t len);

#endif
