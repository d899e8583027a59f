#include "settings.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define DAY_MS 86400000ULL
#define CHILDREN_MAX 10000ULL

static bool number(const char *text, size_t length, unsigned long long least, unsigned long long most,
		   unsigned long long *out)
{
	char digits[24], *end;

	if (length == 0 || length >= sizeof digits || strspn(text, "0123456789") < length)
		return false;
	memcpy(digits, text, length);
	digits[length] = '\0';
	errno = 0;
	*out = strtoull(digits, &end, 10);
	return errno == 0 && *end == '\0' && *out >= least && *out <= most;
}

static bool is(const char *name, size_t length, const char *expected)
{
	return strlen(expected) == length && memcmp(name, expected, length) == 0;
}

static bool word(const char *name, size_t name_length, const char *value, size_t length, struct settings *out)
{
	unsigned long long found;

	if (is(name, name_length, "lifetime")) {
		out->pool = is(value, length, "pool");
		return out->pool || is(value, length, "connection");
	}
	if (is(name, name_length, "children")) {
		if (!number(value, length, 1, CHILDREN_MAX, &found))
			return false;
		out->children = (uint32_t)found;
	} else if (is(name, name_length, "spare")) {
		if (!number(value, length, 0, CHILDREN_MAX, &found))
			return false;
		out->spare = (uint32_t)found;
	} else if (is(name, name_length, "requests")) {
		if (!number(value, length, 0, UINT32_MAX, &found))
			return false;
		out->requests = (uint32_t)found;
	} else if (is(name, name_length, "memory")) {
		if (!number(value, length, 0, INT64_MAX, &found))
			return false;
		out->memory = found;
	} else if (is(name, name_length, "idle")) {
		if (!number(value, length, 0, DAY_MS, &found))
			return false;
		out->idle = (int64_t)found;
	} else if (is(name, name_length, "timeout")) {
		if (!number(value, length, 0, DAY_MS, &found))
			return false;
		out->timeout = (int64_t)found;
	} else if (is(name, name_length, "kill")) {
		if (!number(value, length, 0, 1, &found))
			return false;
		out->kill = found == 1;
	} else if (is(name, name_length, "ahead")) {
		if (!number(value, length, 0, 1, &found))
			return false;
		out->ahead = found == 1;
	} else {
		return policy_take(&out->policy, name, name_length, value, length) == 0;
	}
	return true;
}

bool settings_parse(const char *text, struct settings *out)
{
	*out = (struct settings){.children = 5, .spare = 1, .idle = 60000, .timeout = 60000, .kill = true};
	while (*text != '\0') {
		size_t length = strcspn(text, " ");
		const char *equals = memchr(text, '=', length);

		if (length > 0 && equals == NULL)
			return false;
		if (length > 0) {
			size_t name_length = (size_t)(equals - text);

			if (!word(text, name_length, equals + 1, length - name_length - 1, out))
				return false;
		}
		text += length + (text[length] == ' ');
	}
	if (out->spare > out->children)
		out->spare = out->children;
	return (out->policy.root == NULL) == (out->policy.extension_count == 0);
}
