/*
 * FastCGI 1.0 records, the application's side. Pure: bytes in, events out; no descriptor is touched here.
 */
#ifndef CGI_FASTCGI_H
#define CGI_FASTCGI_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define FCGI_VERSION 1
#define FCGI_HEADER_LENGTH 8
#define FCGI_RESPONDER 1
#define FCGI_KEEP_CONN 1
/*
 * A flag of ours, of the seven that the specification (5.1) keeps for later: the front asks what the request used, and
 * is told in a record of type FCGI_USAGE right before END_REQUEST, and in one of type FCGI_SCRIPT before the first
 * STDERR, whose it is. Nobody else ever sees either.
 */
#define FCGI_ASK_USAGE 0x80

/* A record that must be seen whole may be this long; streams come in slices and have no such limit. */
#define FCGI_WHOLE_MAX 4096

enum fcgi_type {
	FCGI_BEGIN_REQUEST = 1,
	FCGI_ABORT_REQUEST = 2,
	FCGI_END_REQUEST = 3,
	FCGI_PARAMS = 4,
	FCGI_STDIN = 5,
	FCGI_STDOUT = 6,
	FCGI_STDERR = 7,
	FCGI_DATA = 8,
	FCGI_GET_VALUES = 9,
	FCGI_GET_VALUES_RESULT = 10,
	FCGI_UNKNOWN_TYPE = 11,
	FCGI_SCRIPT = 0x70, /* who writes the STDERR that follows: 4 bytes, the script's pid */
	FCGI_USAGE = 0x75,
};

enum fcgi_protocol_status { FCGI_REQUEST_COMPLETE = 0, FCGI_CANT_MPX_CONN = 1, FCGI_UNKNOWN_ROLE = 3 };

enum fcgi_result { FCGI_MORE, FCGI_EVENT, FCGI_BAD };

struct fcgi_event {
	uint8_t type; /* BEGIN_REQUEST, ABORT_REQUEST, PARAMS, STDIN, GET_VALUES, or (id 0) one that is not known */
	uint16_t id;
	uint16_t role;             /* BEGIN_REQUEST */
	bool keep;                 /* BEGIN_REQUEST */
	bool usage;                /* BEGIN_REQUEST: FCGI_ASK_USAGE */
	const unsigned char *data; /* PARAMS, STDIN: the next bytes, none at the stream's end; GET_VALUES: all */
	size_t length;
};

struct fcgi_decoder {
	bool inside; /* the header of a record has been read */
	uint8_t type;
	uint16_t id;
	size_t content; /* still to come */
	size_t padding;
	const char *problem; /* after FCGI_BAD */
};

/*
 * PURPOSE     Takes the next event from `data`. An event's bytes point into it.
 * PARAMETERS  decoder: zeroed before the first call; used: how many bytes are done with, also with FCGI_MORE.
 * RETURNS     FCGI_EVENT; FCGI_MORE: call again with the rest of the bytes and more behind them; FCGI_BAD: the
 *             connection is of no more use.
 */
enum fcgi_result fcgi_next(struct fcgi_decoder *decoder, const unsigned char *data, size_t length, size_t *used,
                           struct fcgi_event *event);

/* PURPOSE  Writes a record's header (FCGI_HEADER_LENGTH bytes); length is at most 65535, there is no padding. */
void fcgi_header(unsigned char *at, enum fcgi_type type, uint16_t id, size_t length);

/* PURPOSE  Writes the 8 bytes of an END_REQUEST's content. */
void fcgi_end_body(unsigned char *at, uint32_t app_status, enum fcgi_protocol_status status);

#endif
