#include "bridge.h"
#include "children.h"
#include "give-up.h"
#include "hide.h"
#include "huge-code.h"
#include "huge.h"
#include "limits.h"
#include "listener.h"
#include "merge.h"
#include "prefault.h"
#include "refuse.h"
#include "room.h"
#include "say.h"
#include "signals.h"
#include "snapshot.h"
#include "stop.h"
#include "threads.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#define RETRY_MS 200
#define ASK_MS 100
/* So long a connection waits for a process that cannot be made, where there is none to wait for. */
#define REFUSE_MS 5000
/* A site at its limit of processes fails and succeeds in turns, with every request: a line for each would fill its log. */
#define SAY_AGAIN_MS 60000
/* Out of the way of what a program opens; a process with few descriptors gets the next that is free. */
#define LISTENER_FD 64

static bool fork_failed; /* at the last attempt */

static _Noreturn void cannot(const char *what)
{
	say("%s: %s", what, strerror(errno));
	_exit(1);
}

/* A program that a script starts is to find nothing on descriptor 0, neither our listener nor no descriptor at all. */
static void move_listener(void)
{
	int nothing = open("/dev/null", O_RDONLY | O_CLOEXEC);

	bridge.listener = fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, LISTENER_FD);
	if (bridge.listener < 0)
		bridge.listener = fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, STDERR_FILENO + 1);
	if (bridge.listener < 0 || nothing < 0 || dup2(nothing, STDIN_FILENO) < 0)
		cannot("the listener");
	(void)close(nothing);
}

static void prepare(void)
{
	if (!children_open())
		cannot("memory");
	if (bridge.ini_folder >= 0) {
		(void)close(bridge.ini_folder);
		hide_variable("PHP_INI_SCAN_DIR");
	}
	/* php-cgi has read it by now. */
	hide_variable("PHP_FCGI_MAX_REQUESTS");
	move_listener();
	signals_take();
	/* What is buffered would be written once by each child. */
	(void)fflush(NULL);
	atomic_store(&bridge.board->last_work, clock_ms());
	/* A pool forks too seldom for that to matter. */
	if (!bridge.settings.pool) {
		/* What another thread writes between the copy and its being put in place would be lost. */
		bool movable = threads_none_besides();

		if (movable)
			huge_prepare();
		merge_libraries();
		if (movable)
			huge_code_prepare();
		if (movable)
			snapshot_take();
		prefault_prepare();
	}
}

/* A container or Yama may forbid pidfd_getfd(2); then children look by themselves, as they do until this is known. */
static void look_into_child(void)
{
	static bool done;
	pid_t pid = children_at(0)->pid;

	if (done || pid == 0)
		return;
	done = give_up_is_possible(pid);
	if (done) {
		atomic_store(&bridge.board->blind, 0);
	} else if (errno != ESRCH && errno != EBADF) { /* It has ended already: the next one will tell. */
		done = true;
		if (bridge.settings.kill)
			say("KillOnDisconnect has no effect here: pidfd_getfd: %s", strerror(errno));
	}
}

static void say_fork_failed(const char *why)
{
	static int64_t said; /* clock_ms(); 0: never */
	int64_t now = clock_ms();

	if (said != 0 && now - said < SAY_AGAIN_MS)
		return;
	say("fork: %s", why);
	said = now;
}

/* As many as are to wait, and one more for a connection that finds none. True in a child. */
static bool fork_children(struct counts *counts, bool connection, int64_t *next)
{
	uint32_t wanted = connection && bridge.settings.spare == 0 ? 1 : bridge.settings.spare;

	fork_failed = false;
	while (counts->waiting < wanted && counts->all < bridge.settings.children) {
		int made = children_fork();

		if (made == 1)
			return true;
		if (made < 0) {
			say_fork_failed(strerror(errno));
			fork_failed = true;
			*next = RETRY_MS;
			return false;
		}
		look_into_child();
		counts->waiting++;
		counts->all++;
	}
	return false;
}

/* True when the site has had no work for so long that no process is to be kept for it. */
static bool has_no_work(int64_t now, const struct counts *counts, int64_t *next)
{
	int64_t until = atomic_load(&bridge.board->last_work) + bridge.settings.idle;

	if (bridge.settings.idle == 0 || counts->waiting != counts->all)
		return false;
	if (now < until && (*next < 0 || until - now < *next))
		*next = until - now;
	return now >= until;
}

/* Waits for a signal, a connection or the time. Returns true when a connection waits. */
static bool sleep_until(bool watch, int64_t next)
{
	struct pollfd listener = {.fd = watch ? bridge.listener : -1, .events = POLLIN};
	int ready = signals_poll(&listener, 1, next > 3600000 ? 3600000 : (int)next);

	if (ready == 1 && (listener.revents & (POLLHUP | POLLERR | POLLNVAL)) != 0) {
		say("the listener has been shut down");
		stop();
	}
	return ready == 1;
}

void server_run(void)
{
	bool connection = false, watch = false, pressed, seen_running;
	int64_t pressed_since = 0; /* 0: nobody waits for a place */

	prepare();
	for (;;) {
		int64_t now = clock_ms(), next = -1;
		struct counts counts;

		/* The listener is broken: itk makes another once we are gone; what runs may finish, within stop's patience. */
		if (!children_reap())
			stop();
		if (signals_terminating())
			stop();
		counts = children_count();
		if (has_no_work(now, &counts, &next) && !connection) {
			if (counts.all == 0)
				_exit(0);
			limits_dismiss_waiting();
			watch = false;
			(void)sleep_until(watch, ASK_MS);
			continue;
		}
		if (fork_children(&counts, connection, &next))
			return;
		/* Looked at again after the count: a child that is counted as busy may have taken it meanwhile. */
		if (connection && counts.waiting == 0)
			connection = listener_has_connection(bridge.listener);
		pressed = connection && counts.waiting == 0 &&
			  (fork_failed || counts.all >= bridge.settings.children);
		if (counts.waiting > 0 || (watch && !connection))
			pressed_since = 0;
		if (pressed && pressed_since == 0)
			pressed_since = now;
		if (pressed)
			room_make(now, pressed_since, &counts, &next);
		if (pressed && counts.all == 0 && now - pressed_since >= REFUSE_MS)
			refuse_waiting(bridge.listener);
		seen_running = limits_enforce(now, &counts, &next);
		/*
		 * A child that starts a request while nobody runs, or ends one while somebody waits, wakes us. What
		 * limits_enforce saw counts: since a child was counted as running it may have become idle, and then
		 * nothing has set a time to look at its next request. So all is counted once more, at once; a connection
		 * that waited may be a child's by then.
		 */
		if ((pressed || (!seen_running && counts.running + counts.idle > 0)) &&
		    atomic_exchange(&bridge.board->wake, 1) == 0)
			next = 0;
		/* One that has been seen is not looked at again before something has changed: no spinning. */
		watch = counts.waiting == 0 && !pressed;
		connection = sleep_until(watch, next);
	}
}
