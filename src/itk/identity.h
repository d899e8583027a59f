/*
 * The identity switch (design, section 3): the one function through which every process of a site gets its
 * user, used after fork and before anything is read or executed.
 */
#ifndef ITK_IDENTITY_H
#define ITK_IDENTITY_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/resource.h>
#include <sys/types.h>

#define LIMITS_MAX 8

struct limit {
	int resource; /* RLIMIT_… */
	struct rlimit value;
};

/* What may be switched to at all; checked by the configuration and again at the moment of switching. */
struct id_ranges {
	uid_t uid_min, uid_max;
	gid_t gid_min, gid_max;
	uid_t front_uid; /* refused */
	gid_t front_gid; /* refused, as a supplementary group too */
	bool privileged; /* false: switching is a no-op, and anybody but ourselves is refused */
};

struct identity {
	uid_t uid;
	gid_t gid;
	gid_t *groups;
	size_t group_count;
	mode_t umask;
	int nice;
	bool no_new_privs;
	struct limit limits[LIMITS_MAX];
	size_t limit_count;
};

/*
 * PURPOSE     Says whether an identity is one that may be taken. 0 never is.
 * RETURNS     NULL, or the reason it is refused.
 */
const char *identity_refusal(const struct identity *identity, const struct id_ranges *ranges);

/*
 * PURPOSE     Becomes the identity for good: groups, gid, uid, capabilities emptied, and proof that there is no
 *             way back. Not dumpable before and after. Also umask, nice, limits and no_new_privs.
 * RETURNS     NULL, or what failed (errno is set): the caller must then exit.
 */
const char *identity_assume(const struct identity *identity, const struct id_ranges *ranges);

#endif
