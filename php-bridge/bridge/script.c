#include "script.h"

#include <string.h>

/* Name-value pairs (FastCGI 1.0, section 3.4): the two lengths stand before the name, each of one byte or of four. */
static const char name[] = "SCRIPT_FILENAME";
#define NAME_LENGTH (sizeof name - 1)
#define LONG_LENGTH 0x80

/* RETURNS  the length of the value; 0 where this is not the name of a pair */
static size_t value_length(const uint8_t *start, const uint8_t *at)
{
	if (at - start >= 5 && at[-5] == NAME_LENGTH && (at[-4] & LONG_LENGTH) != 0)
		return (size_t)(at[-4] & ~LONG_LENGTH) << 24 | (size_t)at[-3] << 16 | (size_t)at[-2] << 8 | at[-1];
	if (at - start >= 2 && at[-2] == NAME_LENGTH && (at[-1] & LONG_LENGTH) == 0)
		return at[-1];
	return 0;
}

static void note(struct slot *slot, const uint8_t *value, size_t length)
{
	if (length > sizeof slot->script - 1)
		length = sizeof slot->script - 1;
	for (size_t at = 0; at < length; at++)
		slot->script[at] = (char)(value[at] < ' ' || value[at] == 0x7f ? '?' : value[at]);
	slot->script[length] = '\0';
}

void script_follow(struct slot *slot, const struct records *in, const void *bytes, size_t count)
{
	static uint32_t settled;
	const uint8_t *start = bytes, *found;
	uint32_t request = atomic_load(&slot->requests);
	size_t length, left;

	if (settled == request)
		return;
	slot->script[0] = '\0';
	found = memmem(start, count, name, NAME_LENGTH);
	length = found == NULL ? 0 : value_length(start, found);
	if (length > 0) {
		left = count - (size_t)(found - start) - NAME_LENGTH;
		note(slot, found + NAME_LENGTH, length < left ? length : left);
	}
	/* A body is not searched. */
	if (length > 0 || in->header[1] == RECORD_STDIN)
		settled = request;
}
