#include "records.h"

#include <string.h>

bool records_next(struct records *records, const uint8_t **bytes, size_t *count)
{
	if (records->length != 0 && records->have == records->length)
		*records = (struct records){0};
	while (*count > 0) {
		size_t step = 1;

		if (records->have < RECORD_HEADER)
			records->header[records->have] = **bytes;
		else if (records->have < RECORD_HEADER + sizeof records->body)
			records->body[records->have - RECORD_HEADER] = **bytes;
		else
			step = records->length - records->have < *count ? records->length - records->have : *count;
		records->have += step;
		*bytes += step;
		*count -= step;
		if (records->have == RECORD_HEADER)
			records->length = RECORD_HEADER + ((size_t)records->header[4] << 8 | records->header[5]) +
					  records->header[6];
		if (records->length != 0 && records->have == records->length)
			return true;
	}
	return false;
}

bool records_at_boundary(const struct records *records)
{
	return records->have == 0 || (records->length != 0 && records->have == records->length);
}

size_t records_find(const struct records *records, enum record_type type, const uint8_t *bytes, size_t count)
{
	struct records ahead = *records;
	const uint8_t *at = bytes;
	size_t left = count;

	do {
		if (records_at_boundary(&ahead) && left >= RECORD_HEADER && at[1] == type)
			return count - left;
	} while (records_next(&ahead, &at, &left));
	return count;
}

enum held records_held(const uint8_t *bytes, size_t count, uint8_t id[2])
{
	struct records records = {0};
	bool begun = false;

	while (records_next(&records, &bytes, &count)) {
		if (records.header[1] == RECORD_BEGIN) {
			begun = true;
			memcpy(id, records.header + 2, 2);
		} else if (begun && records.header[1] == RECORD_STDIN && records.header[4] == 0 &&
			   records.header[5] == 0) {
			return HELD_REQUEST;
		}
	}
	if (begun)
		return HELD_PART;
	if (records_at_boundary(&records) || (records.have >= 2 && records.header[1] != RECORD_BEGIN))
		return HELD_NO_REQUEST;
	if (records.have >= 4)
		memcpy(id, records.header + 2, 2);
	return HELD_PART;
}
