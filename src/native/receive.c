#include "receive.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/* SCM_MAX_FD of the kernel: with room for all, none can arrive unseen. */
#define DESCRIPTORS_MAX 253

/* PURPOSE  Collects what SCM_RIGHTS brought. RETURNS how many. */
static size_t collect(struct msghdr *message, int *list, size_t room)
{
	size_t count = 0;

	for (struct cmsghdr *part = CMSG_FIRSTHDR(message); part != NULL; part = CMSG_NXTHDR(message, part)) {
		size_t bytes;

		if (part->cmsg_level != SOL_SOCKET || part->cmsg_type != SCM_RIGHTS || part->cmsg_len < CMSG_LEN(0))
			continue;
		bytes = (size_t)part->cmsg_len - CMSG_LEN(0);
		for (size_t at = 0; at + sizeof(int) <= bytes && count < room; at += sizeof(int))
			memcpy(&list[count++], CMSG_DATA(part) + at, sizeof(int));
	}
	return count;
}

enum received receive_message(int fd, void *buffer, size_t *length, int *passed)
{
	union {
		char bytes[CMSG_SPACE(DESCRIPTORS_MAX * sizeof(int))];
		struct cmsghdr align;
	} control;
	int list[DESCRIPTORS_MAX];
	struct iovec part = {.iov_base = buffer, .iov_len = RECEIVE_MAX};
	struct msghdr message = {.msg_iov = &part, .msg_iovlen = 1};
	size_t count;
	ssize_t got;

	do {
		message.msg_control = control.bytes;
		message.msg_controllen = sizeof control.bytes;
		message.msg_flags = 0;
		got = recvmsg(fd, &message, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);
	} while (got < 0 && errno == EINTR);
	if (got < 0)
		return errno == EAGAIN || errno == EWOULDBLOCK ? RECEIVED_NOTHING : RECEIVED_END;
	count = collect(&message, list, DESCRIPTORS_MAX);
	/* MSG_CTRUNC: descriptors were lost, e.g. because our own table is full (unix(7)). */
	if (got == 0 || count > 1 || (message.msg_flags & (MSG_TRUNC | MSG_CTRUNC)) != 0) {
		for (size_t i = 0; i < count; i++)
			(void)close(list[i]);
		return RECEIVED_END;
	}
	*length = (size_t)got;
	*passed = count == 1 ? list[0] : -1;
	return RECEIVED_MESSAGE;
}
