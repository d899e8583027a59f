#include "records.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

int records_read_all(int fd, size_t max, unsigned char **data, size_t *length)
{
	size_t capacity = 64 * 1024;
	size_t used = 0;
	unsigned char *buffer = malloc(capacity);

	if (buffer == NULL)
		return -1;
	for (;;) {
		if (used == capacity) {
			unsigned char *larger;

			if (capacity > max) {
				free(buffer);
				errno = EFBIG;
				return -1;
			}
			capacity *= 2;
			larger = realloc(buffer, capacity);
			if (larger == NULL) {
				free(buffer);
				return -1;
			}
			buffer = larger;
		}
		ssize_t got = read(fd, buffer + used, capacity - used);

		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0) {
			int saved = errno;

			free(buffer);
			errno = saved;
			return -1;
		}
		if (got == 0)
			break;
		used += (size_t)got;
	}
	if (used > max) {
		free(buffer);
		errno = EFBIG;
		return -1;
	}
	*data = buffer;
	*length = used;
	return 0;
}

static uint32_t little_endian(const unsigned char *at)
{
	return (uint32_t)at[0] | (uint32_t)at[1] << 8 | (uint32_t)at[2] << 16 | (uint32_t)at[3] << 24;
}

int records_next(struct records *list, struct record *out)
{
	size_t left = list->length - list->offset;
	const unsigned char *at = list->data + list->offset;
	size_t key_length, value_length;

	if (left == 0)
		return 0;
	if (left < 8)
		return -1;
	key_length = little_endian(at);
	value_length = little_endian(at + 4);
	left -= 8;
	if (key_length == 0 || key_length > left || value_length > left - key_length)
		return -1;
	out->key = (const char *)at + 8;
	out->key_length = key_length;
	out->value = (const char *)at + 8 + key_length;
	out->value_length = value_length;
	list->offset += 8 + key_length + value_length;
	return 1;
}

bool record_is(const struct record *record, const char *name)
{
	return strlen(name) == record->key_length && memcmp(name, record->key, record->key_length) == 0;
}

char *record_text(const struct record *record)
{
	char *text;

	if (memchr(record->value, '\0', record->value_length) != NULL)
		return NULL;
	text = malloc(record->value_length + 1);
	if (text == NULL)
		return NULL;
	memcpy(text, record->value, record->value_length);
	text[record->value_length] = '\0';
	return text;
}

int record_number(const struct record *record, uint64_t max, uint64_t *out)
{
	uint64_t value = 0;

	if (record->value_length == 0 || record->value_length > 19)
		return -1;
	for (size_t i = 0; i < record->value_length; i++) {
		char digit = record->value[i];

		if (digit < '0' || digit > '9')
			return -1;
		value = value * 10 + (uint64_t)(digit - '0');
	}
	if (value > max)
		return -1;
	*out = value;
	return 0;
}
