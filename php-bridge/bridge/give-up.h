/*
 * Giving up an idle kept connection. No request may be lost or run twice by it: SHUT_RD makes the peer's next write
 * fail with EPIPE, while bytes that are queued already can still be read (unix(7) sockets). Who takes the state from
 * STATE_IDLE, the fork server or the child that has seen a request coming, is decided by one compare-and-swap.
 */
#ifndef BRIDGE_GIVE_UP_H
#define BRIDGE_GIVE_UP_H

#include "board.h"

#include <stdbool.h>
#include <sys/types.h>

/*
 * PURPOSE     in the fork server: a copy of a child's connection; close it at once, a copy keeps the peer waiting
 * RETURNS     -1 when it cannot be had (errno): the child is gone, or pidfd_getfd(2) is not allowed
 */
int give_up_copy(pid_t pid, int descriptor);

/* RETURNS  true when the connections of that child can be copied; errno otherwise */
bool give_up_is_possible(pid_t child);

/*
 * PURPOSE     in the fork server: takes the connection from an idle child
 * RETURNS     false when it was not idle any more, or its connection cannot be had
 */
bool give_up_idle(struct slot *slot, pid_t pid);

/*
 * PURPOSE     in a child whose connection has been given up, once it is awake
 * RETURNS     true when a whole request, or the end, is to be read; false when only a part of a request had come: it was
 *             answered with FCGI_OVERLOADED (not run: the peer may repeat it), and the connection is done
 */
bool give_up_own(int fd);

#endif
