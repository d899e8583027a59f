#include "usage-record.h"

#include "records.h"
#include "usage.h"

#include <errno.h>
#include <poll.h>
#include <stdbool.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

#define HEADER 8
#define CONTENT 24

static void put(uint8_t *at, uint64_t value)
{
	for (size_t i = 8; i > 0; i--, value >>= 8)
		at[i - 1] = (uint8_t)value;
}

static void make(uint8_t *record, const uint8_t *end)
{
	struct usage usage = usage_so_far();

	memset(record, 0, HEADER + CONTENT);
	record[0] = 1;
	record[1] = RECORD_USAGE;
	/* The id of the request. */
	memcpy(record + 2, end + 2, 2);
	record[5] = CONTENT;
	put(record + HEADER, usage.microseconds);
	put(record + HEADER + 8, usage.peak);
	/* The wait status: this process does not end. END_REQUEST has what the program says of itself. */
	memset(record + HEADER + 16, 0xff, 4);
}

static ssize_t put_out(int fd, struct iovec *parts, size_t count, int flags)
{
	struct msghdr message = {.msg_iov = parts, .msg_iovlen = count};

	return flags == 0 ? syscall(SYS_writev, fd, parts, count) : syscall(SYS_sendmsg, fd, &message, flags);
}

/* The rest of a record that was begun: half a record would be worse than none. False when it cannot be (errno). */
static bool finish(int fd, uint8_t *bytes, size_t count, int flags)
{
	while (count > 0) {
		struct iovec part = {.iov_base = bytes, .iov_len = count};
		ssize_t done = put_out(fd, &part, 1, flags);

		if (done > 0) {
			bytes += done;
			count -= (size_t)done;
		} else if (done < 0 && errno == EAGAIN) {
			/* The program has made it non-blocking. */
			struct pollfd wait = {.fd = fd, .events = POLLOUT};

			(void)poll(&wait, 1, -1);
		} else if (done < 0 && errno != EINTR) {
			return false;
		}
	}
	return true;
}

ssize_t usage_write(int fd, const uint8_t *bytes, size_t size, size_t end, int flags)
{
	uint8_t record[HEADER + CONTENT];
	/* iovec has no const; writev(2) only reads. */
	struct iovec parts[] = {
		{.iov_base = (void *)(uintptr_t)bytes, .iov_len = end},
		{.iov_base = record, .iov_len = sizeof record},
		{.iov_base = (void *)(uintptr_t)(bytes + end), .iov_len = size - end},
	};
	ssize_t done, more;

	make(record, bytes + end);
	done = put_out(fd, parts, 3, flags);
	if (done <= (ssize_t)end)
		return done;
	if ((size_t)done > end + sizeof record)
		return done - (ssize_t)sizeof record;
	/* Interrupted by a signal in our record: a caller of write(2) is not told of a progress of nothing. */
	if (!finish(fd, record + ((size_t)done - end), end + sizeof record - (size_t)done, flags))
		return -1;
	more = put_out(fd, &parts[2], 1, flags);
	return more < 0 && end == 0 ? -1 : (ssize_t)end + (more < 0 ? 0 : more);
}
