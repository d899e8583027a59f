#include "run.h"

#include "run-state.h"
#include "worker.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/* STDIN records go to the script as fast as its pipe takes them; what does not fit stays in the connection. */
static void deliver_input(struct run *run)
{
	struct session *session = run->session;

	for (session_events(session); session->input_length > 0; session_events(session)) {
		ssize_t written = run->child->input < 0 ? -1 : write(run->child->input, session->input, session->input_length);

		if (written < 0 && run->child->input >= 0 && (errno == EAGAIN || errno == EINTR))
			return;
		if (written < 0) {
			/* EPIPE: a script need not read its input (RFC 3875, section 4.2). */
			child_close(&run->child->input);
			session->input_discard = true;
			session->input_length = 0;
			continue;
		}
		session->input += written;
		session->input_length -= (size_t)written;
		run->active = now();
	}
	if (session->input_end)
		child_close(&run->child->input);
}

/* After a detached answer: lets the front see its end, and takes what it still sends, or closing would reset it. */
static void let_front_go(struct connection *connection)
{
	connection_flush(connection);
	if (connection_pending(connection) == 0 && !connection->broken && shutdown(WORKER_CONNECTION, SHUT_WR) != 0)
		connection->broken = true;
	connection->in_start = connection->in_end;
}

static void look_after_front(struct run *run, short events)
{
	struct session *session = run->session;
	struct connection *connection = &session->connection;

	if (run->detached) {
		run->hung_up = run->hung_up || (events & (POLLHUP | POLLERR)) != 0;
		if (events != 0)
			connection_fill(connection);
		return;
	}
	if ((events & POLLIN) != 0 && session_wants_more(session))
		connection_fill(connection);
	if ((events & (POLLHUP | POLLERR)) != 0)
		run->hung_up = true;
	deliver_input(run);
	if (run->hold_until == 0)
		connection_flush(connection);
	if (run->left)
		return;
	/* At its end of file the front has gone; earlier, when it hung up and nobody cares for what it still sent. */
	if (session->aborted || session->closing || (connection->eof && session->input_length == 0) ||
	    (run->hung_up && session->policy->kill_on_disconnect))
		run_front_left(run);
}

static void look_after_script(struct run *run, short input, short output, short errors)
{
	struct session *session = run->session;

	/* POLLERR on the writing end: the script has closed its input. */
	if ((input & POLLERR) != 0 && session->input_length == 0) {
		child_close(&run->child->input);
		session->input_discard = true;
	}
	if (run->hold_until != 0 && (((output | errors) & POLLIN) != 0 || now() >= run->hold_until))
		run_release(run);
	/* Taking turns, or a script that floods one of them could keep the other full, and so itself, waiting. */
	run->errors_first = !run->errors_first;
	if (run->errors_first && errors != 0)
		run_relay(run, FCGI_STDERR, errors);
	if (output != 0)
		run_relay(run, FCGI_STDOUT, output);
	if (!run->errors_first && errors != 0)
		run_relay(run, FCGI_STDERR, errors);
}

static void wait_for_something(struct run *run)
{
	struct session *session = run->session;
	struct connection *connection = &session->connection;

	if (run->detached)
		let_front_go(connection);

	bool readable = run_may_read(run);
	bool wants_more = session_wants_more(session) || (run->detached && !connection->eof);
	short front = (short)((wants_more ? POLLIN : 0) | (connection_pending(connection) > 0 && run->hold_until == 0 ? POLLOUT : 0));
	struct pollfd fds[] = {
		/* A connection that hung up is always ready: it is asked only when there is something to do. */
		{.fd = front == 0 && run->hung_up ? -1 : WORKER_CONNECTION, .events = front},
		{.fd = run->child->input, .events = (short)(session->input_length > 0 ? POLLOUT : 0)},
		{.fd = readable ? run->child->output : -1, .events = POLLIN},
		{.fd = readable ? run->child->errors : -1, .events = POLLIN},
		{.fd = run->exited ? -1 : run->child->pidfd, .events = POLLIN},
	};

	if (poll(fds, sizeof fds / sizeof *fds, run_wait(run)) < 0) {
		/* EINVAL: the site has taken our descriptors away by prlimit(2). Trying again would be a busy loop. */
		if (errno != EINTR && errno != ENOMEM)
			worker_die(70, "poll: %s", strerror(errno));
		return;
	}
	/* As it was while we waited: a front's slowness is not the script's. */
	if (run_is_front_slow(run))
		run->active = now();
	if (connection_pending(connection) > 0)
		run->quiet = now();
	look_after_front(run, fds[0].revents);
	look_after_script(run, fds[1].revents, fds[2].revents, fds[3].revents);
	if (fds[4].revents != 0) {
		run->exited = true;
		child_close(&run->child->input);
		session->input_discard = true;
		session->input_length = 0;
		run->quiet = now();
	}
	run_check_time(run);
}

void run_script(struct session *session, struct child *child, const char *path)
{
	struct run run = {.session = session, .child = child, .path = path, .active = now(), .quiet = now()};

	session->phase = PHASE_RUNNING;
	look_after_front(&run, 0);
	while (!run_is_over(&run))
		wait_for_something(&run);
	run_finish(&run);
}
