/* FastCGI records (FastCGI 1.0, section 3.3) as they come, in pieces of any size, with what they hold. */
#ifndef BRIDGE_CONTENTS_H
#define BRIDGE_CONTENTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* All zero before the first record. */
struct contents {
	uint8_t header[8];
	size_t have;   /* bytes of the record so far */
	size_t length; /* of its content; the header must be there */
	size_t size;   /* of the whole record, padding included; 0: not known yet */
};

/* A part of a record's content. */
struct content_piece {
	const uint8_t *bytes;
	size_t count;
	bool first; /* the record's header has just become complete; `count` may be 0 */
};

/*
 * PURPOSE     goes on to the next piece of a record's content; `contents` then holds the record's header
 * PARAMETERS  bytes, count: what has come; moved on
 * RETURNS     false when there is none before all of it is used
 */
bool contents_next(struct contents *contents, const uint8_t **bytes, size_t *count, struct content_piece *piece);

#endif
