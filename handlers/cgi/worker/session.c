#include "session.h"

#include "params.h"
#include "worker.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static void give_up(struct session *session, const char *problem)
{
	worker_log("closing a front's connection: %s", problem);
	session->closing = true;
	session->connection.in_start = session->connection.in_end;
}

static void begin(struct session *session, const struct fcgi_event *event)
{
	if (session->phase != PHASE_IDLE) {
		if (event->id == session->id)
			give_up(session, "a second BEGIN_REQUEST with the same id");
		else
			connection_end(&session->connection, event->id, 0, FCGI_CANT_MPX_CONN);
		return;
	}
	if (event->role != FCGI_RESPONDER) {
		connection_end(&session->connection, event->id, 0, FCGI_UNKNOWN_ROLE);
		session->closing = !event->keep;
		return;
	}
	session->phase = PHASE_PARAMS;
	session->id = event->id;
	session->keep = event->keep;
	session->usage = event->usage;
	session->params_length = 0;
	session->input_length = 0;
	session->input_end = session->input_discard = session->aborted = false;
}

static void collect(struct session *session, const struct fcgi_event *event)
{
	size_t wanted = session->params_length + event->length;

	if (wanted > PARAMS_MAX) {
		give_up(session, "more than 1 MiB of PARAMS");
		return;
	}
	if (wanted > session->params_size) {
		size_t size = session->params_size == 0 ? 8192 : session->params_size;
		unsigned char *larger;

		while (size < wanted)
			size *= 2;
		larger = realloc(session->params, size);
		if (larger == NULL) {
			give_up(session, strerror(errno));
			return;
		}
		session->params = larger;
		session->params_size = size;
	}
	memcpy(session->params + session->params_length, event->data, event->length);
	session->params_length = wanted;
}

/* Specification 4.1: the application answers what it knows; one process serves one request at a time. */
static void get_values(struct session *session, const struct fcgi_event *event)
{
	static const struct {
		const char *name;
		char value;
	} known[] = {{"FCGI_MAX_CONNS", '1'}, {"FCGI_MAX_REQS", '1'}, {"FCGI_MPXS_CONNS", '0'}};
	bool asked[sizeof known / sizeof *known] = {false};
	unsigned char answer[ANSWER_MAX - FCGI_HEADER_LENGTH];
	size_t length = 0;
	struct param param;

	for (size_t at = 0, used; at < event->length; at += used) {
		used = param_next(event->data + at, event->length - at, &param);
		if (used == 0) {
			give_up(session, "malformed GET_VALUES");
			return;
		}
		for (size_t i = 0; i < sizeof known / sizeof *known; i++)
			if (strlen(known[i].name) == param.name_length && memcmp(known[i].name, param.name, param.name_length) == 0)
				asked[i] = true;
	}
	for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
		size_t name = strlen(known[i].name);

		if (!asked[i])
			continue;
		answer[length++] = (unsigned char)name;
		answer[length++] = 1;
		memcpy(answer + length, known[i].name, name);
		length += name;
		answer[length++] = (unsigned char)known[i].value;
	}
	connection_record(&session->connection, FCGI_GET_VALUES_RESULT, 0, answer, length);
}

static void of_request(struct session *session, const struct fcgi_event *event)
{
	/* Records of a request that is over, or never was, are ignored (specification 3.3). */
	if (session->phase == PHASE_IDLE || event->id != session->id)
		return;
	if (event->type == FCGI_ABORT_REQUEST) {
		session->aborted = true;
		if (session->phase == PHASE_PARAMS)
			session_end(session, 0);
	} else if (event->type == FCGI_PARAMS && session->phase == PHASE_PARAMS) {
		if (event->length > 0)
			collect(session, event);
		else
			session->phase = PHASE_READY;
	} else if (event->type == FCGI_STDIN && session->phase == PHASE_RUNNING) {
		if (event->length == 0)
			session->input_end = true;
		else if (!session->input_discard) {
			session->input = event->data;
			session->input_length = event->length;
		}
	} else {
		give_up(session, "records of a request in the wrong order");
	}
}

static void handle(struct session *session, const struct fcgi_event *event)
{
	unsigned char unknown[8] = {event->type};

	switch (event->type) {
	case FCGI_BEGIN_REQUEST:
		begin(session, event);
		break;
	case FCGI_PARAMS:
	case FCGI_STDIN:
	case FCGI_ABORT_REQUEST:
		of_request(session, event);
		break;
	case FCGI_GET_VALUES:
		get_values(session, event);
		break;
	default:
		connection_record(&session->connection, FCGI_UNKNOWN_TYPE, 0, unknown, sizeof unknown);
		break;
	}
}

void session_events(struct session *session)
{
	struct connection *connection = &session->connection;

	while (!session->closing && session->phase != PHASE_READY && session->input_length == 0 &&
	       connection_has_room(connection)) {
		struct fcgi_event event;
		size_t used;
		enum fcgi_result result = fcgi_next(&session->decoder, connection->in + connection->in_start,
		                                    connection->in_end - connection->in_start, &used, &event);

		connection->in_start += used;
		if (result == FCGI_MORE)
			return;
		if (result == FCGI_BAD)
			give_up(session, session->decoder.problem);
		else
			handle(session, &event);
	}
}

bool session_wants_more(const struct session *session)
{
	return !session->connection.eof && !session->closing && session->phase != PHASE_READY &&
	       session->input_length == 0 && connection_has_room(&session->connection);
}

void session_end(struct session *session, uint32_t app_status)
{
	connection_end(&session->connection, session->id, app_status, FCGI_REQUEST_COMPLETE);
	session->phase = PHASE_IDLE;
	session->input_length = 0;
	session->closing = session->closing || !session->keep;
}
