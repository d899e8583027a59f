/*
 * itk: an inetd with an identity per socket. It is root, so it reads nothing: after its policy no byte from
 * anywhere reaches its memory. It watches the sites' sockets, forks, and the child becomes the site's user
 * before it executes what the policy names.
 *
 * Started by the supervisor with descriptor 3 the policy (a pipe, read to its end), 4 the lifeline (its end
 * means that the supervisor has gone), 5 the pipe for reports. SIGTERM ends it and everything below it.
 */
#include "policy.h"
#include "records.h"
#include "report.h"
#include "services.h"
#include "watching.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#define POLICY_FD 3
#define LIFELINE_FD 4
#define REPORT_FD 5
#define EVENTS 64

static volatile sig_atomic_t child_has_ended, told_to_end;

static void on_signal(int number)
{
	if (number == SIGCHLD)
		child_has_ended = 1;
	else
		told_to_end = 1;
}

static _Noreturn void die(const char *what, const char *reason)
{
	(void)fprintf(stderr, "itk: %s: %s\n", what, reason);
	exit(EXIT_FAILURE);
}

/* Signals arrive only while epoll_pwait(2) waits: there is no descriptor to read them from. */
static void handle_signals(sigset_t *while_waiting)
{
	struct sigaction act = {.sa_handler = on_signal};
	struct sigaction ignore = {.sa_handler = SIG_IGN};
	sigset_t blocked;

	if (sigemptyset(&blocked) != 0 || sigaddset(&blocked, SIGCHLD) != 0 || sigaddset(&blocked, SIGTERM) != 0 ||
	    sigprocmask(SIG_SETMASK, &blocked, NULL) != 0 || sigemptyset(while_waiting) != 0)
		die("signals", strerror(errno));
	if (sigaction(SIGCHLD, &act, NULL) != 0 || sigaction(SIGTERM, &act, NULL) != 0)
		die("signals", strerror(errno));
	/* A terminal's Ctrl-C reaches every process of the group; the supervisor decides what it means. */
	if (sigaction(SIGINT, &ignore, NULL) != 0 || sigaction(SIGHUP, &ignore, NULL) != 0 ||
	    sigaction(SIGPIPE, &ignore, NULL) != 0 || sigaction(SIGUSR1, &ignore, NULL) != 0 ||
	    sigaction(SIGQUIT, &ignore, NULL) != 0)
		die("signals", strerror(errno));
}

static void prepare_process(void)
{
	struct rlimit files;

	/* Whoever kills the supervisor's whole process group leaves us to end what the sites have started. */
	if (setsid() < 0 && errno != EPERM)
		die("setsid", strerror(errno));
	if (prctl(PR_SET_NAME, "itk", 0, 0, 0) != 0)
		die("PR_SET_NAME", strerror(errno));
	/* Without root, an ordinary user's other programs must not trace us either. */
	if (prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) != 0)
		die("PR_SET_DUMPABLE", strerror(errno));
	if (prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0) != 0)
		die("PR_SET_CHILD_SUBREAPER", strerror(errno));
	if (getrlimit(RLIMIT_NOFILE, &files) != 0)
		die("getrlimit", strerror(errno));
	files.rlim_cur = files.rlim_max;
	if (setrlimit(RLIMIT_NOFILE, &files) != 0)
		die("setrlimit", strerror(errno));
	(void)umask(0777);
}

static void read_policy(struct policy *policy)
{
	unsigned char *data = NULL;
	size_t length = 0;
	const char *reason;

	if (records_read_all(POLICY_FD, RECORDS_MAX, &data, &length) != 0)
		die("reading the policy", strerror(errno));
	if (close(POLICY_FD) != 0)
		die("close", strerror(errno));
	reason = policy_parse(data, length, policy);
	if (reason != NULL)
		die("policy", reason);
}

/* epoll_pwait(2) lets signals in only when it has nothing to tell: sockets that are always ready would keep them out. */
static void let_signals_in(const sigset_t *while_waiting)
{
	sigset_t blocked;

	if (sigprocmask(SIG_SETMASK, while_waiting, &blocked) != 0 || sigprocmask(SIG_SETMASK, &blocked, NULL) != 0)
		die("signals", strerror(errno));
}

/* The lifeline is never read: only its hang-up is looked at. */
static int watch_lifeline(void)
{
	struct epoll_event event = {.events = EPOLLRDHUP, .data = {.ptr = NULL}};
	int epoll = epoll_create1(EPOLL_CLOEXEC);

	if (epoll < 0)
		die("epoll_create1", strerror(errno));
	if (fcntl(LIFELINE_FD, F_SETFD, FD_CLOEXEC) != 0)
		die("lifeline", strerror(errno));
	if (epoll_ctl(epoll, EPOLL_CTL_ADD, LIFELINE_FD, &event) != 0)
		die("epoll_ctl", strerror(errno));
	return epoll;
}

static void serve(struct policy *policy, int epoll, const sigset_t *while_waiting)
{
	struct epoll_event events[EVENTS];

	while (!told_to_end) {
		int delayed = watch_delayed(policy);
		int count = epoll_pwait(epoll, events, EVENTS, child_has_ended ? 0 : delayed, while_waiting);

		if (count < 0 && errno != EINTR)
			die("epoll_pwait", strerror(errno));
		for (int i = 0; i < count; i++) {
			if (events[i].data.ptr == NULL)
				told_to_end = 1;
			else
				service_event(policy, events[i].data.ptr, events[i].events);
		}
		let_signals_in(while_waiting);
		if (child_has_ended) {
			child_has_ended = 0;
			if (services_reap(policy))
				child_has_ended = 1;
		}
	}
}

int main(void)
{
	struct policy policy;
	sigset_t while_waiting;
	const char *failed;
	int epoll;

	if (report_open(REPORT_FD) != 0)
		die("report pipe", strerror(errno));
	handle_signals(&while_waiting);
	prepare_process();
	read_policy(&policy);
	epoll = watch_lifeline();
	failed = services_open(&policy, epoll);
	if (failed != NULL)
		die(failed, strerror(errno));
	report_send(REPORT_READY, REPORT_NO_SITE, NULL, getpid(), 0, 0);
	serve(&policy, epoll, &while_waiting);
	services_end(&policy);
	return EXIT_SUCCESS;
}
