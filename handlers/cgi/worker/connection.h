/* The connection to the front: one bounded buffer in each direction, never waiting. */
#ifndef CGI_CONNECTION_H
#define CGI_CONNECTION_H

#include "fastcgi.h"

#include <sys/types.h>

/* Most of a script's output that goes into one record: what a pipe holds, and a multiple of 8 as the spec likes. */
#define CHUNK_MAX ((size_t)65528)
#define IN_SIZE ((size_t)65536)
/* One record of output, and room for the answers to a front's other records meanwhile. */
#define OUT_SIZE (FCGI_HEADER_LENGTH + CHUNK_MAX + 4096)
/* Whoever has this much room can write any answer of ours. */
#define ANSWER_MAX ((size_t)256)

struct connection {
	unsigned char in[IN_SIZE];
	size_t in_start, in_end;
	unsigned char out[OUT_SIZE];
	size_t out_start, out_end;
	bool eof;    /* the front has closed its side, and all it sent is in `in` */
	bool broken; /* nothing can be sent any more */
};

/* PURPOSE  Receives what is there, if there is room. RETURNS true when something came, or the end. */
bool connection_fill(struct connection *connection);

/* PURPOSE  Sends what is waiting, as far as the front takes it. */
void connection_flush(struct connection *connection);

/* RETURNS how many bytes wait to be sent. */
size_t connection_pending(const struct connection *connection);

/* RETURNS true when ANSWER_MAX bytes can still be added. */
bool connection_has_room(const struct connection *connection);

/* PURPOSE  Adds one record; the caller has seen to the room. */
void connection_record(struct connection *connection, enum fcgi_type type, uint16_t id, const void *content,
                       size_t length);

/* PURPOSE  Adds an END_REQUEST. */
void connection_end(struct connection *connection, uint16_t id, uint32_t app_status, enum fcgi_protocol_status status);

/*
 * PURPOSE     Reads once from a script's pipe, straight into a record, as far as there is room.
 * RETURNS     The bytes read; 0 at the end; -1 with errno.
 */
ssize_t connection_relay(struct connection *connection, enum fcgi_type type, uint16_t id, int fd);

#endif
