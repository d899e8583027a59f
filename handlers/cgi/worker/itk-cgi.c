/*
 * itk-cgi: runs one site's CGI scripts for the fronts. Started by itk as the site's user (src/itk/worker.h), it is a
 * FastCGI responder on descriptor 0, for one request at a time, and ends when the front closes the connection.
 *
 * Exit statuses: 0 the connection has ended; 70 it could not start; 77 the connection came from somebody else;
 * 78 the policy is wrong.
 */
#include "policy.h"
#include "serve.h"
#include "session.h"
#include "worker.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>

/* How long a front may take to notice that we have closed. */
#define CLOSE_AFTER 2000

/* Scripts must find every signal as a login shell would leave it, and they inherit what we ignore. */
static void reset_signals(void)
{
	sigset_t none;

	if (sigemptyset(&none) != 0 || sigprocmask(SIG_SETMASK, &none, NULL) != 0)
		worker_die(70, "sigprocmask: %s", strerror(errno));
	for (int number = 1; number < NSIG; number++)
		/* EINVAL for SIGKILL, SIGSTOP and the C library's own. */
		if (number != SIGPIPE && signal(number, SIG_DFL) == SIG_ERR)
			continue;
}

/* Started by descriptor, a process would otherwise be called by its number in ps and top. */
static void set_title(const char *site)
{
	char title[16];

	snprintf(title, sizeof title, "cgi:%s", site);
	if (prctl(PR_SET_NAME, title, 0, 0, 0) != 0)
		worker_die(70, "prctl(PR_SET_NAME): %s", strerror(errno));
}

static short wait_front(short events, int timeout)
{
	struct pollfd front = {.fd = WORKER_CONNECTION, .events = events};
	int ready = poll(&front, 1, timeout);

	/* As in run.c: not a busy loop. */
	if (ready < 0 && errno != EINTR && errno != ENOMEM)
		worker_die(70, "poll: %s", strerror(errno));
	return ready > 0 ? front.revents : 0;
}

/*
 * Unix sockets that are closed with unread input reset the connection, and the front might lose the answer: say that
 * nothing more will come, then read until it has closed too.
 */
static void close_connection(struct connection *connection)
{
	while (connection_pending(connection) > 0 && !connection->broken) {
		wait_front(POLLOUT, -1);
		connection_flush(connection);
	}
	if (connection->broken || shutdown(WORKER_CONNECTION, SHUT_WR) != 0)
		return;
	while (!connection->eof && wait_front(POLLIN, CLOSE_AFTER) != 0) {
		connection->in_start = connection->in_end;
		connection_fill(connection);
	}
}

int main(void)
{
	static struct session session;
	struct policy policy;
	struct connection *connection = &session.connection;
	char problem[160];
	unsigned char *data;
	size_t length;

	worker_begin();
	reset_signals();
	data = worker_policy(&length);
	if (policy_parse(data, length, &policy, problem, sizeof problem) != 0)
		worker_die(78, "policy: %s", problem);
	free(data);
	set_title(policy.site);
	worker_check_peer((unsigned long)policy.front_uid);
	session.policy = &policy;
	for (;;) {
		session_events(&session);
		if (session.phase == PHASE_READY) {
			serve(&session);
			continue;
		}
		connection_flush(connection);
		if (session.closing || connection->eof || connection->broken)
			break;
		wait_front((short)((session_wants_more(&session) ? POLLIN : 0) | (connection_pending(connection) ? POLLOUT : 0)),
		           -1);
		connection_fill(connection);
	}
	close_connection(connection);
	return 0;
}
