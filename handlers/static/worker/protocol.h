/*
 * Messages between a front and a site's files worker, over a seqpacket socket. Both ends run on one machine:
 * integers are in the machine's order. src/front/files/protocol.ts mirrors this file.
 *
 * A front may have many requests under way; answers carry the request's id and may come in any order.
 */
#ifndef FILES_PROTOCOL_H
#define FILES_PROTOCOL_H

#include <stdint.h>

#define FILES_PATH_MAX 8192

enum files_op {
	FILES_RESOLVE = 1, /* path: decoded URL path below the root, begins with '/', no NUL, no empty or dot segments
	                      except a final empty one ("/a/b/") */
	FILES_SEND = 3,    /* path: a file that a script names (X-Sendfile), exact: no index, no PATH_INFO. A .htaccess that
	                      closes its folder to visitors does not close it to the site's own scripts */
	FILES_STREAM = 2,  /* path: a file as an earlier answer named it; the answer's descriptor is a pipe that
	                      delivers `length` bytes from `offset` (for file systems whose descriptors are not passed) */
};

struct files_request {
	uint32_t id;
	uint8_t op;
	uint8_t root; /* index into the policy's roots */
	uint16_t reserved;
	uint64_t offset;
	uint64_t length;
	/* the path follows: the rest of the message, not NUL-terminated */
};

enum files_result {
	FILES_FILE = 1,       /* a regular file; the message carries a read descriptor */
	FILES_REMOTE = 2,     /* a regular file on a file system whose descriptors are not passed: ask with FILES_STREAM */
	FILES_SCRIPT = 3,     /* a regular file that the policy calls a script (by extension or root); no descriptor */
	FILES_DIRECTORY = 4,  /* a folder, asked for with '/', without an index file */
	FILES_REDIRECT = 5,   /* a folder asked for without its final '/' */
	FILES_NOT_FOUND = 6,
	FILES_FORBIDDEN = 7,  /* the site's user may not: EACCES, EPERM */
	FILES_DENIED = 8,     /* a name on the policy's deny list */
	FILES_CLOSED = 9,     /* a .htaccess on the way denies everything, or cannot be read */
	FILES_SYMLINK = 10,   /* a symlink that Options does not allow */
	FILES_SPECIAL = 11,   /* neither file nor folder */
	FILES_TOO_LONG = 12,
	FILES_FAILED = 13,    /* anything else: see `error` */
	FILES_OPENED = 14,    /* answer to FILES_STREAM; the message carries a pipe */
};

#define FILES_FLAG_FALLBACK 1 /* FallbackResource stood in */
#define FILES_FLAG_HTACCESS 2 /* .htaccess files were met that are not read: their folders are the message's last part */

struct files_answer {
	uint32_t id;
	uint8_t result;
	uint8_t flags;
	uint16_t consumed; /* bytes of the asked path that name the file or folder; the rest is PATH_INFO.
	                      With FILES_FLAG_FALLBACK: all of it */
	uint32_t mode;
	int32_t error; /* errno of FILES_FAILED */
	uint64_t size;
	int64_t mtime_ns;
	uint64_t ino;
	uint64_t dev;
	uint16_t file_length; /* then: the file's URL path below the root, "/dir/index.php" */
	uint16_t notice_length; /* then: the notice, folders' paths below the root, each with its NUL */
	uint32_t reserved;
};

_Static_assert(sizeof(struct files_request) == 24, "mirrored in TypeScript");
_Static_assert(sizeof(struct files_answer) == 56, "mirrored in TypeScript");

#endif
