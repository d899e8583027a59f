/* The fork server's own list of its children. Pids are kept here and not in shared memory: they are sent signals. */
#ifndef BRIDGE_CHILDREN_H
#define BRIDGE_CHILDREN_H

#include "board.h"

#include <stdbool.h>
#include <sys/types.h>

struct child {
	pid_t pid;              /* 0: a free place */
	int64_t ended_at;       /* clock_ms() of the SIGTERM to what it runs; 0: none */
	uint32_t ended_request; /* the count of its requests at that time */
	bool killed;            /* by us: its end needs no other line */
	struct slot *slot;
};

struct counts {
	uint32_t all;
	uint32_t waiting;
	uint32_t idle;
	uint32_t running;
	int64_t idle_longest; /* place of the child that has been idle longest; -1: none */
};

/* RETURNS  false when there is no memory */
bool children_open(void);

/* RETURNS  the child in that place, 0 <= place < settings.children */
struct child *children_at(uint32_t place);

/*
 * PURPOSE     forks a child, which waits for a connection
 * RETURNS     1 in the child; 0 in the fork server; -1 when none could be made (errno, or no free place)
 */
int children_fork(void);

/*
 * PURPOSE     waits for those that have ended; says so of each that was ended by a signal
 * RETURNS     false when one could not wait for connections, which the next one could not either
 */
bool children_reap(void);

struct counts children_count(void);

#endif
