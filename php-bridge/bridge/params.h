/*
 * Name-value pairs (FastCGI 1.0, section 3.4) as they come, in pieces of any size: a length, a name and a value may each
 * lie on both sides of a cut, or of the end of a record.
 */
#ifndef BRIDGE_PARAMS_H
#define BRIDGE_PARAMS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* So much of a name is kept: enough for every name that is looked for, and for the byte behind it. */
#define PARAM_NAME_KEPT 16

/* All zero before the first pair. */
struct params {
	uint8_t lengths[8];
	/* A pair may be longer than size_t can say. */
	uint64_t have; /* bytes of the pair so far */
	uint64_t lengths_size;
	uint64_t name_length;
	uint64_t value_length;
	uint8_t name[PARAM_NAME_KEPT];
};

/* A part of a pair's value, perhaps empty. */
struct param_piece {
	const uint8_t *bytes;
	size_t count;
	bool last;
};

/*
 * PURPOSE     goes on to the next piece of a value; `params` then holds the name of the pair
 * PARAMETERS  bytes, count: what has come; moved on
 * RETURNS     false when there is none before all of it is used
 */
bool params_next(struct params *params, const uint8_t **bytes, size_t *count, struct param_piece *piece);

/* RETURNS  true between two pairs: a stream may end here */
bool params_at_boundary(const struct params *params);

#endif
