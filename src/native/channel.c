#include "channel.h"

#include "addon.h"
#include "receive.h"

#include <stdlib.h>
#include <unistd.h>

/* Messages per wake-up: one site's worker must not keep the loop from the others. */
#define MESSAGES_AT_ONCE 64

const napi_type_tag channel_tag = {0x69746b6463686e6c, 0x8d1f4c0b7a2e4e55};

static void let_go(struct channel *channel)
{
	if (--channel->holders == 0)
		free(channel);
}

static void handle_closed(uv_handle_t *handle)
{
	struct channel *channel = handle->data;

	(void)napi_async_destroy(channel->env, channel->context);
	if (channel->hook != NULL)
		(void)napi_remove_async_cleanup_hook(channel->hook);
	let_go(channel);
}

static void object_collected(napi_env env, void *data, void *hint)
{
	(void)env;
	(void)hint;
	let_go(data);
}

void channel_shut(struct channel *channel)
{
	if (channel->fd < 0)
		return;
	uv_close((uv_handle_t *)&channel->poll, handle_closed);
	(void)close(channel->fd);
	channel->fd = -1;
	(void)napi_delete_reference(channel->env, channel->on_message);
	(void)napi_delete_reference(channel->env, channel->on_close);
	(void)napi_delete_reference(channel->env, channel->object);
}

static void environment_ends(napi_async_cleanup_hook_handle hook, void *data)
{
	(void)hook;
	channel_shut(data);
}

static void call(struct channel *channel, napi_value receiver, napi_value function, size_t count, napi_value *arguments)
{
	napi_env env = channel->env;
	napi_value error;

	if (napi_make_callback(env, channel->context, receiver, function, count, arguments, NULL) != napi_pending_exception)
		return;
	if (napi_get_and_clear_last_exception(env, &error) == napi_ok)
		(void)napi_fatal_exception(env, error);
}

static void give(struct channel *channel, const void *bytes, size_t length, int passed)
{
	napi_env env = channel->env;
	napi_value receiver, function, arguments[2];

	if (napi_get_reference_value(env, channel->object, &receiver) == napi_ok &&
		napi_get_reference_value(env, channel->on_message, &function) == napi_ok &&
		napi_create_buffer_copy(env, length, bytes, NULL, &arguments[0]) == napi_ok &&
		napi_create_int32(env, passed, &arguments[1]) == napi_ok)
		call(channel, receiver, function, 2, arguments);
	else if (passed >= 0)
		(void)close(passed);
}

static void ended(struct channel *channel)
{
	napi_env env = channel->env;
	napi_value receiver, function;
	bool found = napi_get_reference_value(env, channel->object, &receiver) == napi_ok &&
		napi_get_reference_value(env, channel->on_close, &function) == napi_ok;

	/* Closed before the callback, which may look. */
	channel_shut(channel);
	if (found)
		call(channel, receiver, function, 0, NULL);
}

static void readable(uv_poll_t *handle, int status, int events)
{
	static char buffer[RECEIVE_MAX];
	struct channel *channel = handle->data;

	(void)events;
	for (int i = 0; i < MESSAGES_AT_ONCE && channel->fd >= 0; i++) {
		napi_handle_scope scope;
		size_t length = 0;
		int passed = -1;
		enum received what = status < 0 ? RECEIVED_END : receive_message(channel->fd, buffer, &length, &passed);

		if (what == RECEIVED_NOTHING)
			return;
		if (napi_open_handle_scope(channel->env, &scope) != napi_ok) {
			if (passed >= 0)
				(void)close(passed);
			return;
		}
		if (what == RECEIVED_MESSAGE)
			give(channel, buffer, length, passed);
		else
			ended(channel);
		(void)napi_close_handle_scope(channel->env, scope);
	}
}

/* PURPOSE  Takes references to what must outlive the call of connectChannel. RETURNS the first failure. */
static napi_status hold(struct channel *channel, napi_value object, napi_value on_message, napi_value on_close)
{
	napi_env env = channel->env;
	napi_status status = napi_create_reference(env, object, 1, &channel->object);

	if (status == napi_ok)
		status = napi_create_reference(env, on_message, 1, &channel->on_message);
	if (status == napi_ok)
		status = napi_create_reference(env, on_close, 1, &channel->on_close);
	if (status == napi_ok)
		status = napi_add_async_cleanup_hook(env, environment_ends, channel, &channel->hook);
	return status;
}

napi_value channel_open(napi_env env, int fd, napi_value object, napi_value on_message, napi_value on_close)
{
	struct channel *channel = calloc(1, sizeof *channel);
	uv_loop_t *loop = NULL;
	napi_value name;

	if (channel == NULL) {
		(void)close(fd);
		return native_throw_errno(env, ENOMEM, "connectChannel", NULL);
	}
	channel->env = env;
	channel->fd = -1;
	channel->holders = 1;
	if (napi_get_uv_event_loop(env, &loop) != napi_ok ||
		napi_create_string_utf8(env, "itkd.channel", NAPI_AUTO_LENGTH, &name) != napi_ok ||
		napi_type_tag_object(env, object, &channel_tag) != napi_ok ||
		napi_wrap(env, object, channel, object_collected, NULL, NULL) != napi_ok) {
		native_throw_status(env, "connectChannel");
		(void)close(fd);
		free(channel);
		return NULL;
	}
	/* From here on the object's finaliser frees the struct, and channel_shut gives back everything else. */
	if (napi_async_init(env, object, name, &channel->context) != napi_ok ||
		uv_poll_init(loop, &channel->poll, fd) != 0) {
		native_throw_status(env, "connectChannel");
		(void)close(fd);
		return NULL;
	}
	channel->poll.data = channel;
	channel->holders++;
	channel->fd = fd;
	if (hold(channel, object, on_message, on_close) != napi_ok ||
		uv_poll_start(&channel->poll, UV_READABLE | UV_DISCONNECT, readable) != 0) {
		native_throw_status(env, "connectChannel");
		channel_shut(channel);
		return NULL;
	}
	return object;
}
