/* What the request under way uses, of the calling child and of the programs it starts and waits for. */
#ifndef BRIDGE_USAGE_H
#define BRIDGE_USAGE_H

#include <stdbool.h>
#include <stdint.h>

struct usage {
	uint64_t microseconds; /* of processor time */
	uint64_t peak;         /* bytes resident at once, of the largest of these processes */
};

/* PURPOSE  a request begins that nobody asks about */
void usage_pass(void);

/*
 * PURPOSE     a request begins
 * PARAMETERS  first: it is the process's first
 */
void usage_begin(bool first);

/* RETURNS  what was used since usage_begin */
struct usage usage_so_far(void);

#endif
