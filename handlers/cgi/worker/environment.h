/* A script's environment and arguments, made from the policy and from a request's variables. Pure. */
#ifndef CGI_ENVIRONMENT_H
#define CGI_ENVIRONMENT_H

#include "params.h"
#include "policy.h"

/* A NULL-terminated list of strings that lie in one piece of memory; free with vector_free. */
struct vector {
	char **at;
	char *text;
};

void vector_free(struct vector *vector);

/*
 * PURPOSE     The environment: the policy's entries, then the request's variables that is_meta_variable lets pass.
 *             Where both have a name the policy's counts: what root wrote is stronger than what a front says.
 * RETURNS     0, or -1 when memory is short.
 */
int environment_make(const struct policy *policy, const struct params *params, struct vector *out);

/*
 * PURPOSE     The arguments: `path` first, then the words of an indexed query (RFC 3875, section 4.4), if it is one.
 * RETURNS     0, or -1 when memory is short.
 */
int arguments_make(const char *path, const struct params *params, struct vector *out);

#endif
