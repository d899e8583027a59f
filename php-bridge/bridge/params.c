#include "params.h"

#include <string.h>

#define LONG_LENGTH 0x80

static uint32_t length_at(const uint8_t *at)
{
	if ((*at & LONG_LENGTH) == 0)
		return *at;
	return (uint32_t)(at[0] & ~LONG_LENGTH) << 24 | (uint32_t)at[1] << 16 | (uint32_t)at[2] << 8 | at[3];
}

static size_t smaller(uint64_t one, size_t other)
{
	return one < other ? (size_t)one : other;
}

static size_t size_of(uint8_t length)
{
	return (length & LONG_LENGTH) == 0 ? 1 : 4;
}

/* True when both lengths are known. */
static bool read_lengths(struct params *params, const uint8_t **bytes, size_t *count)
{
	while (*count > 0) {
		size_t first;

		params->lengths[params->have++] = *(*bytes)++;
		--*count;
		first = size_of(params->lengths[0]);
		if (params->have <= first)
			continue;
		if (params->have < first + size_of(params->lengths[first]))
			continue;
		params->lengths_size = params->have;
		params->name_length = length_at(params->lengths);
		params->value_length = length_at(params->lengths + first);
		return true;
	}
	return false;
}

/* True when the name has passed. */
static bool read_name(struct params *params, const uint8_t **bytes, size_t *count)
{
	uint64_t done = params->have - params->lengths_size;
	size_t step = smaller(params->name_length - done, *count);

	if (done < PARAM_NAME_KEPT)
		memcpy(params->name + done, *bytes, smaller(PARAM_NAME_KEPT - done, step));
	params->have += step;
	*bytes += step;
	*count -= step;
	return done + step == params->name_length;
}

bool params_next(struct params *params, const uint8_t **bytes, size_t *count, struct param_piece *piece)
{
	uint64_t left;

	if (params_at_boundary(params))
		params->have = params->lengths_size = 0;
	if (params->lengths_size == 0 && !read_lengths(params, bytes, count))
		return false;
	if (params->have < params->lengths_size + params->name_length && !read_name(params, bytes, count))
		return false;
	left = params->lengths_size + params->name_length + params->value_length - params->have;
	if (left > 0 && *count == 0)
		return false;
	*piece = (struct param_piece){.bytes = *bytes, .count = smaller(left, *count), .last = left <= *count};
	params->have += piece->count;
	*bytes += piece->count;
	*count -= piece->count;
	return true;
}

bool params_at_boundary(const struct params *params)
{
	return params->have == 0 ||
	       (params->lengths_size != 0 &&
		params->have == params->lengths_size + params->name_length + params->value_length);
}
