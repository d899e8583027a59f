#include "limits.h"

#include "bridge.h"
#include "give-up.h"
#include "say.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

/* How often the connections of running children are looked at, and children asked again to leave. */
#define LOOK_MS 200
#define ASK_MS 100
#define KILL_MS 2000

static int64_t looked_at;

static void at_most(int64_t *next, int64_t milliseconds)
{
	if (milliseconds < 1)
		milliseconds = 1;
	if (*next < 0 || milliseconds < *next)
		*next = milliseconds;
}

/* Both directions are closed: a peer that only sends no more is still there to read the answer. */
static bool peer_has_left(const struct child *child)
{
	struct pollfd look = {.fd = give_up_copy(child->pid, atomic_load(&child->slot->descriptor))};
	bool left;

	if (look.fd < 0)
		return false;
	left = poll(&look, 1, 0) == 1 && (look.revents & (POLLHUP | POLLERR)) != 0;
	(void)close(look.fd);
	return left;
}

/*
 * Its state is read last but for `since`, which a child writes first: what was looked at belongs to the request that
 * still runs, and not to one before.
 */
static bool still_runs(const struct child *child, int64_t since)
{
	return atomic_load(&child->slot->state) == STATE_RUNNING && atomic_load(&child->slot->since) == since;
}

static void end_request(struct child *child, int64_t now, uint32_t request, const char *why)
{
	child->ended_at = now;
	child->ended_request = request;
	child->killed = true;
	say("pid %ld is ended: %s: %.*s", (long)child->pid, why, SCRIPT_MAX - 1, child->slot->script);
	(void)kill(child->pid, SIGTERM);
}

static void running(struct child *child, int64_t now, bool look, int64_t *next)
{
	uint32_t request = atomic_load(&child->slot->requests);
	int64_t entered = atomic_load(&child->slot->since);
	/* Both times are cut to milliseconds. The front measures too, and what ends before its time is a crash to it. */
	int64_t since = entered + 1;
	int64_t limit = bridge.settings.timeout;

	if (child->ended_at != 0 && child->ended_request == request) {
		int64_t left = child->ended_at + KILL_MS - now;

		if (left <= 0)
			(void)kill(child->pid, SIGKILL);
		at_most(next, left <= 0 ? ASK_MS : left);
		return;
	}
	if (child->ended_at != 0) {
		/* It ended that request in time, and runs another. */
		child->ended_at = 0;
		child->killed = false;
	}
	if (limit != 0 && now - since >= limit && still_runs(child, entered))
		end_request(child, now, request, "RequestTimeout");
	else if (look && now - since >= ASK_MS && peer_has_left(child) && still_runs(child, entered))
		end_request(child, now, request, "its client has left");
	if (child->ended_at != 0)
		at_most(next, KILL_MS);
	else if (limit != 0)
		at_most(next, since + limit - now);
	if (bridge.settings.kill)
		at_most(next, LOOK_MS);
	/* Nobody wakes us when it becomes idle, and then it is not to be kept for ever. */
	if (bridge.settings.idle != 0)
		at_most(next, bridge.settings.idle);
}

static void idle(struct child *child, int64_t now, int64_t *next)
{
	int64_t until = atomic_load(&child->slot->since) + bridge.settings.idle;

	if (bridge.settings.idle == 0)
		return;
	if (now >= until)
		(void)give_up_idle(child->slot, child->pid);
	at_most(next, now >= until ? ASK_MS : until - now);
}

/* True when it was one too many. */
static bool waiting(struct child *child, int64_t now, int64_t *next)
{
	int64_t until = atomic_load(&child->slot->since) + bridge.settings.idle;

	if (now >= until) {
		(void)kill(child->pid, SIGURG);
		at_most(next, ASK_MS);
		return true;
	}
	at_most(next, until - now);
	return false;
}

bool limits_enforce(int64_t now, const struct counts *counts, int64_t *next)
{
	bool seen_running = false;
	bool look = bridge.settings.kill && now - looked_at >= LOOK_MS;
	uint32_t ready = counts->waiting, seen = 0;

	if (look)
		looked_at = now;
	for (uint32_t place = 0; place < bridge.settings.children && seen < counts->all; place++) {
		struct child *child = children_at(place);

		if (child->pid == 0)
			continue;
		seen++;
		switch (atomic_load(&child->slot->state)) {
		case STATE_RUNNING:
			running(child, now, look, next);
			seen_running = true;
			break;
		case STATE_IDLE:
			idle(child, now, next);
			break;
		case STATE_WAITING:
			if (bridge.settings.idle != 0 && ready > bridge.settings.spare && waiting(child, now, next))
				ready--;
			break;
		default:
			break;
		}
	}
	return seen_running;
}

void limits_dismiss_waiting(void)
{
	for (uint32_t place = 0; place < bridge.settings.children; place++) {
		struct child *child = children_at(place);

		if (child->pid != 0 && atomic_load(&child->slot->state) == STATE_WAITING)
			(void)kill(child->pid, SIGURG);
	}
}
