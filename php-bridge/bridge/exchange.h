/* A child's connection: from what is read and written on it the scoreboard learns when a request runs. */
#ifndef BRIDGE_EXCHANGE_H
#define BRIDGE_EXCHANGE_H

#include <stdbool.h>
#include <sys/types.h>

/* PURPOSE  follows this descriptor from now on */
void exchange_start(int fd);

/* RETURNS  true for the connection's descriptor */
bool exchange_is(int fd);

/* PURPOSE  read(2) on the connection. While no request runs it waits for one, or for the fork server to give it up */
ssize_t exchange_read(int fd, void *buffer, size_t size);

/* PURPOSE  write(2) on the connection; send(2) where there are flags */
ssize_t exchange_write(int fd, const void *buffer, size_t size, int flags);

#endif
