/* Starting, watching and ending what serves the sites. */
#ifndef ITK_SERVICES_H
#define ITK_SERVICES_H

#include "policy.h"

#include <sys/types.h>

/*
 * PURPOSE     Opens the workers' executables, binds every socket and begins to watch them.
 * PARAMETERS  epoll: the descriptor that itk.c waits on; its events carry a struct service.
 * RETURNS     NULL, or what failed (errno is set).
 */
const char *services_open(struct policy *policy, int epoll);

/* PURPOSE  A watched socket has become readable (or was hung up): events as from epoll_wait. */
void service_event(struct policy *policy, struct service *service, uint32_t events);

/*
 * PURPOSE     Reaps children that have ended and does what their services then need; a bounded number, so that a
 *             site whose orphans end as fast as they are reaped does not keep us from the others.
 * RETURNS     true when there may be more.
 */
bool services_reap(struct policy *policy);

/*
 * PURPOSE     Closes the sockets and ends every process below itk, also those that have left their service's
 *             process group and session.
 */
void services_end(struct policy *policy);

#endif
