/*
 * What the program calls: these come before the C library's because the object is preloaded (ld.so(8)). Each is the
 * system call itself but for the listener that was descriptor 0, and a child's connection.
 */
#include "bridge.h"
#include "child.h"
#include "exchange.h"
#include "export.h"

#include <stdlib.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

/* Some programs make a copy of descriptor 0 before they accept (Python's socket.fromfd). */
static bool is_listener(int fd)
{
	struct stat stat;

	return fd == STDIN_FILENO || (fstat(fd, &stat) == 0 && stat.st_dev == bridge.listener_device &&
				      stat.st_ino == bridge.listener_inode);
}

static int take(int fd, struct sockaddr *address, socklen_t *length, int flags)
{
	if (bridge.role == ROLE_NONE || getpid() != bridge.self || !is_listener(fd))
		return (int)syscall(SYS_accept4, fd, address, length, flags);
	if (bridge.role == ROLE_ORIGIN)
		server_run();
	return child_accept(address, length, flags);
}

EXPORT int accept(int fd, struct sockaddr *restrict address, socklen_t *restrict length)
{
	return take(fd, address, length, 0);
}

EXPORT int accept4(int fd, struct sockaddr *restrict address, socklen_t *restrict length, int flags)
{
	return take(fd, address, length, flags);
}

EXPORT ssize_t read(int fd, void *buffer, size_t size)
{
	return exchange_is(fd) ? exchange_read(fd, buffer, size) : syscall(SYS_read, fd, buffer, size);
}

/* What a program that was compiled with _FORTIFY_SOURCE calls instead. */
EXPORT ssize_t __read_chk(int fd, void *buffer, size_t size, size_t room)
{
	if (size > room)
		abort();
	return read(fd, buffer, size);
}

EXPORT ssize_t write(int fd, const void *buffer, size_t size)
{
	return exchange_is(fd) ? exchange_write(fd, buffer, size, 0) : syscall(SYS_write, fd, buffer, size);
}
