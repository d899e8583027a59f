#include "request.h"

#include <string.h>

bool path_is_clean(const char *path, size_t length)
{
	size_t start = 1;

	if (length == 0 || length > FILES_PATH_MAX || path[0] != '/' || memchr(path, '\0', length) != NULL)
		return false;
	while (start < length) {
		const char *slash = memchr(path + start, '/', length - start);
		size_t size = (slash == NULL ? length : (size_t)(slash - path)) - start;

		if (size == 0 || (size == 1 && path[start] == '.') || (size == 2 && memcmp(path + start, "..", 2) == 0))
			return false;
		start += size + 1;
	}
	return true;
}

const char *request_parse(const void *message, size_t length, size_t roots, struct request *out)
{
	if (length < sizeof out->head)
		return "a message is too short";
	memcpy(&out->head, message, sizeof out->head);
	if (out->head.op != FILES_RESOLVE && out->head.op != FILES_STREAM && out->head.op != FILES_SEND)
		return "an unknown operation";
	if (out->head.root >= roots)
		return "a root that is not there";
	/* Offsets are signed in system calls. */
	if (out->head.offset > INT64_MAX || out->head.length > INT64_MAX - out->head.offset)
		return "a range that is none";
	out->path = (const char *)message + sizeof out->head;
	out->path_length = length - sizeof out->head;
	return path_is_clean(out->path, out->path_length) ? NULL : "a path that is not normalised";
}
