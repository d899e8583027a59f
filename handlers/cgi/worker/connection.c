#include "connection.h"

#include "worker.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

bool connection_fill(struct connection *connection)
{
	ssize_t got;

	if (connection->in_start == connection->in_end)
		connection->in_start = connection->in_end = 0;
	if (connection->in_start > 0 && IN_SIZE - connection->in_end < IN_SIZE / 2) {
		memmove(connection->in, connection->in + connection->in_start, connection->in_end - connection->in_start);
		connection->in_end -= connection->in_start;
		connection->in_start = 0;
	}
	if (connection->eof || connection->in_end == IN_SIZE)
		return false;
	do
		got = recv(WORKER_CONNECTION, connection->in + connection->in_end, IN_SIZE - connection->in_end, MSG_DONTWAIT);
	while (got < 0 && errno == EINTR);
	if (got < 0 && errno == EAGAIN)
		return false;
	if (got <= 0) {
		connection->eof = true;
		connection->broken = connection->broken || got < 0;
		return true;
	}
	connection->in_end += (size_t)got;
	return true;
}

void connection_flush(struct connection *connection)
{
	while (connection->out_start < connection->out_end && !connection->broken) {
		ssize_t sent = send(WORKER_CONNECTION, connection->out + connection->out_start,
		                    connection->out_end - connection->out_start, MSG_DONTWAIT | MSG_NOSIGNAL);

		if (sent < 0 && errno == EINTR)
			continue;
		if (sent < 0 && errno == EAGAIN)
			return;
		if (sent < 0)
			connection->broken = true;
		else
			connection->out_start += (size_t)sent;
	}
	connection->out_start = connection->out_end = 0;
}

size_t connection_pending(const struct connection *connection)
{
	return connection->out_end - connection->out_start;
}

bool connection_has_room(const struct connection *connection)
{
	return OUT_SIZE - connection->out_end >= ANSWER_MAX;
}

void connection_record(struct connection *connection, enum fcgi_type type, uint16_t id, const void *content,
                       size_t length)
{
	if (connection->broken || OUT_SIZE - connection->out_end < FCGI_HEADER_LENGTH + length) {
		/* Room was the caller's to see to; half a record would be worse than none. */
		connection->broken = true;
		return;
	}
	fcgi_header(connection->out + connection->out_end, type, id, length);
	connection->out_end += FCGI_HEADER_LENGTH;
	if (length > 0)
		memcpy(connection->out + connection->out_end, content, length);
	connection->out_end += length;
}

void connection_end(struct connection *connection, uint16_t id, uint32_t app_status, enum fcgi_protocol_status status)
{
	unsigned char body[8];

	fcgi_end_body(body, app_status, status);
	connection_record(connection, FCGI_END_REQUEST, id, body, sizeof body);
}

ssize_t connection_relay(struct connection *connection, enum fcgi_type type, uint16_t id, int fd)
{
	unsigned char *at = connection->out + connection->out_end;
	size_t room = OUT_SIZE - connection->out_end;
	ssize_t got;

	if (room <= FCGI_HEADER_LENGTH) {
		errno = EAGAIN;
		return -1;
	}
	room -= FCGI_HEADER_LENGTH;
	got = read(fd, at + FCGI_HEADER_LENGTH, room < CHUNK_MAX ? room : CHUNK_MAX);
	/* A length of 0 would end the stream for the front. */
	if (got <= 0)
		return got;
	fcgi_header(at, type, id, (size_t)got);
	connection->out_end += FCGI_HEADER_LENGTH + (size_t)got;
	return got;
}
