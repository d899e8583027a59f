#include "children.h"

#include "bridge.h"
#include "huge.h"
#include "prefault.h"
#include "say.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

static struct child *children;
/* Places are taken from the lowest on, so that a large MaxChildren costs nothing while few are in use. */
static uint32_t top;

bool children_open(void)
{
	children = calloc(bridge.settings.children, sizeof *children);
	return children != NULL;
}

struct child *children_at(uint32_t place)
{
	return &children[place];
}

static uint32_t free_place(void)
{
	uint32_t place = 0;

	while (place < bridge.settings.children && children[place].pid != 0)
		place++;
	return place;
}

static void enter_child(struct child *child)
{
	bridge.role = ROLE_CHILD;
	bridge.parent = bridge.self;
	bridge.self = getpid();
	bridge.slot = child->slot;
	/* fork does not inherit it (prctl(2)); the fork server may be gone by now. */
	if (prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0) != 0 || getppid() != bridge.parent)
		_exit(0);
	prefault_enter();
}

int children_fork(void)
{
	uint32_t place = free_place();
	struct child *child;
	pid_t pid;

	if (place == bridge.settings.children) {
		errno = EAGAIN;
		return -1;
	}
	child = &children[place];
	*child = (struct child){.slot = &bridge.board->slots[place]};
	atomic_store(&child->slot->requests, 0);
	atomic_store(&child->slot->connections, 0);
	atomic_store(&child->slot->descriptor, -1);
	child->slot->script[0] = '\0';
	atomic_store(&child->slot->since, clock_ms());
	atomic_store(&child->slot->state, STATE_WAITING);
	huge_look();
	prefault_before_fork();
	pid = fork();
	if (pid == 0) {
		enter_child(child);
		return 1;
	}
	if (pid < 0)
		return -1;
	child->pid = pid;
	if (place >= top)
		top = place + 1;
	return 0;
}

static struct child *find(pid_t pid)
{
	for (uint32_t place = 0; place < top; place++)
		if (children[place].pid == pid)
			return &children[place];
	return NULL;
}

/* False when it has not even been able to wait. */
static bool ended(struct child *child, int status)
{
	struct slot *slot = child->slot;
	bool never_served = atomic_load(&slot->connections) == 0;

	if (WIFSIGNALED(status) && !child->killed)
		say("pid %ld was ended by signal %d (%s) after %u requests: %.*s", (long)child->pid, WTERMSIG(status),
		    strsignal(WTERMSIG(status)), (unsigned)atomic_load(&slot->requests), SCRIPT_MAX - 1, slot->script);
	if (atomic_load(&slot->state) != STATE_WAITING)
		atomic_store(&bridge.board->last_work, clock_ms());
	child->pid = 0;
	while (top > 0 && children[top - 1].pid == 0)
		top--;
	return !never_served || (WIFEXITED(status) && WEXITSTATUS(status) == 0);
}

bool children_reap(void)
{
	bool healthy = true;
	int status;
	pid_t pid;

	while ((pid = waitpid(-1, &status, WNOHANG)) > 0) {
		struct child *child = find(pid);

		/* The program may have started processes of its own before it first accepted. */
		if (child != NULL && !ended(child, status))
			healthy = false;
	}
	return healthy;
}

static void count(struct counts *counts, uint32_t place, int64_t *longest)
{
	struct slot *slot = children[place].slot;
	uint32_t state = atomic_load(&slot->state);
	int64_t since = atomic_load(&slot->since);

	counts->all++;
	counts->waiting += state == STATE_WAITING;
	counts->running += state == STATE_RUNNING;
	if (state != STATE_IDLE)
		return;
	counts->idle++;
	if (counts->idle_longest < 0 || since < *longest) {
		counts->idle_longest = place;
		*longest = since;
	}
}

struct counts children_count(void)
{
	struct counts counts = {.idle_longest = -1};
	int64_t longest = 0;

	for (uint32_t place = 0; place < top; place++)
		if (children[place].pid != 0)
			count(&counts, place, &longest);
	return counts;
}
