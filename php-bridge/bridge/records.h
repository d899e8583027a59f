/* Follows FastCGI records as they pass through read(2) and write(2), in pieces of any size (FastCGI 1.0, section 3.3). */
#ifndef BRIDGE_RECORDS_H
#define BRIDGE_RECORDS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum record_type {
	RECORD_BEGIN = 1,
	RECORD_END = 3,
	RECORD_PARAMS = 4,
	RECORD_STDIN = 5,
	RECORD_STDOUT = 6,
	RECORD_USAGE = 0x75,
};

#define RECORD_HEADER 8

struct records {
	uint8_t header[RECORD_HEADER];
	uint8_t body[8]; /* its first bytes */
	size_t have;     /* bytes of this record so far, its header included */
	size_t length;   /* of the whole record, padding included; 0: not known yet */
};

/*
 * PURPOSE     goes on to the end of the next record
 * PARAMETERS  bytes, count: what has passed; moved on
 * RETURNS     true when a record is complete: header and body hold it until the next call
 */
bool records_next(struct records *records, const uint8_t **bytes, size_t *count);

/* RETURNS  true between two records */
bool records_at_boundary(const struct records *records);

/*
 * PURPOSE     looks ahead; `records` stays as it is
 * RETURNS     where in these bytes the first record of that type begins whose header is there; `count`: nowhere
 */
size_t records_find(const struct records *records, enum record_type type, const uint8_t *bytes, size_t count);

enum held {
	HELD_NO_REQUEST, /* nothing, or what a program has left of the request before: it need not read STDIN to its end */
	HELD_PART,       /* of a request */
	HELD_REQUEST,    /* a whole one: records up to the empty FCGI_STDIN that ends it */
};

/*
 * PURPOSE     looks at what lies there between two requests
 * PARAMETERS  id: filled in with that of the request, as far as it is there
 */
enum held records_held(const uint8_t *bytes, size_t count, uint8_t id[2]);

#endif
