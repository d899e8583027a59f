#include "contents.h"

#include "records.h"

#include <string.h>

static size_t smaller(size_t one, size_t other)
{
	return one < other ? one : other;
}

static void move(struct contents *contents, const uint8_t **bytes, size_t *count, size_t step)
{
	contents->have += step;
	*bytes += step;
	*count -= step;
}

/* True when the header is complete. */
static bool read_header(struct contents *contents, const uint8_t **bytes, size_t *count)
{
	size_t step = smaller(RECORD_HEADER - contents->have, *count);

	memcpy(contents->header + contents->have, *bytes, step);
	move(contents, bytes, count, step);
	if (contents->have < RECORD_HEADER)
		return false;
	contents->length = (size_t)contents->header[4] << 8 | contents->header[5];
	contents->size = RECORD_HEADER + contents->length + contents->header[6];
	return true;
}

bool contents_next(struct contents *contents, const uint8_t **bytes, size_t *count, struct content_piece *piece)
{
	while (*count > 0) {
		bool first = false;
		size_t end;

		if (contents->size != 0 && contents->have == contents->size)
			contents->have = contents->size = 0;
		if (contents->have < RECORD_HEADER) {
			if (!read_header(contents, bytes, count))
				return false;
			first = true;
		}
		end = RECORD_HEADER + contents->length;
		*piece = (struct content_piece){.bytes = *bytes, .first = first};
		if (contents->have < end)
			piece->count = smaller(end - contents->have, *count);
		move(contents, bytes, count, piece->count);
		if (piece->count > 0 || first)
			return true;
		move(contents, bytes, count, smaller(contents->size - contents->have, *count));
	}
	return false;
}
