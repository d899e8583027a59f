#include "answer.h"

#include <errno.h>
#include <poll.h>
#include <stdbool.h>
#include <string.h>
#include <sys/socket.h>

/* Descriptors in flight are counted for all of the user's processes (unix(7), ETOOMANYREFS): wait, then look again. */
#define TOO_MANY_WAIT_MS 5
#define TOO_MANY_TRIES 1000

/* PURPOSE  Waits for room. RETURNS false when waiting is of no use. */
static bool wait_for_room(int connection, int error, int *tries)
{
	struct pollfd room = {.fd = connection, .events = POLLOUT};

	if (error == EINTR)
		return true;
	if (error == ETOOMANYREFS) {
		/* The socket has room: this only sleeps, and sees a front that has gone. */
		room.events = 0;
		return ++*tries <= TOO_MANY_TRIES && poll(&room, 1, TOO_MANY_WAIT_MS) == 0;
	}
	if (error == ENOBUFS || error == ENOMEM)
		return ++*tries <= TOO_MANY_TRIES && poll(NULL, 0, TOO_MANY_WAIT_MS) == 0;
	if (error != EAGAIN && error != EWOULDBLOCK)
		return false;
	return poll(&room, 1, -1) >= 0 || errno == EINTR;
}

static void attach(struct msghdr *message, void *control, size_t size, int descriptor)
{
	struct cmsghdr *part;

	message->msg_control = control;
	message->msg_controllen = size;
	part = CMSG_FIRSTHDR(message);
	part->cmsg_level = SOL_SOCKET;
	part->cmsg_type = SCM_RIGHTS;
	part->cmsg_len = CMSG_LEN(sizeof descriptor);
	memcpy(CMSG_DATA(part), &descriptor, sizeof descriptor);
}

int answer_send(int connection, uint32_t id, const struct resolution *what, int descriptor)
{
	struct files_answer head = {
		.id = id,
		.result = (uint8_t)what->result,
		.flags = what->flags,
		.consumed = (uint16_t)what->consumed,
		.mode = what->stat.st_mode,
		.error = what->error,
		.size = (uint64_t)what->stat.st_size,
		.mtime_ns = (int64_t)what->stat.st_mtim.tv_sec * 1000000000 + what->stat.st_mtim.tv_nsec,
		.ino = what->stat.st_ino,
		.dev = what->stat.st_dev,
		.file_length = (uint16_t)what->file_length,
		.notice_length = (uint16_t)what->notice_length,
	};
	struct iovec parts[] = {
		{.iov_base = &head, .iov_len = sizeof head},
		{.iov_base = (void *)(uintptr_t)what->file, .iov_len = what->file_length},
		{.iov_base = (void *)(uintptr_t)what->notice, .iov_len = what->notice_length},
	};
	union {
		char bytes[CMSG_SPACE(sizeof(int))];
		struct cmsghdr align;
	} control;
	struct msghdr message = {.msg_iov = parts, .msg_iovlen = sizeof parts / sizeof *parts};
	int tries = 0;

	memset(&control, 0, sizeof control);
	if (descriptor >= 0)
		attach(&message, control.bytes, sizeof control.bytes, descriptor);
	while (sendmsg(connection, &message, MSG_DONTWAIT | MSG_NOSIGNAL) < 0)
		if (!wait_for_room(connection, errno, &tries))
			return -1;
	return 0;
}
