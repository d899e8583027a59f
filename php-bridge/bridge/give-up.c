#include "give-up.h"

#include "bridge.h"
#include "direct.h"
#include "read-ahead.h"
#include "records.h"

#include <errno.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

int give_up_copy(pid_t pid, int descriptor)
{
	int pidfd = (int)syscall(SYS_pidfd_open, pid, 0U);
	int copy, kept;

	if (pidfd < 0)
		return -1;
	copy = (int)syscall(SYS_pidfd_getfd, pidfd, descriptor, 0U); /* it is close-on-exec */
	kept = errno;
	(void)close(pidfd);
	errno = kept;
	return copy;
}

bool give_up_is_possible(pid_t child)
{
	int copy = give_up_copy(child, STDERR_FILENO);

	if (copy < 0)
		return false;
	(void)close(copy);
	return true;
}

bool give_up_idle(struct slot *slot, pid_t pid)
{
	uint32_t connections = atomic_load(&slot->connections);
	/* First the copy: once the state is changed, the child may close it and reuse the number. */
	int copy = give_up_copy(pid, atomic_load(&slot->descriptor));
	bool given;

	/* It would not be woken, and would be neither idle nor gone from then on. The caller looks again. */
	if (copy < 0 && atomic_load(&bridge.board->blind) == 0)
		return false;
	given = slot_change(slot, STATE_IDLE, STATE_GIVEN_UP);
	if (given && atomic_load(&slot->connections) != connections) {
		/* It is idle on another connection by now. */
		(void)slot_change(slot, STATE_GIVEN_UP, STATE_IDLE);
		given = false;
	}
	if (given) {
		atomic_store(&slot->since, clock_ms());
		/* Without a copy the child finds out by itself (board->blind). */
		if (copy >= 0)
			(void)shutdown(copy, SHUT_RD);
	}
	if (copy >= 0)
		(void)close(copy);
	return given;
}

bool give_up_own(int fd)
{
	/* FCGI_END_REQUEST, FCGI_OVERLOADED (FastCGI 1.0, section 5.5) */
	uint8_t refusal[16] = {1, RECORD_END, 0, 0, 0, 8, 0, 0, 0, 0, 0, 0, 2, 0, 0, 0};
	const uint8_t *queued;
	size_t length;

	(void)shutdown(fd, SHUT_RD);
	(void)ahead_fill(fd, MSG_DONTWAIT);
	length = ahead_bytes(&queued);
	if (records_held(queued, length, refusal + 2) != HELD_PART)
		return true;
	(void)direct_send(fd, refusal, sizeof refusal, MSG_NOSIGNAL | MSG_DONTWAIT);
	/* Unread bytes would make a reset of the close. */
	do
		ahead_clear();
	while (ahead_fill(fd, MSG_DONTWAIT) > 0);
	return false;
}
