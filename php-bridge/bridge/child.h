/* A child's way to its connections. */
#ifndef BRIDGE_CHILD_H
#define BRIDGE_CHILD_H

#include <sys/socket.h>

/*
 * PURPOSE     accept4(2) in a child: waits for a connection; ends the process when its lifetime is over
 * PARAMETERS  as accept4(2)
 * RETURNS     the connection, close-on-exec
 */
int child_accept(struct sockaddr *address, socklen_t *length, int flags);

#endif
