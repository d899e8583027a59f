#include "deny.h"

#include <string.h>

/* strncasecmp would follow the locale. */
static bool equal(const char *a, const char *b, size_t length)
{
	for (size_t i = 0; i < length; i++) {
		unsigned char x = (unsigned char)a[i], y = (unsigned char)b[i];

		if (x >= 'A' && x <= 'Z')
			x = (unsigned char)(x | 0x20);
		if (y >= 'A' && y <= 'Z')
			y = (unsigned char)(y | 0x20);
		if (x != y)
			return false;
	}
	return true;
}

static bool ends_with(const char *name, size_t length, const char *end, size_t end_length)
{
	return length >= end_length && equal(name + length - end_length, end, end_length);
}

bool deny_match(const char *pattern, const char *name, size_t length)
{
	size_t size = strlen(pattern);

	if (size > 0 && pattern[0] == '*')
		return ends_with(name, length, pattern + 1, size - 1);
	if (size > 0 && pattern[size - 1] == '*')
		return length >= size - 1 && equal(name, pattern, size - 1);
	return length == size && equal(name, pattern, size);
}

bool deny_any(const struct texts *patterns, const char *name, size_t length)
{
	for (size_t i = 0; i < patterns->count; i++)
		if (deny_match(patterns->items[i], name, length))
			return true;
	return false;
}

bool extension_any(const struct texts *extensions, const char *name, size_t length)
{
	for (size_t i = 0; i < extensions->count; i++)
		if (ends_with(name, length, extensions->items[i], strlen(extensions->items[i])))
			return true;
	return false;
}
