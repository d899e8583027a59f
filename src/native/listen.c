/*
 * Listeners. Node cannot bind without accepting at once, and the supervisor must bind (ports below 1024, one
 * descriptor shared by all fronts) without ever accepting.
 */
#include "addon.h"

#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#define SOCKET_FLAGS (SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK)

static napi_value number(napi_env env, int value)
{
	napi_value result;

	NAPI_OR_NULL(env, napi_create_int32(env, value, &result));
	return result;
}

/* RETURNS a listening descriptor, or -1 with errno and *call. */
static int listen_tcp(const struct addrinfo *address, int backlog, bool v6only, const char **call)
{
	int on = 1, only = v6only ? 1 : 0, saved;
	int fd = socket(address->ai_family, SOCKET_FLAGS, 0);

	*call = "socket";
	if (fd < 0)
		return -1;
	*call = "setsockopt";
	/* Or a restart fails while connections of the last run are in TIME_WAIT. */
	if (setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) != 0)
		goto failed;
	/* Connections inherit it (tcp(7)): a call less for each. Answers are written in as few pieces as they have. */
	if (setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on) != 0)
		goto failed;
	if (address->ai_family == AF_INET6 && setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &only, sizeof only) != 0)
		goto failed;
	*call = "bind";
	if (bind(fd, address->ai_addr, address->ai_addrlen) != 0)
		goto failed;
	*call = "listen";
	if (listen(fd, backlog) == 0)
		return fd;
failed:
	saved = errno;
	(void)close(fd);
	errno = saved;
	return -1;
}

napi_value native_listen_tcp(napi_env env, napi_callback_info info)
{
	struct addrinfo hints = {.ai_flags = AI_NUMERICHOST | AI_NUMERICSERV | AI_PASSIVE, .ai_socktype = SOCK_STREAM};
	struct addrinfo *address = NULL;
	napi_value arguments[4];
	char host[256], service[16], subject[280];
	const char *call;
	int32_t port, backlog;
	bool v6only;
	int fd, error;

	if (native_arguments(env, info, 4, arguments) != 0 || native_text(env, arguments[0], host, sizeof host) != 0)
		return NULL;
	NAPI_OR_NULL(env, napi_get_value_int32(env, arguments[1], &port));
	NAPI_OR_NULL(env, napi_get_value_int32(env, arguments[2], &backlog));
	NAPI_OR_NULL(env, napi_get_value_bool(env, arguments[3], &v6only));
	if (port < 0 || port > 65535)
		return native_throw_errno(env, EINVAL, "listen", "on a port outside 0 to 65535");
	(void)snprintf(service, sizeof service, "%d", port);
	(void)snprintf(subject, sizeof subject, strchr(host, ':') != NULL ? "[%s]:%d" : "%s:%d", host, port);
	if (getaddrinfo(host, service, &hints, &address) != 0)
		return native_throw_errno(env, EINVAL, "not a numeric address:", subject);
	fd = listen_tcp(address, backlog, v6only, &call);
	error = errno;
	freeaddrinfo(address);
	return fd < 0 ? native_throw_errno(env, error, call, subject) : number(env, fd);
}

/* RETURNS a listening descriptor, or -1 with errno and *call. */
static int listen_unix(const struct sockaddr_un *address, int backlog, uid_t owner, const char **call)
{
	int saved, fd = socket(AF_UNIX, SOCKET_FLAGS, 0);

	*call = "socket";
	if (fd < 0)
		return -1;
	*call = "chmod";
	/* Linux takes the mode of the file from the unbound socket: no moment in which others may connect. */
	if (fchmod(fd, 0600) != 0)
		goto failed;
	*call = "bind";
	if (bind(fd, (const struct sockaddr *)address, sizeof *address) != 0)
		goto failed;
	*call = "chown";
	if (owner != (uid_t)-1 && lchown(address->sun_path, owner, (gid_t)-1) != 0)
		goto remove;
	*call = "listen";
	if (listen(fd, backlog) == 0)
		return fd;
remove:
	saved = errno;
	(void)unlink(address->sun_path);
	errno = saved;
failed:
	saved = errno;
	(void)close(fd);
	errno = saved;
	return -1;
}

napi_value native_listen_unix(napi_env env, napi_callback_info info)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	napi_value arguments[3];
	const char *call;
	int32_t backlog;
	int64_t owner;
	int fd;

	if (native_arguments(env, info, 3, arguments) != 0 ||
		native_text(env, arguments[0], address.sun_path, sizeof address.sun_path) != 0)
		return NULL;
	NAPI_OR_NULL(env, napi_get_value_int32(env, arguments[1], &backlog));
	NAPI_OR_NULL(env, napi_get_value_int64(env, arguments[2], &owner));
	if (owner < -1 || owner >= UINT32_MAX)
		return native_throw_errno(env, EINVAL, "chown", address.sun_path);
	fd = listen_unix(&address, backlog, (uid_t)owner, &call);
	return fd < 0 ? native_throw_errno(env, errno, call, address.sun_path) : number(env, fd);
}

napi_value native_local_port(napi_env env, napi_callback_info info)
{
	struct sockaddr_storage address = {0};
	socklen_t length = sizeof address;
	napi_value argument;
	int32_t fd;

	if (native_arguments(env, info, 1, &argument) != 0)
		return NULL;
	NAPI_OR_NULL(env, napi_get_value_int32(env, argument, &fd));
	if (getsockname(fd, (struct sockaddr *)&address, &length) != 0)
		return native_throw_errno(env, errno, "getsockname", NULL);
	if (address.ss_family == AF_INET)
		return number(env, ntohs(((const struct sockaddr_in *)&address)->sin_port));
	if (address.ss_family == AF_INET6)
		return number(env, ntohs(((const struct sockaddr_in6 *)&address)->sin6_port));
	return native_throw_errno(env, EAFNOSUPPORT, "localPort", NULL);
}
