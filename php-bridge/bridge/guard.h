/*
 * What the program is allowed to be told: everything that is read from a connection passes here before it sees it. The
 * requests of an honest front all do. Every rule is there because a program that was told otherwise has run another
 * file than the one that was checked, or could: php-cgi was tried with each.
 */
#ifndef BRIDGE_GUARD_H
#define BRIDGE_GUARD_H

#include "policy.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Why a request is not let through. */
struct guard_refusal {
	const char *rule;
	const char *script; /* empty: none was named */
	uint16_t request;   /* its id */
	bool missing;       /* it may have been there when the front looked */
};

/* PURPOSE  another connection: nothing is known of it */
void guard_start(void);

/*
 * PURPOSE     follows what has been read
 * PARAMETERS  policy: root is NULL: the name of the script is noted and nothing judged
 * RETURNS     false when the program must not see these bytes; `refusal` then says why
 */
bool guard_allows(const struct policy *policy, const uint8_t *bytes, size_t count, struct guard_refusal *refusal);

/* RETURNS  once for each request, when its FCGI_PARAMS have ended: SCRIPT_FILENAME, perhaps empty; otherwise NULL */
const char *guard_new_script(void);

/* PURPOSE  the request's answer is complete: another may begin */
void guard_end(void);

/*
 * RETURNS  true when the program has ended its answer in the middle of a record: it may take the rest of that for the
 *          next request, which nobody has judged
 */
bool guard_is_cut(void);

#endif
