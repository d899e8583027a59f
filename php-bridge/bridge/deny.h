#ifndef BRIDGE_DENY_H
#define BRIDGE_DENY_H

#include "guard.h"

/*
 * PURPOSE     in a child: logs a request that is not let through and answers it, 403 or 404, in the program's place. The
 *             connection is then at its end for whoever reads it: shut for more, and empty
 */
void deny(int fd, const struct guard_refusal *refusal);

/* PURPOSE  makes the connection's end of what has come, and of what may come */
void deny_more(int fd);

#endif
