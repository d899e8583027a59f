/* Which file systems are local: their descriptors are passed to the front. */
#ifndef FILES_LOCAL_H
#define FILES_LOCAL_H

#include <stdbool.h>

#include "policy.h"

/*
 * PURPOSE     Whether reading from a descriptor can be trusted to return soon. A list of what is known to be
 *             local, not of what is not: a read from a dead NFS or FUSE mount would stop the whole front.
 */
bool local_file_system(const struct policy *policy, int fd);

#endif
