/* .htaccess files are not supported; but a folder that its .htaccess closes must not become open. */
#ifndef FILES_HTACCESS_H
#define FILES_HTACCESS_H

#include <stddef.h>

#define HTACCESS_MAX ((size_t)64 * 1024)

enum htaccess {
	HTACCESS_NONE,   /* not there, or nothing but comments */
	HTACCESS_OTHER,  /* there, and not read */
	HTACCESS_CLOSES, /* denies everything, or cannot be read (fail closed) */
	HTACCESS_UNREACHABLE, /* the site's user may not enter the folder */
};

/*
 * PURPOSE     Looks for `Require all denied` or `Deny from all` outside any section. A section that only asks for
 *             the module of the directive (`<IfModule mod_authz_core.c>`) does not count as one: Apache has them all.
 * PARAMETERS  text: the file's bytes, which need not be text.
 */
enum htaccess htaccess_judge(const char *text, size_t length);

/*
 * PURPOSE     Judges the .htaccess of a folder. Never blocks on a FIFO or device: only regular files are opened.
 * PARAMETERS  folder: an O_PATH descriptor.
 */
enum htaccess htaccess_of(int folder);

#endif
