/*
 * NAME        itk-files
 * SYNOPSIS    started by itk, as the site's user: 0 the connection to a front, 2 the log, 3 the policy
 * DESCRIPTION Resolves URL paths to files and passes their descriptors to the front (protocol.h). Serves one
 *             connection and ends with it. Several requests may wait; they are answered in order.
 * DIAGNOSTICS 0 the front has closed; 70 cannot work here, or no valid policy; 76 the front sent what no front
 *             sends; 77 the peer is not the front.
 */
#include "answer.h"
#include "open.h"
#include "policy.h"
#include "request.h"
#include "resolve.h"
#include "stream.h"
#include "worker.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <unistd.h>

#define MESSAGE_MAX (sizeof(struct files_request) + FILES_PATH_MAX)

static struct policy policy;

static void read_policy(void)
{
	size_t length;
	unsigned char *data = worker_policy(&length);
	const char *wrong = policy_parse(data, length, &policy);

	if (wrong != NULL)
		worker_die(70, "itk-files: %s", wrong);
}

/* RETURNS a descriptor that is readable when a child has ended. */
static int watch_children(void)
{
	sigset_t signals;
	int fd;

	(void)sigemptyset(&signals);
	(void)sigaddset(&signals, SIGCHLD);
	if (sigprocmask(SIG_BLOCK, &signals, NULL) != 0)
		worker_die(70, "itk-files: sigprocmask: %s", strerror(errno));
	fd = signalfd(-1, &signals, SFD_NONBLOCK | SFD_CLOEXEC);
	if (fd < 0)
		worker_die(70, "itk-files: signalfd: %s", strerror(errno));
	return fd;
}

/* PURPOSE  Turns a resolved file into a pipe of its bytes. */
static void stream(const struct request *request, struct resolution *what)
{
	int file = what->fd;

	what->fd = stream_start(file, request->head.offset, request->head.length);
	what->error = what->fd < 0 ? errno : 0;
	what->result = what->fd < 0 ? FILES_FAILED : FILES_OPENED;
	(void)close(file);
}

/* RETURNS 0; -1 when the front has gone. */
static int serve(const void *message, size_t length)
{
	static struct resolution what;
	struct request request;
	const char *wrong = request_parse(message, length, policy.root_count, &request);
	int sent;

	if (wrong != NULL)
		worker_die(76, "itk-files: refusing the front: %s", wrong);
	if (request.head.op == FILES_RESOLVE) {
		resolve(&policy, request.head.root, request.path, request.path_length, &what);
	} else {
		resolve_exact(&policy, request.head.root, request.path, request.path_length, &what);
		if (request.head.op == FILES_STREAM && what.fd >= 0)
			stream(&request, &what);
	}
	sent = answer_send(WORKER_CONNECTION, request.head.id, &what, what.result == FILES_REMOTE ? -1 : what.fd);
	if (what.fd >= 0)
		(void)close(what.fd);
	return sent;
}

static void wait_for_work(int children)
{
	struct pollfd events[] = {{.fd = WORKER_CONNECTION, .events = POLLIN}, {.fd = children, .events = POLLIN}};
	struct signalfd_siginfo ignored;

	if (poll(events, 2, -1) < 0 && errno != EINTR)
		worker_die(70, "itk-files: poll: %s", strerror(errno));
	if (events[1].revents != 0 && read(children, &ignored, sizeof ignored) > 0)
		stream_reap();
}

static void serve_all(int children)
{
	/* One byte more than allowed: a longer message is then seen to be too long. */
	static char message[MESSAGE_MAX + 1];

	for (;;) {
		ssize_t got = recv(WORKER_CONNECTION, message, sizeof message, MSG_DONTWAIT);

		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) {
			wait_for_work(children);
			continue;
		}
		/* 0: closed (or a message without bytes, which no front sends). */
		if (got <= 0 || serve(message, (size_t)got) != 0)
			return;
	}
}

int main(void)
{
	int children;

	worker_begin();
	read_policy();
	worker_check_peer((unsigned long)policy.front_uid);
	/* Or /proc/PID/comm shows the number of the descriptor that itk executed. */
	(void)prctl(PR_SET_NAME, "itk-files", 0, 0, 0);
	if (open_begin() != 0)
		worker_die(70, "itk-files: /proc/self/fd: %s", strerror(errno));
	children = watch_children();
	serve_all(children);
	(void)close(WORKER_CONNECTION);
	stream_finish();
	return 0;
}
