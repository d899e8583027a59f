/*
 * A double fork with setsid leaves its parent and its process group, but not the nearest child subreaper
 * (prctl(2)): there it turns up as a child that nobody started.
 */
#ifndef ITK_ORPHANS_H
#define ITK_ORPHANS_H

#include <stddef.h>
#include <sys/types.h>

/*
 * PURPOSE     Kills and reaps every child of this process that is not in `keep`.
 * PARAMETERS  keep, keep_count: children that somebody else will reap.
 * RETURNS     How many other children are left (ask again: what they had forked has become ours by now),
 *             or -1 with errno when the list of children cannot be read.
 */
int orphans_sweep(const pid_t *keep, size_t keep_count);

#endif
