/* SPDX-License-Identifier: MIT */
/* The description of the streams that ctf.c writes, in TSDL. */
#ifndef TOOLS_LETHE_TRACE_CTF_METADATA_H
#define TOOLS_LETHE_TRACE_CTF_METADATA_H

#include <stdio.h>

#include "model.h"

/* Writes the file `metadata` of the folder. */
void ctf_metadata_write(FILE *to, const struct model *m);

#endif
