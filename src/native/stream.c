/*
 * System calls on stream sockets, as they are: each takes descriptors and bytes, and answers what the call did, or its
 * errno as a negative number. Nothing is looked at on the way.
 */
#include "addon.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <sys/un.h>
#include <unistd.h>

/* Longer texts are sent in several calls. */
#define TEXT_MAX 65536
/* Of send(2). */
#define SEND_FLAGS (MSG_DONTWAIT | MSG_NOSIGNAL)
/* Family, port and address, as native.ts has them. */
#define PEER_SIZE 20

static napi_value result_of(napi_env env, ssize_t done)
{
	napi_value result;

	NAPI_OR_NULL(env, napi_create_int32(env, done < 0 ? -errno : (int32_t)done, &result));
	return result;
}

/* RETURNS 0, or -1 with an exception thrown. */
static int descriptor(napi_env env, napi_value value, int *fd)
{
	if (napi_get_value_int32(env, value, fd) == napi_ok)
		return 0;
	native_throw_status(env, "a descriptor");
	return -1;
}

static int bytes_of(napi_env env, napi_value value, void **bytes, size_t *length)
{
	if (napi_get_buffer_info(env, value, bytes, length) == napi_ok)
		return 0;
	native_throw_status(env, "a buffer");
	return -1;
}

/* As many of a byte string's bytes as there is room for; `buffer` has one more. */
static int text_of(napi_env env, napi_value value, char *buffer, size_t *length)
{
	if (napi_get_value_string_latin1(env, value, buffer, TEXT_MAX + 1, length) == napi_ok)
		return 0;
	native_throw_status(env, "a string");
	return -1;
}

napi_value native_receive(napi_env env, napi_callback_info info)
{
	napi_value arguments[2];
	size_t length;
	void *bytes;
	ssize_t done;
	int fd;

	if (native_arguments(env, info, 2, arguments) != 0 || descriptor(env, arguments[0], &fd) != 0 ||
	    bytes_of(env, arguments[1], &bytes, &length) != 0)
		return NULL;
	do
		done = recv(fd, bytes, length, MSG_DONTWAIT);
	while (done < 0 && errno == EINTR);
	return result_of(env, done);
}

/* RETURNS 0, or -1 with an exception thrown. `flags` of send(2): the caller says whether more follows at once. */
static int flags_of(napi_env env, napi_value value, int *flags)
{
	bool more;

	if (napi_get_value_bool(env, value, &more) != napi_ok) {
		native_throw_status(env, "a boolean");
		return -1;
	}
	*flags = SEND_FLAGS | (more ? MSG_MORE : 0);
	return 0;
}

static ssize_t send_all(int fd, const void *bytes, size_t length, int flags)
{
	ssize_t done;

	do
		done = send(fd, bytes, length, flags);
	while (done < 0 && errno == EINTR);
	return done;
}

napi_value native_send_text(napi_env env, napi_callback_info info)
{
	static char buffer[TEXT_MAX + 1];
	napi_value arguments[3];
	size_t length;
	int fd, flags;

	if (native_arguments(env, info, 3, arguments) != 0 || descriptor(env, arguments[0], &fd) != 0 ||
	    text_of(env, arguments[1], buffer, &length) != 0 || flags_of(env, arguments[2], &flags) != 0)
		return NULL;
	return result_of(env, send_all(fd, buffer, length, flags));
}

napi_value native_send_bytes(napi_env env, napi_callback_info info)
{
	napi_value arguments[3];
	size_t length;
	uint32_t from;
	void *bytes;
	int fd;

	if (native_arguments(env, info, 3, arguments) != 0 || descriptor(env, arguments[0], &fd) != 0 ||
	    bytes_of(env, arguments[1], &bytes, &length) != 0)
		return NULL;
	NAPI_OR_NULL(env, napi_get_value_uint32(env, arguments[2], &from));
	if (from > length)
		return native_throw_errno(env, EINVAL, "send", "from behind the end");
	return result_of(env, send_all(fd, (const char *)bytes + from, length - from, SEND_FLAGS));
}

napi_value native_send_piece(napi_env env, napi_callback_info info)
{
	static char before[TEXT_MAX + 1], after[TEXT_MAX + 1];
	napi_value arguments[5];
	struct iovec parts[3] = {{.iov_base = before}, {0}, {.iov_base = after}};
	struct msghdr message = {.msg_iov = parts, .msg_iovlen = 3};
	ssize_t done;
	int fd, flags;

	if (native_arguments(env, info, 5, arguments) != 0 || descriptor(env, arguments[0], &fd) != 0 ||
	    text_of(env, arguments[1], before, &parts[0].iov_len) != 0 ||
	    bytes_of(env, arguments[2], &parts[1].iov_base, &parts[1].iov_len) != 0 ||
	    text_of(env, arguments[3], after, &parts[2].iov_len) != 0 || flags_of(env, arguments[4], &flags) != 0)
		return NULL;
	/* Of a text that is cut, nothing behind the cut may be sent. */
	if (parts[0].iov_len == TEXT_MAX)
		message.msg_iovlen = 1;
	do
		done = sendmsg(fd, &message, flags);
	while (done < 0 && errno == EINTR);
	return result_of(env, done);
}

