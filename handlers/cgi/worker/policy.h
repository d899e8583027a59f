/*
 * What one site's CGI worker may do, as the supervisor wrote it (src/itk/records.h has the format). Keys:
 *
 *   site                what the log calls the site
 *   front-uid           the only uid whose connection is served
 *   root                absolute folder below which files with an `extension` are scripts (any number)
 *   script-root         absolute folder below which every file is a script (any number)
 *   extension           ".cgi" (any number; compared without regard to ASCII case)
 *   timeout             milliseconds a script may be silent; 0: for ever
 *   check-owner         1: folder and script belong to the site; 0: both may belong to root instead
 *   kill-on-disconnect  1: a script ends when its client leaves
 *   symlinks            follow, owner (SymLinksIfOwnerMatch) or none
 *   env                 "NAME=value" (any number): what every script's environment begins with
 */
#ifndef CGI_POLICY_H
#define CGI_POLICY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum symlinks { SYMLINKS_NONE, SYMLINKS_OWNER, SYMLINKS_FOLLOW };

/* A growing list of malloc'ed strings. */
struct texts {
	char **at;
	size_t count;
};

struct policy {
	char *site;
	uint64_t front_uid;
	struct texts roots;
	struct texts script_roots;
	struct texts extensions;
	struct texts env;
	uint64_t timeout;
	bool check_owner;
	bool kill_on_disconnect;
	enum symlinks symlinks;
};

/*
 * PURPOSE     Understands a policy. Pure: touches nothing but its arguments. An unknown key is an error, because
 *             a restriction that is not understood must not be left out.
 * PARAMETERS  policy: filled, even on failure (give it to policy_free); problem: what was wrong, on failure.
 * RETURNS     0, or -1.
 */
int policy_parse(const unsigned char *data, size_t length, struct policy *policy, char *problem, size_t size);

/* PURPOSE  Frees what policy_parse allocated. */
void policy_free(struct policy *policy);

#endif
