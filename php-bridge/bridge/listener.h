#ifndef BRIDGE_LISTENER_H
#define BRIDGE_LISTENER_H

#include <poll.h>
#include <stdbool.h>

/* RETURNS  true when a connection waits there to be accepted */
static inline bool listener_has_connection(int fd)
{
	struct pollfd look = {.fd = fd, .events = POLLIN};

	return poll(&look, 1, 0) == 1 && (look.revents & POLLIN) != 0;
}

#endif
