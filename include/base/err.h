/* SPDX-License-Identifier: MIT */
/* What our own functions tell each other; never shown to a guest. */
#ifndef BASE_ERR_H
#define BASE_ERR_H

enum err {
	ERR_OK = 0,
	ERR_INVALID,     /* the value is not one of the allowed ones */
	ERR_RANGE,       /* outside the memory or table it should lie in */
	ERR_NO_MEMORY,   /* the pool is used up */
	ERR_NOT_FOUND,   /* no such entry */
	ERR_UNSUPPORTED, /* well-formed, but not offered here */
	ERR_TIMEOUT,     /* the other side did not answer in time */
};

#endif
