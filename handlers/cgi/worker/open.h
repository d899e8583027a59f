/* Opening a script's folder as Options says about symbolic links. */
#ifndef CGI_OPEN_H
#define CGI_OPEN_H

#include "policy.h"

#include <sys/stat.h>

/*
 * PURPOSE     Opens the folder of the file that `path` names, and looks at the file. Where the last part of the path
 *             is a symbolic link (and may be one), both are of the file that it leads to: the checks must be made
 *             where the program will be started, or somebody who can write to the real folder could exchange it.
 * PARAMETERS  top: the root's descriptor; path: relative, no ".." in it; name: the file's name in its folder.
 * RETURNS     An O_PATH descriptor; -1 with errno: ELOOP for a link that is not allowed, or openat2's.
 */
int open_script(int top, const char *path, enum symlinks symlinks, char *name, size_t size, struct stat *file);

#endif
