#include "room.h"

#include "give-up.h"

#include <stddef.h>

/* A client this long without a request is silent. Where none is for PATIENCE_MS, any that is between two gives way. */
#define SILENT_MS 100
#define PATIENCE_MS 500
/* So long a child may take to end, or to accept again, before another one is asked. */
#define SETTLE_MS 1000
#define LOOK_MS 50

static struct {
	const struct child *child;
	pid_t pid;
	uint32_t connections;
	uint32_t requests;
	int64_t at;
} last;

/* False while the one that was asked last may still make the room: it has not, when a request was there already. */
static bool settled(int64_t now)
{
	return last.child == NULL || last.child->pid != last.pid ||
	       atomic_load(&last.child->slot->connections) != last.connections ||
	       atomic_load(&last.child->slot->requests) != last.requests || now - last.at >= SETTLE_MS;
}

void room_make(int64_t now, int64_t pressed_since, const struct counts *counts, int64_t *next)
{
	struct child *child;
	uint32_t connections, requests;

	if (counts->idle_longest < 0)
		return;
	child = children_at((uint32_t)counts->idle_longest);
	connections = atomic_load(&child->slot->connections);
	requests = atomic_load(&child->slot->requests);
	if (settled(now) &&
	    (now - atomic_load(&child->slot->since) >= SILENT_MS || now - pressed_since >= PATIENCE_MS) &&
	    give_up_idle(child->slot, child->pid)) {
		last.child = child;
		last.pid = child->pid;
		last.connections = connections;
		last.requests = requests;
		last.at = now;
	}
	if (*next < 0 || *next > LOOK_MS)
		*next = LOOK_MS;
}
