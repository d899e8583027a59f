/* Which file a request names, and whether it may be run: suexec's list, judged on open descriptors. */
#ifndef CGI_SCRIPT_H
#define CGI_SCRIPT_H

#include "policy.h"

#include <sys/stat.h>

struct script {
	int folder; /* O_PATH descriptor of the folder that holds the file itself, symlinks resolved */
	char name[256];
};

struct refusal {
	int status; /* what the client should see: 403, 404, 500 */
	char why[256];
};

/*
 * PURPOSE     Finds the script `path` (SCRIPT_FILENAME) below the policy's roots and checks it and its folder.
 *             After success the program is started as "./name" inside `folder`: whoever could still exchange it
 *             has to be able to write to that folder, which only its owner is.
 * PARAMETERS  path: absolute, NUL-terminated.
 * RETURNS     0 and script->folder (close it); -1 and the refusal, with the rule and the remedy in `why`; nothing
 *             to log when the status is 404.
 */
int script_find(const struct policy *policy, const char *path, struct script *script, struct refusal *refusal);

/*
 * PURPOSE     suexec's conditions on a folder and a file in it (owner, modes, type).
 * PARAMETERS  uid: the site's.
 * RETURNS     0, or -1 and the refusal.
 */
int script_check(const struct policy *policy, uid_t uid, const struct stat *folder, const struct stat *file,
                 struct refusal *refusal);

/* PURPOSE  Fills a refusal (printf-like). RETURNS -1. */
int refuse(struct refusal *refusal, int status, const char *format, ...) __attribute__((format(printf, 3, 4)));

#endif
