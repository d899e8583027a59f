#include "htaccess.h"

#include <stdbool.h>
#include <string.h>
#include <strings.h>

#define WORDS_MAX 64
#define WORD_MAX 64

/* A logical line's words, cut to WORD_MAX; what follows WORDS_MAX words decides nothing. */
struct line {
	char words[WORDS_MAX][WORD_MAX];
	size_t count;
};

static bool blank(char c)
{
	/* NUL too: Apache's line ends there. */
	return c == ' ' || c == '\t' || c == '\r' || c == '\v' || c == '\f' || c == '\0';
}

/*
 * PURPOSE  Finds the end of a logical line: a newline without a backslash before it (also within comments, as
 *          Apache does). RETURNS the position of that newline, or `length`.
 */
static size_t line_end(const char *text, size_t length, size_t at)
{
	for (; at < length; at++) {
		size_t before = at;

		if (text[at] != '\n')
			continue;
		if (before > 0 && text[before - 1] == '\r')
			before--;
		if (before == 0 || text[before - 1] != '\\')
			return at;
	}
	return length;
}

/* RETURNS how many bytes a line continuation takes at `at`, or 0. */
static size_t continuation(const char *text, size_t end, size_t at)
{
	if (text[at] != '\\')
		return 0;
	if (at + 1 < end && text[at + 1] == '\n')
		return 2;
	return at + 2 < end && text[at + 1] == '\r' && text[at + 2] == '\n' ? 3 : 0;
}

static void split(const char *text, size_t at, size_t end, struct line *line)
{
	size_t used = 0;
	bool inside = false;
	char quote = '\0';

	line->count = 0;
	while (at < end) {
		size_t skip = continuation(text, end, at);
		char c = text[at];

		at += skip > 0 ? skip : 1;
		if (skip > 0)
			continue;
		if (quote == '\0' && (blank(c) || c == '\n')) {
			inside = false;
			continue;
		}
		if (!inside) {
			if (line->count == WORDS_MAX)
				return;
			inside = true;
			used = 0;
			line->words[line->count++][0] = '\0';
		}
		if (c == quote && quote != '\0') {
			quote = '\0';
		} else if (quote == '\0' && used == 0 && (c == '"' || c == '\'')) {
			quote = c;
		} else if (used < WORD_MAX - 1) {
			line->words[line->count - 1][used++] = c;
			line->words[line->count - 1][used] = '\0';
		}
	}
}

static bool word_is(const struct line *line, size_t index, const char *word)
{
	return index < line->count && strcasecmp(line->words[index], word) == 0;
}

static bool denies(const struct line *line)
{
	if (word_is(line, 0, "require"))
		return word_is(line, 1, "all") && word_is(line, 2, "denied");
	if (!word_is(line, 0, "deny") || !word_is(line, 1, "from"))
		return false;
	for (size_t i = 2; i < line->count; i++)
		if (word_is(line, i, "all"))
			return true;
	return false;
}

/* A section that is entered wherever the directive it holds is known. */
static bool transparent(const struct line *line)
{
	static const char *const modules[] = {"mod_authz_core.c>", "authz_core_module>", "mod_access_compat.c>",
		"access_compat_module>", "mod_authz_host.c>", "authz_host_module>"};

	if (line->count != 2 || !word_is(line, 0, "<ifmodule"))
		return false;
	for (size_t i = 0; i < sizeof modules / sizeof *modules; i++)
		if (word_is(line, 1, modules[i]))
			return true;
	return false;
}

enum htaccess htaccess_judge(const char *text, size_t length)
{
	enum htaccess verdict = HTACCESS_NONE;
	size_t depth = 0, clear = 0; /* sections that hide what is in them; transparent ones around them */

	for (size_t at = 0; at < length;) {
		size_t end = line_end(text, length, at);
		struct line line;

		split(text, at, end, &line);
		at = end + 1;
		if (line.count == 0 || line.words[0][0] == '#')
			continue;
		verdict = HTACCESS_OTHER;
		if (line.words[0][0] != '<') {
			if (depth == 0 && denies(&line))
				return HTACCESS_CLOSES;
		} else if (line.words[0][1] == '/') {
			if (depth > 0)
				depth--;
			else if (clear > 0)
				clear--;
		} else if (depth == 0 && transparent(&line)) {
			clear++;
		} else {
			depth++;
		}
	}
	return verdict;
}
