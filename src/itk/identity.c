#include "identity.h"

#include <errno.h>
#include <grp.h>
#include <linux/capability.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

static bool gid_allowed(gid_t gid, const struct id_ranges *ranges)
{
	return gid != 0 && gid >= ranges->gid_min && gid <= ranges->gid_max;
}

const char *identity_refusal(const struct identity *identity, const struct id_ranges *ranges)
{
	if (identity->uid == 0)
		return "uid 0 is refused";
	if (identity->gid == 0)
		return "gid 0 is refused";
	/* (uid_t)-1 means "leave as it is" to setresuid(2). */
	if (identity->uid == (uid_t)-1 || identity->gid == (gid_t)-1)
		return "not an id";
	for (size_t i = 0; i < identity->group_count; i++)
		if (identity->groups[i] == 0 || identity->groups[i] == (gid_t)-1)
			return "supplementary gid 0 is refused";
	if (!ranges->privileged)
		return identity->uid == geteuid() ? NULL : "no privilege to switch";
	if (identity->uid == ranges->front_uid)
		return "the fronts' uid is refused";
	if (identity->gid == ranges->front_gid)
		return "the fronts' gid is refused";
	if (identity->uid < ranges->uid_min || identity->uid > ranges->uid_max)
		return "uid outside LimitUIDRange";
	if (!gid_allowed(identity->gid, ranges))
		return "gid outside LimitGIDRange";
	for (size_t i = 0; i < identity->group_count; i++) {
		if (identity->groups[i] == ranges->front_gid)
			return "the fronts' gid is refused as a supplementary group";
		if (!gid_allowed(identity->groups[i], ranges))
			return "supplementary gid outside LimitGIDRange";
	}
	return NULL;
}

static const char *empty_capabilities(void)
{
	struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3, .pid = 0};
	struct __user_cap_data_struct data[2] = {{0}};

	/* The bounding set stays whole: setuid helpers such as sendmail must keep working. */
	if (prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0) != 0)
		return "clearing ambient capabilities";
	if (syscall(SYS_capset, &header, data) != 0)
		return "capset";
	if (syscall(SYS_capget, &header, data) != 0)
		return "capget";
	for (size_t i = 0; i < 2; i++)
		if ((data[i].effective | data[i].permitted | data[i].inheritable) != 0)
			return "capabilities are left";
	return NULL;
}

static const char *prove(const struct identity *identity)
{
	uid_t real, effective, saved;
	gid_t real_group, effective_group, saved_group;
	int groups = getgroups(0, NULL);

	if (getresuid(&real, &effective, &saved) != 0 || getresgid(&real_group, &effective_group, &saved_group) != 0)
		return "reading ids back";
	if (real != identity->uid || effective != identity->uid || saved != identity->uid)
		return "the uid was not taken";
	if (real_group != identity->gid || effective_group != identity->gid || saved_group != identity->gid)
		return "the gid was not taken";
	if (groups < 0 || (size_t)groups != identity->group_count)
		return "the groups were not taken";
	/* As OpenSSH's uidswap does: the switch is only believed when the way back is tried and closed. */
	if (setuid(0) == 0 || seteuid(0) == 0 || setresuid((uid_t)-1, 0, (uid_t)-1) == 0)
		return "root could be regained";
	if (setgid(0) == 0 || setegid(0) == 0)
		return "gid 0 could be regained";
	return NULL;
}

const char *identity_assume(const struct identity *identity, const struct id_ranges *ranges)
{
	const char *failed = identity_refusal(identity, ranges);

	if (failed != NULL) {
		errno = EPERM;
		return failed;
	}
	if (prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) != 0)
		return "PR_SET_DUMPABLE";
	(void)umask(identity->umask);
	for (size_t i = 0; i < identity->limit_count; i++)
		if (setrlimit((__rlimit_resource_t)identity->limits[i].resource, &identity->limits[i].value) != 0)
			return "setrlimit";
	/* Before the switch: a negative value needs CAP_SYS_NICE. */
	if (identity->nice != 0 && setpriority(PRIO_PROCESS, 0, identity->nice) != 0)
		return "setpriority";
	if (ranges->privileged) {
		if (setgroups(identity->group_count, identity->groups) != 0)
			return "setgroups";
		if (setresgid(identity->gid, identity->gid, identity->gid) != 0)
			return "setresgid";
		if (setresuid(identity->uid, identity->uid, identity->uid) != 0)
			return "setresuid";
	}
	failed = empty_capabilities();
	if (failed != NULL)
		return failed;
	if (ranges->privileged) {
		failed = prove(identity);
		if (failed != NULL) {
			errno = EPERM;
			return failed;
		}
	}
	if (identity->no_new_privs && prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0)
		return "PR_SET_NO_NEW_PRIVS";
	/* setresuid sets it by fs.suid_dumpable. */
	if (prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) != 0)
		return "PR_SET_DUMPABLE";
	return NULL;
}
