/* Which listeners itk waits on, and which it looks at again only after a delay. */
#ifndef ITK_WATCHING_H
#define ITK_WATCHING_H

#include "policy.h"
#include "report.h"

/* After a failure of the machine's own (no memory, no descriptors). */
#define WATCH_RETRY_MS 200

/* PURPOSE  Sets the epoll descriptor that itk.c waits on. */
void watch_with(int epoll);

/* RETURNS  milliseconds of CLOCK_MONOTONIC. */
int64_t watch_now(void);

/*
 * PURPOSE  Waits for the next event of a listener, for the first time or again. One-shot: a listener that its site
 *          has broken would otherwise wake itk without end.
 */
void watch_first(struct service *service);
void watch_again(struct service *service);

/* PURPOSE  Waits for the listener again after a delay; until then its callers are turned away (services.c). */
void watch_later(struct service *service, int64_t milliseconds);

/*
 * PURPOSE     Watches again the services whose delay is over.
 * RETURNS     Milliseconds until the next one's is, or -1 when none waits.
 */
int watch_delayed(struct policy *policy);

/* PURPOSE  Replaces the listener by a fresh socket, and waits for that. */
void watch_afresh(struct policy *policy, struct service *service);

/* PURPOSE  Reports errno for a step that failed. */
void watch_failure(const struct service *service, enum failure_step step);

#endif
