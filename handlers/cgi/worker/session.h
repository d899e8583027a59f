/* One front's connection: takes its records apart and keeps what is known of the request under way. */
#ifndef CGI_SESSION_H
#define CGI_SESSION_H

#include "connection.h"
#include "policy.h"

/* An appStatus of ours, as opposed to a script's wait status: this flag and an HTTP status. */
#define APP_STATUS_HTTP 0x10000u

enum phase {
	PHASE_IDLE,
	PHASE_PARAMS, /* BEGIN_REQUEST came */
	PHASE_READY,  /* PARAMS are complete: it can be started */
	PHASE_RUNNING,
};

struct session {
	const struct policy *policy;
	struct connection connection;
	struct fcgi_decoder decoder;
	enum phase phase;
	uint16_t id;
	bool keep;
	bool usage;            /* the front wants to know what the script used */
	unsigned char *params; /* PARAMS so far (malloc), params_length of params_size bytes in use */
	size_t params_length;
	size_t params_size;
	const unsigned char *input; /* bytes of STDIN (in connection.in) that the script has not taken yet */
	size_t input_length;
	bool input_end;     /* the front has sent all of STDIN */
	bool input_discard; /* nobody wants the rest of it */
	bool aborted;       /* ABORT_REQUEST came */
	bool closing;       /* no more requests: close when all is sent */
};

/*
 * PURPOSE     Takes events from what has been received, until more is needed, a request is ready, its script has
 *             input to be delivered (input_length), or there is no room for an answer.
 */
void session_events(struct session *session);

/* RETURNS true when receiving more would be of use. */
bool session_wants_more(const struct session *session);

/* PURPOSE  Ends the request under way with END_REQUEST; without FCGI_KEEP_CONN the connection, too. */
void session_end(struct session *session, uint32_t app_status);

#endif
