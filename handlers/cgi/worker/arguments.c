#include "environment.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#define WORDS_MAX 255

static int hex(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

/* RFC 3875, section 7.2: characters that mean something to the Bourne shell arrive with a backslash before them. */
static bool active_in_shell(unsigned char c)
{
	return strchr("&;`'\"|*?~<>^()[]{}$\\", c) != NULL;
}

/*
 * Decodes one word to *to. RETURNS 0, or -1 when the query cannot be passed as arguments: then none is (section 4.4).
 */
static int decode_word(const char *at, const char *end, char **to)
{
	/*
	 * A word that looks like an option is no search word, and a program that takes it for one is how a query became
	 * PHP's command line (CVE-2012-1823).
	 */
	bool first = true;

	if (at == end)
		return -1;
	while (at < end) {
		unsigned char c = (unsigned char)*at++;

		if (c == '%') {
			if (end - at < 2 || hex(at[0]) < 0 || hex(at[1]) < 0)
				return -1;
			c = (unsigned char)(hex(at[0]) << 4 | hex(at[1]));
			at += 2;
		}
		if (c < 0x20 || c == 0x7f || (first && c == '-'))
			return -1;
		first = false;
		if (active_in_shell(c))
			*(*to)++ = '\\';
		*(*to)++ = (char)c;
	}
	*(*to)++ = '\0';
	return 0;
}

static bool is_method(const struct param *method, const char *name)
{
	return method->value_length == strlen(name) && memcmp(method->value, name, method->value_length) == 0;
}

/* The query, when it is an indexed one; otherwise NULL. */
static const struct param *indexed_query(const struct params *params)
{
	const struct param *query = params_find(params, "QUERY_STRING");
	const struct param *method = params_find(params, "REQUEST_METHOD");

	if (query == NULL || query->value_length == 0 || method == NULL)
		return NULL;
	if (!is_method(method, "GET") && !is_method(method, "HEAD"))
		return NULL;
	return memchr(query->value, '=', query->value_length) == NULL ? query : NULL;
}

static size_t decode_query(const struct param *query, char *text, char **words)
{
	const char *at = query->value;
	const char *end = at + query->value_length;
	size_t count = 0;

	for (;;) {
		const char *plus = memchr(at, '+', (size_t)(end - at));

		if (count == WORDS_MAX)
			return 0;
		words[count++] = text;
		if (decode_word(at, plus == NULL ? end : plus, &text) != 0)
			return 0;
		if (plus == NULL)
			return count;
		at = plus + 1;
	}
}

int arguments_make(const char *path, const struct params *params, struct vector *out)
{
	const struct param *query = indexed_query(params);
	size_t length = strlen(path) + 1;
	size_t count = 0;

	/* Every byte of the query may need a backslash, and every word a NUL. */
	out->text = malloc(length + (query == NULL ? 0 : 2 * query->value_length + WORDS_MAX + 1));
	out->at = calloc(WORDS_MAX + 2, sizeof *out->at);
	if (out->text == NULL || out->at == NULL) {
		vector_free(out);
		return -1;
	}
	memcpy(out->text, path, length);
	out->at[0] = out->text;
	if (query != NULL)
		count = decode_query(query, out->text + length, out->at + 1);
	/* A query that failed half way leaves words behind. */
	out->at[count + 1] = NULL;
	return 0;
}
