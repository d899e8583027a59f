#include "refuse.h"

#include "direct.h"
#include "listener.h"
#include "records.h"

#include <stdint.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

static void refuse(int fd)
{
	/* FCGI_END_REQUEST, FCGI_OVERLOADED (FastCGI 1.0, section 5.5) */
	uint8_t answer[16] = {1, RECORD_END, 0, 1, 0, 8, 0, 0, 0, 0, 0, 0, 2, 0, 0, 0};
	uint8_t unread[4096];
	ssize_t length = direct_recv(fd, unread, sizeof unread, MSG_DONTWAIT);

	/* The request's id: of FCGI_BEGIN_REQUEST, with which it starts. */
	if (length >= 4) {
		answer[2] = unread[2];
		answer[3] = unread[3];
	}
	(void)direct_send(fd, answer, sizeof answer, MSG_NOSIGNAL | MSG_DONTWAIT);
	/* Unread bytes would make a reset of the close. */
	while (direct_recv(fd, unread, sizeof unread, MSG_DONTWAIT) > 0)
		;
}

void refuse_waiting(int listener)
{
	while (listener_has_connection(listener)) {
		int fd = (int)syscall(SYS_accept4, listener, NULL, NULL, SOCK_CLOEXEC);

		if (fd < 0)
			return;
		refuse(fd);
		(void)close(fd);
	}
}
