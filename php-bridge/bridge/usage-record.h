/* Tells a front that asked, in a record of ours right before FCGI_END_REQUEST (handlers/cgi/worker/usage.h). */
#ifndef BRIDGE_USAGE_RECORD_H
#define BRIDGE_USAGE_RECORD_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/*
 * PURPOSE     write(2), or send(2) where there are flags, with the record put in between: in the same system call, so that the front wakes once
 * PARAMETERS  end: where FCGI_END_REQUEST begins; its header is there
 * RETURNS     as write(2), of the bytes given
 */
ssize_t usage_write(int fd, const uint8_t *bytes, size_t size, size_t end, int flags);

#endif
