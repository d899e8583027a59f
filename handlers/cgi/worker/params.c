#include "params.h"

#include <string.h>

/* RETURNS how many bytes the length took: 1 or 4; 0 when there are too few. */
static size_t take_length(const unsigned char *data, size_t left, size_t *out)
{
	if (left == 0)
		return 0;
	if ((data[0] & 0x80) == 0) {
		*out = data[0];
		return 1;
	}
	if (left < 4)
		return 0;
	*out = (size_t)(data[0] & 0x7f) << 24 | (size_t)data[1] << 16 | (size_t)data[2] << 8 | data[3];
	return 4;
}

size_t param_next(const unsigned char *data, size_t length, struct param *out)
{
	size_t used = take_length(data, length, &out->name_length);
	size_t second;

	if (used == 0)
		return 0;
	second = take_length(data + used, length - used, &out->value_length);
	if (second == 0)
		return 0;
	used += second;
	/* Compared one after the other: their sum may not fit where size_t has 32 bits. */
	if (out->name_length > length - used || out->value_length > length - used - out->name_length)
		return 0;
	out->name = (const char *)data + used;
	out->value = out->name + out->name_length;
	return used + out->name_length + out->value_length;
}

static const struct param *find(const struct params *params, const char *name, size_t length)
{
	for (size_t i = 0; i < params->count; i++)
		if (params->at[i].name_length == length && memcmp(params->at[i].name, name, length) == 0)
			return &params->at[i];
	return NULL;
}

int params_parse(const unsigned char *data, size_t length, struct params *out)
{
	size_t pairs = 0;

	out->count = 0;
	for (size_t offset = 0; offset < length;) {
		struct param param;
		size_t used = param_next(data + offset, length - offset, &param);

		if (used == 0 || ++pairs > PARAMS_COUNT_MAX)
			return -1;
		if (memchr(param.name, '\0', param.name_length + param.value_length) != NULL)
			return -1;
		offset += used;
		if (find(out, param.name, param.name_length) == NULL)
			out->at[out->count++] = param;
	}
	return 0;
}

const struct param *params_find(const struct params *params, const char *name)
{
	return find(params, name, strlen(name));
}
