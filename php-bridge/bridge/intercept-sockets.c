/*
 * The other calls that read and write a connection: php-cgi and libfcgi use read(2) and write(2), other programs
 * these. What passes must not be missed: the scoreboard would call a child idle that runs.
 */
#include "exchange.h"
#include "export.h"

#include <stdlib.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

/* With any other flag it is not an ordinary read: bytes that are looked at, say, do not pass. */
static bool is_read(int fd, int flags)
{
	return (flags & ~MSG_NOSIGNAL) == 0 && exchange_is(fd);
}

EXPORT ssize_t recv(int fd, void *buffer, size_t size, int flags)
{
	if (is_read(fd, flags))
		return exchange_read(fd, buffer, size);
	return syscall(SYS_recvfrom, fd, buffer, size, flags, NULL, NULL);
}

EXPORT ssize_t __recv_chk(int fd, void *buffer, size_t size, size_t room, int flags)
{
	if (size > room)
		abort();
	return recv(fd, buffer, size, flags);
}

EXPORT ssize_t recvfrom(int fd, void *restrict buffer, size_t size, int flags, struct sockaddr *restrict address,
			socklen_t *restrict length)
{
	if (!is_read(fd, flags))
		return syscall(SYS_recvfrom, fd, buffer, size, flags, address, length);
	/* As for any connection of a stream socket without a name. */
	if (length != NULL)
		*length = 0;
	return exchange_read(fd, buffer, size);
}

EXPORT ssize_t __recvfrom_chk(int fd, void *restrict buffer, size_t size, size_t room, int flags,
			      struct sockaddr *restrict address, socklen_t *restrict length)
{
	if (size > room)
		abort();
	return recvfrom(fd, buffer, size, flags, address, length);
}

/* Fewer bytes than there is room for are an ordinary answer of a stream. */
static ssize_t read_one(int fd, const struct iovec *parts, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (parts[i].iov_len > 0)
			return exchange_read(fd, parts[i].iov_base, parts[i].iov_len);
	return 0;
}

EXPORT ssize_t readv(int fd, const struct iovec *parts, int count)
{
	if (count > 0 && exchange_is(fd))
		return read_one(fd, parts, (size_t)count);
	return syscall(SYS_readv, fd, parts, count);
}

EXPORT ssize_t recvmsg(int fd, struct msghdr *message, int flags)
{
	if (!is_read(fd, flags & ~MSG_CMSG_CLOEXEC))
		return syscall(SYS_recvmsg, fd, message, flags);
	message->msg_namelen = 0;
	message->msg_controllen = 0;
	message->msg_flags = 0;
	return read_one(fd, message->msg_iov, message->msg_iovlen);
}

EXPORT ssize_t send(int fd, const void *buffer, size_t size, int flags)
{
	if (exchange_is(fd))
		return exchange_write(fd, buffer, size, flags);
	return syscall(SYS_sendto, fd, buffer, size, flags, NULL, 0);
}

EXPORT ssize_t sendto(int fd, const void *buffer, size_t size, int flags, const struct sockaddr *address,
		      socklen_t length)
{
	if (exchange_is(fd))
		return exchange_write(fd, buffer, size, flags);
	return syscall(SYS_sendto, fd, buffer, size, flags, address, length);
}

/* One after the other: on a blocking socket as good as at once. */
static ssize_t write_all(int fd, const struct iovec *parts, size_t count, int flags)
{
	ssize_t all = 0;

	for (size_t i = 0; i < count; i++) {
		ssize_t done;

		if (parts[i].iov_len == 0)
			continue;
		done = exchange_write(fd, parts[i].iov_base, parts[i].iov_len, flags);
		if (done < 0)
			return all > 0 ? all : done;
		all += done;
		if ((size_t)done < parts[i].iov_len)
			break;
	}
	return all;
}

EXPORT ssize_t writev(int fd, const struct iovec *parts, int count)
{
	if (count > 0 && exchange_is(fd))
		return write_all(fd, parts, (size_t)count, 0);
	return syscall(SYS_writev, fd, parts, count);
}

EXPORT ssize_t sendmsg(int fd, const struct msghdr *message, int flags)
{
	if (exchange_is(fd))
		return write_all(fd, message->msg_iov, message->msg_iovlen, flags);
	return syscall(SYS_sendmsg, fd, message, flags);
}
