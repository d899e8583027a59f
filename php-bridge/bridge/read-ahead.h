/*
 * What was read from the connection before the program asked for it. php-cgi reads a request record by record, header
 * and content apart, in five system calls where one brings them all.
 */
#ifndef BRIDGE_READ_AHEAD_H
#define BRIDGE_READ_AHEAD_H

#include <stdint.h>
#include <sys/types.h>

/* PURPOSE  forgets what is left of another connection */
void ahead_clear(void);

/* RETURNS  how many bytes there are; `bytes` points to them until the next call of the others */
size_t ahead_bytes(const uint8_t **bytes);

/*
 * PURPOSE     recv(2) into what is free
 * RETURNS     as recv(2); 0 too when nothing is free
 */
ssize_t ahead_fill(int fd, int flags);

/*
 * PURPOSE     read(2), from here as long as there is anything. More than is asked for is read only for php-cgi when it
 *             asks for a record's header: another program may look with poll(2) for what we would hold
 */
ssize_t ahead_read(int fd, void *buffer, size_t size);

#endif
