#include "child.h"

#include "bridge.h"
#include "exchange.h"
#include "prefault.h"
#include "recycle.h"
#include "say.h"
#include "signals.h"
#include "wake.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

/* Without the program's own clean-up: it is its parent's as well, and a process per connection must end cheaply. */
static _Noreturn void leave(int status)
{
	(void)fflush(NULL);
	_exit(status);
}

static int wait_for_connection(struct sockaddr *address, socklen_t *length, int flags)
{
	for (;;) {
		int fd;

		/* A request to leave that comes after this is repeated by the fork server. */
		if (signals_asked_to_leave())
			leave(0);
		fd = (int)syscall(SYS_accept4, bridge.listener, address, length, flags | SOCK_CLOEXEC);
		if (fd >= 0)
			return fd;
		if (errno == EAGAIN) {
			/* Somebody made the listener non-blocking. */
			struct pollfd wait = {.fd = bridge.listener, .events = POLLIN};

			(void)poll(&wait, 1, 1000);
		} else if (errno != EINTR && errno != ECONNABORTED) {
			say("accept: %s", strerror(errno));
			leave(1);
		}
	}
}

int child_accept(struct sockaddr *address, socklen_t *length, int flags)
{
	struct slot *slot = bridge.slot;
	int fd;

	if (atomic_load(&slot->connections) > 0) {
		if (!bridge.settings.pool || recycle_due()) {
			prefault_leave();
			leave(0);
		}
		slot_enter(bridge.board, slot, STATE_WAITING);
		wake_if_wanted();
	}
	signals_wait();
	fd = wait_for_connection(address, length, flags);
	/* In this order: who sees the same number of connections before and after has seen the descriptor of that one. */
	atomic_store(&slot->descriptor, fd);
	atomic_fetch_add(&slot->connections, 1);
	slot_enter(bridge.board, slot, STATE_IDLE);
	exchange_start(fd);
	wake_server();
	if (!bridge.settings.pool) {
		(void)close(bridge.listener);
		bridge.listener = -1;
	}
	signals_restore();
	return fd;
}
