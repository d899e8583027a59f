#include "bridge-peer.h"

#include <string.h>

#define PARAMS 4
#define STREAM_MAX 16384

struct found {
	const uint8_t *value;
	size_t length;
};

static bool equals(struct found found, const char *text)
{
	return found.value != NULL && found.length == strlen(text) && memcmp(found.value, text, found.length) == 0;
}

/* One pair. False when it is not there whole. */
static bool pair(const uint8_t **at, const uint8_t *end, struct found *name, struct found *value)
{
	size_t lengths[2];

	for (int i = 0; i < 2; i++) {
		if (*at >= end)
			return false;
		lengths[i] = *(*at)++;
		if (lengths[i] < 128)
			continue;
		if (end - *at < 3)
			return false;
		lengths[i] = (lengths[i] & 127) << 24 | (size_t)(*at)[0] << 16 | (size_t)(*at)[1] << 8 | (*at)[2];
		*at += 3;
	}
	if (lengths[0] + lengths[1] > (size_t)(end - *at))
		return false;
	*name = (struct found){*at, lengths[0]};
	*value = (struct found){*at + lengths[0], lengths[1]};
	*at += lengths[0] + lengths[1];
	return true;
}

/* Of all pairs: the first or the last value of a name. `loose`: a name ends at the first `=` or NUL. */
static struct found look_up(const uint8_t *at, size_t size, const char *wanted, bool loose)
{
	const uint8_t *end = at + size;
	struct found name, value, found = {0};
	size_t length = strlen(wanted);

	while (pair(&at, end, &name, &value)) {
		if (!loose && equals(name, wanted))
			found = value;
		if (!loose || found.value != NULL || name.length < length || memcmp(name.value, wanted, length) != 0)
			continue;
		if (name.length == length)
			found = value;
		else if (name.value[length] == '=' || name.value[length] == '\0')
			found = (struct found){name.value + length, name.length - length};
	}
	return found;
}

static bool whole_pairs(const uint8_t *at, size_t size)
{
	const uint8_t *end = at + size;
	struct found name, value;

	while (at < end)
		if (!pair(&at, end, &name, &value))
			return false;
	return true;
}

static bool may_run(const struct policy *policy, const uint8_t *stream, size_t size, bool loose)
{
	struct found script = look_up(stream, size, "SCRIPT_FILENAME", loose);
	struct found translated = look_up(stream, size, "PATH_TRANSLATED", loose);

	if (script.value == NULL || look_up(stream, size, "REDIRECT_URL", loose).value != NULL)
		script = translated.value == NULL ? script : translated;
	return equals(script, "/etc/passwd") && equals(look_up(stream, size, "DOCUMENT_ROOT", loose), policy->root);
}

bool peer_allows(const struct policy *policy, const uint8_t *data, size_t size)
{
	static uint8_t stream[STREAM_MAX];
	size_t at = 0, used = 0;
	bool php = false, begun = false;

	while (size - at >= 8) {
		size_t length = (size_t)data[at + 4] << 8 | data[at + 5];
		size_t whole = 8 + length + data[at + 6];

		if (begun && (data[at + 1] != PARAMS || length == 0)) {
			if (php && !may_run(policy, stream, used, false))
				return false;
			if (whole_pairs(stream, used) && !may_run(policy, stream, used, true))
				return false;
			begun = false;
		}
		if (data[at + 1] == 1) {
			begun = php = true;
			used = 0;
		}
		if (size - at < whole || (begun && used + length > sizeof stream))
			return true;
		if (begun && data[at + 1] == PARAMS) {
			php = php && whole_pairs(data + at + 8, length);
			memcpy(stream + used, data + at + 8, length);
			used += length;
		}
		at += whole;
	}
	return true;
}
