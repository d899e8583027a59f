/* One step of a walk. */
#ifndef FILES_ENTER_H
#define FILES_ENTER_H

#include "policy.h"
#include "protocol.h"

#include <sys/stat.h>

/* PURPOSE  What a failed open means for the request: FILES_NOT_FOUND, FILES_FORBIDDEN, … or FILES_FAILED. */
enum files_result enter_result(int error);

/*
 * PURPOSE     Opens one name of a folder as the policy's deny list and symlink rule allow.
 * PARAMETERS  folder: O_PATH descriptor.
 * RETURNS     An O_PATH descriptor and its *stat (never a symlink), or -1 with *result (and errno).
 */
int enter(const struct policy *policy, int folder, const char *name, struct stat *stat, enum files_result *result);

#endif
