/* What a script used, for the front's access log. Pure. */
#ifndef CGI_USAGE_H
#define CGI_USAGE_H

#include <stdint.h>
#include <sys/resource.h>

#define USAGE_LENGTH 24

/*
 * PURPOSE     Writes the content of the record that answers FCGI_ASK_USAGE, all numbers big-endian: 8 bytes of
 *             processor time in microseconds, 8 of peak resident memory in bytes, 4 of wait status (all bits set: not
 *             known), 4 that are zero. php-bridge/bridge/usage-record.c writes the same.
 * PARAMETERS  at: USAGE_LENGTH bytes; usage: of the script and of what it waited for; status: as wait4(2) gave it.
 */
void usage_content(unsigned char *at, const struct rusage *usage, uint32_t status);

#endif
