/* A front's message, checked: the front's word is not enough. */
#ifndef FILES_REQUEST_H
#define FILES_REQUEST_H

#include "protocol.h"

#include <stdbool.h>
#include <stddef.h>

struct request {
	struct files_request head;
	const char *path; /* inside the message, not NUL-terminated */
	size_t path_length;
};

/*
 * PURPOSE     Whether a path is what protocol.h promises: begins with '/', no NUL, no "." or ".." segment, no
 *             empty one but the last, at most FILES_PATH_MAX bytes.
 */
bool path_is_clean(const char *path, size_t length);

/*
 * PURPOSE     Takes a message apart.
 * PARAMETERS  roots: how many the policy has.
 * RETURNS     NULL, or what is wrong with it: then the connection ends.
 */
const char *request_parse(const void *message, size_t length, size_t roots, struct request *out);

#endif
