#include "signals.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <unistd.h>

static struct sigaction saved_child, saved_urgent, saved_term;
static sigset_t saved_mask;
static bool taken;
static long owner; /* the thread that waits for them */
static volatile sig_atomic_t urgent, term;

static void on_signal(int number)
{
	if (number == SIGTERM)
		term = 1;
	else if (number == SIGURG)
		urgent = 1;
	/* Who waits blocks them but while it sleeps: before that, a thread of an extension's may be given them instead. */
	if (syscall(SYS_gettid) != owner) {
		int saved = errno;

		(void)syscall(SYS_tgkill, getpid(), owner, number);
		errno = saved;
	}
}

static void handle(int number, struct sigaction *saved)
{
	struct sigaction act = {.sa_handler = on_signal}; /* without SA_RESTART: accept is to end */

	if (sigemptyset(&act.sa_mask) != 0 || sigaction(number, &act, saved) != 0)
		abort();
}

static void set_mask(int how, const sigset_t *mask, sigset_t *old)
{
	if (sigprocmask(how, mask, old) != 0)
		abort();
}

static sigset_t ours(void)
{
	sigset_t set;

	if (sigemptyset(&set) != 0 || sigaddset(&set, SIGCHLD) != 0 || sigaddset(&set, SIGURG) != 0 ||
	    sigaddset(&set, SIGTERM) != 0)
		abort();
	return set;
}

void signals_take(void)
{
	sigset_t set = ours();

	owner = syscall(SYS_gettid);
	set_mask(SIG_BLOCK, &set, &saved_mask);
	handle(SIGCHLD, &saved_child);
	handle(SIGURG, &saved_urgent);
	handle(SIGTERM, &saved_term);
	taken = true;
}

static sigset_t open_mask(void)
{
	sigset_t mask = saved_mask;

	if (sigdelset(&mask, SIGCHLD) != 0 || sigdelset(&mask, SIGURG) != 0 || sigdelset(&mask, SIGTERM) != 0)
		abort();
	return mask;
}

int signals_poll(struct pollfd *fds, nfds_t count, int milliseconds)
{
	struct timespec limit = {.tv_sec = milliseconds / 1000, .tv_nsec = milliseconds % 1000 * 1000000L};
	sigset_t mask = open_mask();

	return ppoll(fds, count, milliseconds < 0 ? NULL : &limit, &mask);
}

bool signals_terminating(void)
{
	return term != 0;
}

void signals_wait(void)
{
	sigset_t mask;

	owner = syscall(SYS_gettid);
	if (!taken) {
		set_mask(SIG_BLOCK, NULL, &saved_mask);
		handle(SIGURG, &saved_urgent);
		handle(SIGTERM, &saved_term);
		if (sigaction(SIGCHLD, NULL, &saved_child) != 0)
			abort();
		taken = true;
	} else if (sigaction(SIGCHLD, &saved_child, NULL) != 0) {
		abort();
	}
	urgent = 0;
	term = 0;
	mask = open_mask();
	set_mask(SIG_SETMASK, &mask, NULL);
}

bool signals_asked_to_leave(void)
{
	return urgent != 0 || term != 0;
}

void signals_restore(void)
{
	if (sigaction(SIGURG, &saved_urgent, NULL) != 0 || sigaction(SIGTERM, &saved_term, NULL) != 0)
		abort();
	set_mask(SIG_SETMASK, &saved_mask, NULL);
	taken = false;
	if (term != 0)
		(void)raise(SIGTERM);
}

_Noreturn void signals_end_by_term(void)
{
	struct sigaction act = {.sa_handler = SIG_DFL};
	sigset_t mask;

	if (sigaction(SIGTERM, &act, NULL) == 0 && sigemptyset(&mask) == 0 && raise(SIGTERM) == 0)
		set_mask(SIG_SETMASK, &mask, NULL);
	_exit(0);
}
