/*
 * Which files a site's program may be told to run: words of the settings (settings.h), so from the configuration alone.
 * The front has been told the same; this is for one that somebody else has taken over.
 */
#ifndef BRIDGE_POLICY_H
#define BRIDGE_POLICY_H

#include <stdbool.h>
#include <stddef.h>

struct policy {
	char *root; /* the DocumentRoot; NULL: no policy, the program is told no file */
	char **extensions;
	size_t extension_count;
};

/*
 * PURPOSE     takes a word of the settings, whose value is percent-encoded: root=PATH, extension=.NAME (may be repeated)
 * RETURNS     1: not a word of the policy; 0; -1: a value that it cannot have
 */
int policy_take(struct policy *policy, const char *name, size_t name_length, const char *value, size_t length);

/* PURPOSE  frees what policy_take has allocated */
void policy_free(struct policy *policy);

/*
 * PURPOSE     judges the text of SCRIPT_FILENAME. Pure
 * PARAMETERS  script: as the program is told it, NUL-terminated; length: without that
 * RETURNS     NULL when it may be run, otherwise the rule that it breaks, for the log
 */
const char *policy_judge(const struct policy *policy, const char *script, size_t length);

#endif
