#include "fastcgi.h"

#define BEGIN_LENGTH 8

static bool is_stream(uint8_t type)
{
	return type == FCGI_PARAMS || type == FCGI_STDIN;
}

static uint16_t big_endian(const unsigned char *at)
{
	return (uint16_t)(at[0] << 8 | at[1]);
}

static enum fcgi_result bad(struct fcgi_decoder *decoder, const char *problem)
{
	decoder->problem = problem;
	return FCGI_BAD;
}

static enum fcgi_result read_header(struct fcgi_decoder *decoder, const unsigned char *at)
{
	if (at[0] != FCGI_VERSION)
		return bad(decoder, "not FastCGI version 1");
	decoder->inside = true;
	decoder->type = at[1];
	decoder->id = big_endian(at + 2);
	decoder->content = big_endian(at + 4);
	decoder->padding = at[6];
	switch (decoder->type) {
	case FCGI_BEGIN_REQUEST:
		if (decoder->content != BEGIN_LENGTH || decoder->id == 0)
			return bad(decoder, "a malformed BEGIN_REQUEST");
		break;
	case FCGI_GET_VALUES:
		if (decoder->content > FCGI_WHOLE_MAX)
			return bad(decoder, "an oversized GET_VALUES");
		break;
	default:
		break;
	}
	return FCGI_MORE;
}

static size_t skip(size_t *left, size_t available)
{
	size_t count = *left < available ? *left : available;

	*left -= count;
	return count;
}

/* RETURNS true when the type is one that the caller is told of; the others' content is only skipped. */
static bool is_whole_event(const struct fcgi_decoder *decoder)
{
	if (decoder->type == FCGI_BEGIN_REQUEST || decoder->type == FCGI_ABORT_REQUEST)
		return true;
	/* Management records have id 0; a type of a request that we do not know cannot be answered. */
	return decoder->id == 0 && !is_stream(decoder->type);
}

enum fcgi_result fcgi_next(struct fcgi_decoder *decoder, const unsigned char *data, size_t length, size_t *used,
                           struct fcgi_event *event)
{
	*used = 0;
	for (;;) {
		const unsigned char *at = data + *used;
		size_t left = length - *used;

		if (!decoder->inside) {
			if (decoder->padding > 0) {
				*used += skip(&decoder->padding, left);
				if (decoder->padding > 0)
					return FCGI_MORE;
				continue;
			}
			if (left < FCGI_HEADER_LENGTH)
				return FCGI_MORE;
			if (read_header(decoder, at) == FCGI_BAD)
				return FCGI_BAD;
			*used += FCGI_HEADER_LENGTH;
			if (decoder->content > 0 || !is_stream(decoder->type))
				continue;
			/* An empty record ends its stream. */
			decoder->inside = false;
			*event = (struct fcgi_event){.type = decoder->type, .id = decoder->id};
			return FCGI_EVENT;
		}
		*event = (struct fcgi_event){.type = decoder->type, .id = decoder->id, .data = at};
		if (is_stream(decoder->type)) {
			if (left == 0)
				return FCGI_MORE;
			event->length = skip(&decoder->content, left);
			*used += event->length;
			decoder->inside = decoder->content > 0;
			return FCGI_EVENT;
		}
		if (decoder->type == FCGI_BEGIN_REQUEST || decoder->type == FCGI_GET_VALUES) {
			if (left < decoder->content)
				return FCGI_MORE;
			event->length = decoder->content;
		}
		if (decoder->type == FCGI_BEGIN_REQUEST) {
			event->role = big_endian(at);
			event->keep = (at[2] & FCGI_KEEP_CONN) != 0;
			event->usage = (at[2] & FCGI_ASK_USAGE) != 0;
		}
		*used += skip(&decoder->content, left);
		if (decoder->content > 0)
			return FCGI_MORE;
		decoder->inside = false;
		if (is_whole_event(decoder))
			return FCGI_EVENT;
	}
}

void fcgi_header(unsigned char *at, enum fcgi_type type, uint16_t id, size_t length)
{
	at[0] = FCGI_VERSION;
	at[1] = (unsigned char)type;
	at[2] = (unsigned char)(id >> 8);
	at[3] = (unsigned char)id;
	at[4] = (unsigned char)(length >> 8);
	at[5] = (unsigned char)length;
	at[6] = 0;
	at[7] = 0;
}

void fcgi_end_body(unsigned char *at, uint32_t app_status, enum fcgi_protocol_status status)
{
	at[0] = (unsigned char)(app_status >> 24);
	at[1] = (unsigned char)(app_status >> 16);
	at[2] = (unsigned char)(app_status >> 8);
	at[3] = (unsigned char)app_status;
	at[4] = (unsigned char)status;
	at[5] = at[6] = at[7] = 0;
}
