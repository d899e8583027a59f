/* From a URL path to a file, as the site's user. */
#ifndef FILES_RESOLVE_H
#define FILES_RESOLVE_H

#include "policy.h"
#include "protocol.h"

#include <stddef.h>
#include <stdint.h>
#include <sys/stat.h>

struct resolution {
	enum files_result result;
	uint8_t flags;
	int error; /* errno of FILES_FAILED */
	int fd;    /* read descriptor of FILES_FILE and FILES_REMOTE; otherwise -1 */
	struct stat stat;
	size_t consumed;
	size_t file_length;
	size_t notice_length;
	char file[FILES_PATH_MAX + 256];
	char notice[FILES_PATH_MAX + 2]; /* paths, each with its NUL; what does not fit is left off */
};

/*
 * PURPOSE     Walks a path, component by component from the root's descriptor: stops at the first regular file,
 *             looks at the .htaccess of every folder on the way, applies DirectoryIndex and FallbackResource.
 * PARAMETERS  path: checked (request.h), `length` bytes.
 * RETURNS     *out; out->fd, when it is not -1, belongs to the caller.
 */
void resolve(const struct policy *policy, size_t root, const char *path, size_t length, struct resolution *out);

/*
 * PURPOSE     The same for a file that an earlier answer, or one of the site's scripts, named: no index, no fallback,
 *             nothing after the file. .htaccess is not looked at: it is about visitors.
 *             FILES_FILE or FILES_REMOTE with a descriptor, or why not; a script is FILES_DENIED.
 */
void resolve_exact(const struct policy *policy, size_t root, const char *path, size_t length, struct resolution *out);

#endif
