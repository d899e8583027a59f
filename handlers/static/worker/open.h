/* Opening files so that nothing blocks and no descriptor leads elsewhere than its name. */
#ifndef FILES_OPEN_H
#define FILES_OPEN_H

/*
 * PURPOSE     Opens the folder of our own descriptors, for open_again. Call once, before serving.
 * RETURNS     0, or -1 with errno.
 */
int open_begin(void);

/*
 * PURPOSE     Opens a name as an O_PATH descriptor: no read, no device opened, no FIFO waited for. Links of
 *             /proc that lead out of the name space (RESOLVE_NO_MAGICLINKS) are never followed.
 * PARAMETERS  folder: O_PATH descriptor, or AT_FDCWD with an absolute path; flags: O_NOFOLLOW, O_DIRECTORY.
 * RETURNS     a descriptor, or -1 with errno.
 */
int open_path(int folder, const char *name, int flags);

/*
 * PURPOSE     Opens the file behind an O_PATH descriptor for reading: the same inode that was looked at, whatever
 *             its name means by now.
 * RETURNS     a descriptor, or -1 with errno (EACCES: the site's user may not read it).
 */
int open_again(int path);

#endif
