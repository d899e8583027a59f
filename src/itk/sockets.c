#include "sockets.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#define BACKLOG 511

/* False when the path does not fit sun_path (unix(7)). */
static bool socket_path(const struct policy *policy, const struct service *service, const char *suffix,
			struct sockaddr_un *address)
{
	int length = snprintf(address->sun_path, sizeof address->sun_path, "%s/%u.%s%s", policy->directory,
			      service->site->number, service->name, suffix);

	address->sun_family = AF_UNIX;
	return length > 0 && (size_t)length < sizeof address->sun_path;
}

static int close_failed(int fd)
{
	int saved = errno;

	(void)close(fd);
	errno = saved;
	return -1;
}

int socket_bind(const struct policy *policy, const struct service *service)
{
	/* Messages with descriptors need their boundaries; FastCGI is a stream. */
	int type = strcmp(service->name, "files") == 0 ? SOCK_SEQPACKET : SOCK_STREAM;
	struct sockaddr_un fresh = {0}, final = {0};
	int fd;

	if (!socket_path(policy, service, ".new", &fresh) || !socket_path(policy, service, "", &final)) {
		errno = ENAMETOOLONG;
		return -1;
	}
	fd = socket(AF_UNIX, type | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0)
		return -1;
	if (unlink(fresh.sun_path) != 0 && errno != ENOENT)
		return close_failed(fd);
	/* itk's umask is 0777: nobody can connect until mode and owner are right. */
	if (bind(fd, (struct sockaddr *)&fresh, sizeof fresh) != 0)
		return close_failed(fd);
	if (policy->ranges.privileged && lchown(fresh.sun_path, policy->ranges.front_uid, (gid_t)-1) != 0)
		return close_failed(fd);
	if (chmod(fresh.sun_path, 0600) != 0 || listen(fd, BACKLOG) != 0)
		return close_failed(fd);
	if (rename(fresh.sun_path, final.sun_path) != 0)
		return close_failed(fd);
	return fd;
}

int socket_log(const struct policy *policy, const struct service *service)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	char label[64];
	int length, flags;
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

	if (fd < 0)
		return -1;
	if (strlen(policy->log) >= sizeof address.sun_path) {
		errno = ENAMETOOLONG;
		return close_failed(fd);
	}
	memcpy(address.sun_path, policy->log, strlen(policy->log));
	/* Non-blocking: with the fronts gone and their backlog full, a program starts without a log. */
	if (connect(fd, (struct sockaddr *)&address, sizeof address) != 0)
		return close_failed(fd);
	length = snprintf(label, sizeof label, "%u %s %d\n", service->site->number, service->name, (int)getpid());
	if (send(fd, label, (size_t)length, MSG_NOSIGNAL) != length)
		return close_failed(fd);
	flags = fcntl(fd, F_GETFL);
	if (flags < 0 || fcntl(fd, F_SETFL, flags & ~O_NONBLOCK) != 0)
		return close_failed(fd);
	return fd;
}

void socket_unlink(const struct policy *policy, const struct service *service)
{
	struct sockaddr_un address = {0};

	if (socket_path(policy, service, "", &address))
		(void)unlink(address.sun_path);
}
