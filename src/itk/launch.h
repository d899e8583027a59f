/* What a forked child of itk does until it is the program it was forked for. */
#ifndef ITK_LAUNCH_H
#define ITK_LAUNCH_H

#include "policy.h"

/*
 * PURPOSE     In the child: take the site's identity and execute the service's worker, with the connection as
 *             descriptor 0 and its policy as descriptor 3.
 * RETURNS     Never.
 */
_Noreturn void launch_worker(const struct policy *policy, const struct service *service, int connection);

/*
 * PURPOSE     In the child: take the site's identity and execute the service's program with the listener as
 *             descriptor 0, blocking (and its private folder as descriptor 3).
 * RETURNS     Never.
 */
_Noreturn void launch_program(const struct policy *policy, const struct service *service);

/*
 * PURPOSE     In the child: take the site's identity, then accept and close whoever connects, for at most
 *             `milliseconds`. itk itself never accepts on a listener that a site has held: the site may have
 *             made it blocking.
 * RETURNS     Never.
 */
_Noreturn void launch_refusal(const struct policy *policy, const struct service *service, int milliseconds);

#endif
