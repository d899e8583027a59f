#include "read-ahead.h"

#include "bridge.h"
#include "direct.h"
#include "records.h"

#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

static uint8_t held[65536];
static size_t first, count;

void ahead_clear(void)
{
	first = count = 0;
}

size_t ahead_bytes(const uint8_t **bytes)
{
	*bytes = held + first;
	return count;
}

ssize_t ahead_fill(int fd, int flags)
{
	ssize_t done;

	if (first != 0) {
		memmove(held, held + first, count);
		first = 0;
	}
	done = direct_recv(fd, held + count, sizeof held - count, flags);
	if (done > 0)
		count += (size_t)done;
	return done;
}

ssize_t ahead_read(int fd, void *buffer, size_t size)
{
	size_t step;

	if (count == 0) {
		ssize_t done;

		if (size > RECORD_HEADER || !bridge.settings.ahead)
			return syscall(SYS_read, fd, buffer, size);
		done = ahead_fill(fd, 0);
		if (done <= 0)
			return done;
	}
	step = size < count ? size : count;
	memcpy(buffer, held + first, step);
	count -= step;
	first = count == 0 ? 0 : first + step;
	return (ssize_t)step;
}
