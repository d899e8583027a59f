/*
 * The system calls themselves. By their names the bridge's own code would call what it puts in place of them for the
 * program (intercept-sockets.c), and its look at a connection would count as the program's.
 */
#ifndef BRIDGE_DIRECT_H
#define BRIDGE_DIRECT_H

#include <stddef.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

/* PURPOSE  recv(2) */
static inline ssize_t direct_recv(int fd, void *buffer, size_t size, int flags)
{
	return syscall(SYS_recvfrom, fd, buffer, size, flags, NULL, NULL);
}

/* PURPOSE  send(2) */
static inline ssize_t direct_send(int fd, const void *buffer, size_t size, int flags)
{
	return syscall(SYS_sendto, fd, buffer, size, flags, NULL, 0);
}

#endif
