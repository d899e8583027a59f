/* FastCGI name-value pairs (specification 3.4): the content of PARAMS and GET_VALUES. Pure. */
#ifndef CGI_PARAMS_H
#define CGI_PARAMS_H

#include <stddef.h>

/* More bytes of PARAMS than this end the connection. */
#define PARAMS_MAX ((size_t)1 << 20)
/* More pairs than this are refused. Fronts pass at most LimitRequestFields headers and some 30 variables. */
#define PARAMS_COUNT_MAX 1024

struct param {
	const char *name; /* neither is NUL-terminated; both point into the parsed bytes */
	size_t name_length;
	const char *value;
	size_t value_length;
};

struct params {
	struct param at[PARAMS_COUNT_MAX];
	size_t count;
};

/*
 * PURPOSE     Takes one pair from the front of `data`.
 * RETURNS     How many bytes it took; 0 when they are not a whole pair.
 */
size_t param_next(const unsigned char *data, size_t length, struct param *out);

/*
 * PURPOSE     Parses a whole PARAMS stream. Of a repeated name only the first counts, so that the script that was
 *             checked and the variable that the script sees cannot differ.
 * RETURNS     0; -1 when the bytes are malformed, are too many pairs, or contain NUL (a C string would end there).
 */
int params_parse(const unsigned char *data, size_t length, struct params *out);

/* RETURNS the pair of that name, or NULL. */
const struct param *params_find(const struct params *params, const char *name);

#endif
