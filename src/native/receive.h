/* One message of a seqpacket socket with at most one descriptor. */
#ifndef NATIVE_RECEIVE_H
#define NATIVE_RECEIVE_H

#include <stddef.h>

/* The largest message a files worker sends: an answer with two paths of FILES_PATH_MAX and a name. */
#define RECEIVE_MAX ((size_t)20 * 1024)

enum received {
	RECEIVED_MESSAGE,
	RECEIVED_NOTHING, /* wait for the socket */
	RECEIVED_END,     /* the peer has gone, or sent what cannot be a message */
};

/*
 * PURPOSE     Reads one message. Descriptors that come in any other shape than "exactly one, with a message"
 *             are closed: the peer is a site's process and must not be able to fill our table.
 * PARAMETERS  buffer: RECEIVE_MAX bytes.
 * RETURNS     RECEIVED_MESSAGE with *length (1 or more) and *passed (close-on-exec, or -1).
 */
enum received receive_message(int fd, void *buffer, size_t *length, int *passed);

#endif
