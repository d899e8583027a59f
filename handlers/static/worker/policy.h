/* What the site's files worker is told by the supervisor; the only thing besides requests that it parses. */
#ifndef FILES_POLICY_H
#define FILES_POLICY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define POLICY_ROOTS_MAX 64 /* as src/config/build-site.ts has it */

enum symlinks {
	SYMLINKS_FOLLOW, /* Options FollowSymLinks: with the site's own rights, out of the root too, as Apache does */
	SYMLINKS_OWNER,  /* Options SymLinksIfOwnerMatch */
	SYMLINKS_NONE,
};

struct texts {
	char **items;
	size_t count;
};

struct policy_root {
	char *path;
	bool scripts; /* every regular file in it is a script */
	bool outside; /* has no URL: only FILES_SEND and FILES_STREAM find files here, programs among them */
};

struct policy {
	char *site;
	uint64_t front_uid;
	struct policy_root roots[POLICY_ROOTS_MAX]; /* the first is DocumentRoot */
	size_t root_count;
	struct texts extensions; /* of scripts, with their dot */
	struct texts indexes;
	struct texts deny;
	char *fallback; /* NULL: none */
	enum symlinks symlinks;
	uint64_t local[16]; /* f_type values that replace the built-in list of local file systems */
	size_t local_count;
};

/*
 * PURPOSE     Reads a policy: site, front-uid, root, script-root, send-root, script, index, fallback, symlinks, deny, local.
 *             An unknown key is an error: what the supervisor meant must not be passed over.
 * PARAMETERS  data: as written by records.ts.
 * RETURNS     NULL, or a message. What was read is in *policy either way: free it with policy_free.
 */
const char *policy_parse(const unsigned char *data, size_t length, struct policy *policy);

void policy_free(struct policy *policy);

#endif
