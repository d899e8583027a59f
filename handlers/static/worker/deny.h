/* Names that are never served. */
#ifndef FILES_DENY_H
#define FILES_DENY_H

#include <stdbool.h>
#include <stddef.h>

#include "policy.h"

/*
 * PURPOSE     Whether a name matches a pattern: exact, or with one '*' at an end. ASCII case is ignored, because
 *             some file systems ignore it (".HTPASSWD" opens ".htpasswd" on vfat and casefold ext4).
 */
bool deny_match(const char *pattern, const char *name, size_t length);

/* RETURNS true when any of the patterns matches. */
bool deny_any(const struct texts *patterns, const char *name, size_t length);

/* RETURNS true when the name ends with one of the extensions (ASCII case ignored). ".php" alone does. */
bool extension_any(const struct texts *extensions, const char *name, size_t length);

#endif
