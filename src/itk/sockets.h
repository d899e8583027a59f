/* The sites' sockets: identity is carried by which of them was connected to. */
#ifndef ITK_SOCKETS_H
#define ITK_SOCKETS_H

#include "policy.h"

/*
 * PURPOSE     Binds a service's socket in the policy's folder under a temporary name, mode 0600 and owned by the
 *             fronts' uid, and renames it into place: a client meets the old socket or the new one.
 * RETURNS     The listening descriptor (close-on-exec, non-blocking), or -1 with errno.
 */
int socket_bind(const struct policy *policy, const struct service *service);

/*
 * PURPOSE     Connects to the log socket and writes the label line "SITE SERVICE PID\n", after which the
 *             descriptor may be given to a program as its stderr.
 * RETURNS     A blocking descriptor, or -1 with errno.
 */
int socket_log(const struct policy *policy, const struct service *service);

/* PURPOSE  Removes the socket's name; errors do not matter (the folder goes too). */
void socket_unlink(const struct policy *policy, const struct service *service);

#endif
