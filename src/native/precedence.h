/*
 * A new connection is the first front's that has room. The kernel tells one front that waits; but another that is at work for
 * a moment comes back to it sooner, and with warmer caches, than that one is awake: where sites' programs have the
 * processors, two fronts at a little work each cost half as much again as one with all of it.
 *
 * The fronts of a generation tell each other in shared memory: they have one user, and nobody else may open it. It is about
 * who is sooner, never about whether: what is left to another is looked at again within moments.
 */
#ifndef NATIVE_PRECEDENCE_H
#define NATIVE_PRECEDENCE_H

#include <stdbool.h>
#include <stdint.h>
#include <time.h>

#define PLACES_MAX 64
#define LISTENERS_MAX 64

struct standing;

struct precedence {
	int epoll;
	struct standing *standings; /* by place; NULL: there is no order, and all is taken */
	uint32_t place;
	bool crowded;
	uint64_t since;		   /* of the time that is measured: milliseconds of the loop */
	struct timespec used;	   /* of the processor until then */
	uint32_t seen[PLACES_MAX]; /* turns of those before us when we looked last */
	bool asked, comes;	   /* whether one of them comes, once it has been asked in this turn */
	struct {
		int fd;
		uint64_t look; /* it is left, and not watched, until then; 0: it is watched */
		bool again;    /* it has been looked at since */
		bool ours;     /* what comes next is taken */
	} listeners[LISTENERS_MAX];
	uint32_t count;
	uint64_t look; /* the next of these; 0: none is left */
};

/*
 * PURPOSE     from now on what comes to a listener may be left to a front of a lower place
 * PARAMETERS  path: of the shared memory, which the first to come makes
 * RETURNS     0, or an errno
 */
int precedence_open(struct precedence *order, const char *path, uint32_t place, uint64_t now);

/* PURPOSE  a listener is watched from now on, or no longer */
void precedence_add(struct precedence *order, int fd);
void precedence_remove(struct precedence *order, int fd);

/* PURPOSE  requests wait in this front, or connections are too many: nobody is to leave more to it */
void precedence_crowd(struct precedence *order, bool crowded);

/* PURPOSE  at each turn of the event loop, before anything is taken: tells the others, and looks at what was left */
void precedence_turn(struct precedence *order, uint64_t now);

/* RETURNS  whether what comes to `fd`, if it is a listener, is left */
bool precedence_leave(struct precedence *order, int fd, uint64_t now);

#endif
