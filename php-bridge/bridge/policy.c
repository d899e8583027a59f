#include "policy.h"

#include <stdlib.h>
#include <string.h>

static int digit(char text)
{
	if (text >= '0' && text <= '9')
		return text - '0';
	return text >= 'A' && text <= 'F' ? text - 'A' + 10 : -1;
}

/* A string of its own; NULL for what is not percent-encoded, for NUL, and without memory. */
static char *decode(const char *text, size_t length)
{
	char *out = malloc(length + 1), *to = out;

	if (out == NULL)
		return NULL;
	for (size_t at = 0; at < length; at++) {
		int high, low;

		*to = text[at];
		if (text[at] == '%') {
			high = at + 2 < length ? digit(text[at + 1]) : -1;
			low = high < 0 ? -1 : digit(text[at + 2]);
			if (low < 0 || high + low == 0)
				goto bad;
			*to = (char)(high << 4 | low);
			at += 2;
		}
		to++;
	}
	*to = '\0';
	return out;
bad:
	free(out);
	return NULL;
}

static bool is(const char *name, size_t length, const char *expected)
{
	return strlen(expected) == length && memcmp(name, expected, length) == 0;
}

static bool add_extension(struct policy *policy, char *text)
{
	char **longer;

	if (text[0] != '.' || text[1] == '\0' || strchr(text, '/') != NULL)
		return false;
	longer = realloc(policy->extensions, (policy->extension_count + 1) * sizeof *longer);
	if (longer == NULL)
		return false;
	policy->extensions = longer;
	longer[policy->extension_count++] = text;
	return true;
}

int policy_take(struct policy *policy, const char *name, size_t name_length, const char *value, size_t length)
{
	bool root = is(name, name_length, "root");
	char *text;

	if (!root && !is(name, name_length, "extension"))
		return 1;
	text = decode(value, length);
	if (text == NULL)
		return -1;
	if (root && text[0] == '/' && policy->root == NULL) {
		policy->root = text;
		return 0;
	}
	if (!root && add_extension(policy, text))
		return 0;
	free(text);
	return -1;
}

void policy_free(struct policy *policy)
{
	free(policy->root);
	for (size_t i = 0; i < policy->extension_count; i++)
		free(policy->extensions[i]);
	free(policy->extensions);
	*policy = (struct policy){0};
}

/* /srv/www is not above /srv/www2: a slash must follow. */
static bool is_below(const char *root, const char *path)
{
	size_t length = strlen(root);

	while (length > 0 && root[length - 1] == '/')
		length--;
	return strncmp(root, path, length) == 0 && path[length] == '/';
}

/* What another name of the same file, or no file's name, is made of: `//`, `/./`, `/../`, a slash at the end. */
static bool has_odd_segment(const char *path)
{
	for (const char *at = path; at != NULL; at = strchr(at + 1, '/')) {
		const char *segment = at + 1;

		segment += segment[0] == '.';
		segment += segment != at + 1 && segment[0] == '.';
		if (segment[0] == '/' || segment[0] == '\0')
			return true;
	}
	return false;
}

/* ASCII only: a script may have set a locale with other rules (CVE-2026-27590 is of such rules). */
static char lower(char letter)
{
	return letter >= 'A' && letter <= 'Z' ? (char)(letter - 'A' + 'a') : letter;
}

static bool ends_with(const char *name, size_t length, const char *extension)
{
	size_t from = strlen(extension);

	if (length < from)
		return false;
	for (name += length - from; *extension != '\0'; name++, extension++)
		if (lower(*name) != lower(*extension))
			return false;
	return true;
}

const char *policy_judge(const struct policy *policy, const char *script, size_t length)
{
	const char *name;

	if (script[0] != '/')
		return "SCRIPT_FILENAME is not an absolute path";
	if (memchr(script, '\0', length) != NULL)
		return "SCRIPT_FILENAME contains NUL";
	if (has_odd_segment(script))
		return "SCRIPT_FILENAME has an empty segment, . or ..";
	if (!is_below(policy->root, script))
		return "not below the DocumentRoot";
	name = strrchr(script, '/') + 1;
	for (size_t i = 0; i < policy->extension_count; i++)
		if (ends_with(name, length - (size_t)(name - script), policy->extensions[i]))
			return NULL;
	return "its name does not end in one of Extensions";
}