/* Family (4, 6; 0: another), port in two bytes and address in 16, of which IPv4 uses the first four. */
static void describe(const struct sockaddr_storage *address, uint8_t *out)
{
	memset(out, 0, PEER_SIZE);
	if (address->ss_family == AF_INET) {
		const struct sockaddr_in *four = (const struct sockaddr_in *)address;

		out[0] = 4;
		memcpy(out + 2, &four->sin_port, 2);
		memcpy(out + 4, &four->sin_addr, 4);
	} else if (address->ss_family == AF_INET6) {
		const struct sockaddr_in6 *six = (const struct sockaddr_in6 *)address;

		out[0] = 6;
		memcpy(out + 2, &six->sin6_port, 2);
		memcpy(out + 4, &six->sin6_addr, 16);
	}
}

static int peer_room(napi_env env, napi_value value, uint8_t **peer)
{
	size_t length;
	void *bytes;

	if (bytes_of(env, value, &bytes, &length) != 0)
		return -1;
	if (length < PEER_SIZE) {
		(void)native_throw_errno(env, EINVAL, "an address", "needs a buffer of 20 bytes");
		return -1;
	}
	*peer = bytes;
	return 0;
}

napi_value native_accept(napi_env env, napi_callback_info info)
{
	struct sockaddr_storage address = {0};
	socklen_t length = sizeof address;
	napi_value arguments[2];
	uint8_t *peer;
	int fd, accepted;

	if (native_arguments(env, info, 2, arguments) != 0 || descriptor(env, arguments[0], &fd) != 0 ||
	    peer_room(env, arguments[1], &peer) != 0)
		return NULL;
	do
		accepted = accept4(fd, (struct sockaddr *)&address, &length, SOCK_NONBLOCK | SOCK_CLOEXEC);
	while (accepted < 0 && errno == EINTR);
	if (accepted >= 0)
		describe(&address, peer);
	return result_of(env, accepted);
}

napi_value native_local_address(napi_env env, napi_callback_info info)
{
	struct sockaddr_storage address = {0};
	socklen_t length = sizeof address;
	napi_value arguments[2];
	uint8_t *local;
	int fd, status;

	if (native_arguments(env, info, 2, arguments) != 0 || descriptor(env, arguments[0], &fd) != 0 ||
	    peer_room(env, arguments[1], &local) != 0)
		return NULL;
	status = getsockname(fd, (struct sockaddr *)&address, &length);
	if (status == 0)
		describe(&address, local);
	return result_of(env, status);
}

napi_value native_address_text(napi_env env, napi_callback_info info)
{
	char text[INET6_ADDRSTRLEN];
	napi_value argument, result;
	uint8_t *address;

	if (native_arguments(env, info, 1, &argument) != 0 || peer_room(env, argument, &address) != 0)
		return NULL;
	if (address[0] == 0 || inet_ntop(address[0] == 4 ? AF_INET : AF_INET6, address + 4, text, sizeof text) == NULL)
		text[0] = '\0';
	NAPI_OR_NULL(env, napi_create_string_utf8(env, text, NAPI_AUTO_LENGTH, &result));
	return result;
}

napi_value native_connect_stream(napi_env env, napi_callback_info info)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	napi_value argument;
	int fd;

	if (native_arguments(env, info, 1, &argument) != 0 ||
	    native_text(env, argument, address.sun_path, sizeof address.sun_path) != 0)
		return NULL;
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd >= 0 && connect(fd, (const struct sockaddr *)&address, sizeof address) != 0) {
		int error = errno;

		(void)close(fd);
		errno = error;
		fd = -1;
	}
	return result_of(env, fd);
}

napi_value native_shutdown(napi_env env, napi_callback_info info)
{
	napi_value argument;
	int fd;

	if (native_arguments(env, info, 1, &argument) != 0 || descriptor(env, argument, &fd) != 0)
		return NULL;
	return result_of(env, shutdown(fd, SHUT_WR));
}

napi_value native_close(napi_env env, napi_callback_info info)
{
	napi_value argument;
	int fd;

	if (native_arguments(env, info, 1, &argument) != 0 || descriptor(env, argument, &fd) != 0)
		return NULL;
	return result_of(env, close(fd));
}
