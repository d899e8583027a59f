/* What JavaScript may do with a channel: make one, send, close, ref, unref. */
#include "addon.h"
#include "channel.h"

#include <errno.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

static struct channel *channel_of(napi_env env, napi_callback_info info, size_t *count, napi_value *argument)
{
	napi_value object;
	void *data = NULL;
	bool ours = false;

	NAPI_OR_NULL(env, napi_get_cb_info(env, info, count, argument, &object, NULL));
	NAPI_OR_NULL(env, napi_check_object_type_tag(env, object, &channel_tag, &ours));
	if (!ours) {
		(void)napi_throw_type_error(env, "ERR_INVALID_THIS", "not a channel");
		return NULL;
	}
	NAPI_OR_NULL(env, napi_unwrap(env, object, &data));
	return data;
}

static napi_value channel_send(napi_env env, napi_callback_info info)
{
	napi_value argument, result;
	size_t count = 1, length = 0;
	struct channel *channel = channel_of(env, info, &count, &argument);
	void *bytes = NULL;
	ssize_t sent;

	if (channel == NULL)
		return NULL;
	NAPI_OR_NULL(env, napi_get_buffer_info(env, argument, &bytes, &length));
	if (channel->fd < 0)
		return native_throw_errno(env, ENOTCONN, "send", NULL);
	if (length == 0) /* A seqpacket message without bytes looks like the end of the connection. */
		return native_throw_errno(env, EINVAL, "send", NULL);
	do
		sent = send(channel->fd, bytes, length, MSG_DONTWAIT | MSG_NOSIGNAL);
	while (sent < 0 && errno == EINTR);
	if (sent < 0 && errno != EAGAIN && errno != EWOULDBLOCK && errno != ENOBUFS)
		return native_throw_errno(env, errno, "send", NULL);
	NAPI_OR_NULL(env, napi_get_boolean(env, sent >= 0, &result));
	return result;
}

static napi_value channel_close(napi_env env, napi_callback_info info)
{
	size_t count = 0;
	struct channel *channel = channel_of(env, info, &count, NULL);

	if (channel != NULL)
		channel_shut(channel);
	return NULL;
}

static napi_value channel_ref(napi_env env, napi_callback_info info)
{
	size_t count = 0;
	struct channel *channel = channel_of(env, info, &count, NULL);

	if (channel != NULL && channel->fd >= 0)
		uv_ref((uv_handle_t *)&channel->poll);
	return NULL;
}

static napi_value channel_unref(napi_env env, napi_callback_info info)
{
	size_t count = 0;
	struct channel *channel = channel_of(env, info, &count, NULL);

	if (channel != NULL && channel->fd >= 0)
		uv_unref((uv_handle_t *)&channel->poll);
	return NULL;
}

/* RETURNS a connected descriptor, or -1 with errno and *call. */
static int connect_to(const struct sockaddr_un *address, const char **call)
{
	int saved, fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

	*call = "socket";
	if (fd < 0)
		return -1;
	*call = "connect";
	if (connect(fd, (const struct sockaddr *)address, sizeof *address) == 0)
		return fd;
	saved = errno;
	(void)close(fd);
	errno = saved;
	return -1;
}

napi_value native_connect_channel(napi_env env, napi_callback_info info)
{
	static const napi_property_descriptor methods[] = {
		{.utf8name = "send", .method = channel_send, .attributes = napi_enumerable},
		{.utf8name = "close", .method = channel_close, .attributes = napi_enumerable},
		{.utf8name = "ref", .method = channel_ref, .attributes = napi_enumerable},
		{.utf8name = "unref", .method = channel_unref, .attributes = napi_enumerable},
	};
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	napi_value arguments[3], object;
	napi_valuetype type;
	const char *call;
	int fd;

	if (native_arguments(env, info, 3, arguments) != 0 ||
		native_text(env, arguments[0], address.sun_path, sizeof address.sun_path) != 0)
		return NULL;
	for (size_t i = 1; i < 3; i++) {
		NAPI_OR_NULL(env, napi_typeof(env, arguments[i], &type));
		if (type != napi_function) {
			(void)napi_throw_type_error(env, "ERR_INVALID_ARG_TYPE", "a function is expected");
			return NULL;
		}
	}
	NAPI_OR_NULL(env, napi_create_object(env, &object));
	NAPI_OR_NULL(env, napi_define_properties(env, object, sizeof methods / sizeof *methods, methods));
	fd = connect_to(&address, &call);
	if (fd < 0)
		return native_throw_errno(env, errno, call, address.sun_path);
	return channel_open(env, fd, object, arguments[1], arguments[2]);
}
