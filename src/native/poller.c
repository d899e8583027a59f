/*
 * Tells JavaScript which sockets have something for it: all that are ready in one call. A handle of libuv's and an object
 * of Node's for each socket cost several times what the request does that comes through it.
 *
 * While sockets are watched it is here that the event loop waits, for them and for whatever libuv waits for: a turn of
 * libuv's own costs two system calls more (it measures its idle time), and one that waits through another epoll(7) is
 * woken for every connection that another process accepts (EPOLLEXCLUSIVE is of those that wait themselves).
 */
#include "poller.h"

#include "addon.h"
#include "precedence.h"

#include <errno.h>
#include <limits.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <unistd.h>
#include <uv.h>

#define EVENTS_AT_ONCE 128
/* Where JavaScript says in how many milliseconds it is to be told of nothing, if of nothing else; 0: it does not say. */
#define PATIENCE ((size_t)2 * EVENTS_AT_ONCE)

static const napi_type_tag poller_tag = {0x69746b64706f6c6c, 0x4b1d7c0e93a25f68};

struct poller {
	napi_env env;
	int fd;	     /* epoll(7)'s: the sockets, and `loop_fd` */
	int loop_fd; /* readable when libuv has something to do */
	uv_loop_t *loop;
	uv_prepare_t prepare; /* called before libuv waits */
	uv_idle_t idle;	      /* libuv does not wait: it is started whenever it is libuv's turn */
	uint64_t due;	      /* when PATIENCE ends, by uv_now; 0: never */
	int open;	      /* handles */
	struct precedence order;
	int32_t *ready;	      /* descriptor, events, descriptor, events … of EVENTS_AT_ONCE; then PATIENCE's */
	napi_ref array, function, object;
	napi_async_context context;
	napi_async_cleanup_hook_handle hook;
};

static void handle_closed(uv_handle_t *handle)
{
	struct poller *poller = handle->data;

	if (--poller->open > 0)
		return;
	(void)napi_async_destroy(poller->env, poller->context);
	if (poller->hook != NULL)
		(void)napi_remove_async_cleanup_hook(poller->hook);
	free(poller);
}

static void environment_ends(napi_async_cleanup_hook_handle hook, void *data)
{
	struct poller *poller = data;

	(void)hook;
	(void)napi_delete_reference(poller->env, poller->array);
	(void)napi_delete_reference(poller->env, poller->function);
	(void)napi_delete_reference(poller->env, poller->object);
	(void)close(poller->fd);
	uv_close((uv_handle_t *)&poller->prepare, handle_closed);
	uv_close((uv_handle_t *)&poller->idle, handle_closed);
}

static void tell(struct poller *poller, int count)
{
	napi_env env = poller->env;
	napi_value receiver, function, argument, error;

	if (napi_get_reference_value(env, poller->object, &receiver) != napi_ok ||
	    napi_get_reference_value(env, poller->function, &function) != napi_ok ||
	    napi_create_int32(env, count, &argument) != napi_ok)
		return;
	if (napi_make_callback(env, poller->context, receiver, function, 1, &argument, NULL) != napi_pending_exception)
		return;
	if (napi_get_and_clear_last_exception(env, &error) == napi_ok)
		(void)napi_fatal_exception(env, error);
}

/* What JavaScript has said since the last time counts from now on. */
static void take_patience(struct poller *poller)
{
	int32_t patience = poller->ready[PATIENCE];
	uint64_t due = uv_now(poller->loop) + (uint64_t)(patience < 0 ? 0 : patience);

	if (patience == 0)
		return;
	poller->ready[PATIENCE] = 0;
	if (poller->due == 0 || due < poller->due)
		poller->due = due;
}

/* RETURNS the sooner of `timeout`, as epoll_wait(2) takes it, and `due`. */
static int until(const struct poller *poller, uint64_t due, int timeout)
{
	uint64_t now = uv_now(poller->loop), left = due > now ? due - now : 0;

	return due != 0 && (timeout < 0 || left < (uint64_t)timeout) ? (int)left : timeout;
}

static int wait_for_events(struct poller *poller, struct epoll_event *found, int timeout)
{
	int count = epoll_wait(poller->fd, found, EVENTS_AT_ONCE, timeout);

	/* A signal is libuv's to tell of: its handler has written to a pipe. */
	if (count < 0 && errno != EINTR)
		napi_fatal_error("itkd.poller", NAPI_AUTO_LENGTH, "epoll_wait failed", NAPI_AUTO_LENGTH);
	uv_update_time(poller->loop);
	return count < 0 ? 0 : count;
}

/* RETURNS whether libuv has something to do. */
static bool turn(struct poller *poller, int timeout)
{
	struct epoll_event found[EVENTS_AT_ONCE];
	int count = wait_for_events(poller, found, until(poller, poller->due, until(poller, poller->order.look, timeout)));
	uint64_t now = uv_now(poller->loop);
	napi_handle_scope scope;
	bool others = false;
	int told = 0;

	precedence_turn(&poller->order, now);
	for (int i = 0; i < count; i++) {
		if (found[i].data.fd == poller->loop_fd) {
			others = true;
			continue;
		}
		if (precedence_leave(&poller->order, found[i].data.fd, now))
			continue;
		poller->ready[told++] = found[i].data.fd;
		poller->ready[told++] = (int32_t)found[i].events;
	}
	if (told > 0 || (poller->due != 0 && poller->due <= now)) {
		poller->due = 0;
		if (napi_open_handle_scope(poller->env, &scope) != napi_ok)
			return true;
		tell(poller, told / 2);
		(void)napi_close_handle_scope(poller->env, scope);
	}
	return others;
}

static void nothing(uv_idle_t *handle)
{
	(void)handle;
}

static void wait_for_all(uv_prepare_t *handle)
{
	struct poller *poller = handle->data;

	(void)uv_idle_stop(&poller->idle);
	for (bool again = false;; again = true) {
		int timeout;

		uv_update_time(poller->loop);
		take_patience(poller);
		/* 0 when a timer is due, or something new is to be waited for, or is to be done without waiting. */
		timeout = uv_backend_timeout(poller->loop);
		if ((again && timeout == 0) || turn(poller, timeout) || timeout == 0 ||
		    uv_is_active((uv_handle_t *)handle) == 0)
			break;
	}
	/* It would wait for its own alone: what woke us may be of a descriptor that it has stopped to watch, or be new to it. */
	if (uv_is_active((uv_handle_t *)handle) != 0)
		(void)uv_idle_start(&poller->idle, nothing);
}

static struct poller *poller_of(napi_env env, napi_callback_info info, size_t count, napi_value *arguments)
{
	size_t given = count;
	napi_value object;
	void *data = NULL;
	bool ours = false;

	NAPI_OR_NULL(env, napi_get_cb_info(env, info, &given, arguments, &object, NULL));
	NAPI_OR_NULL(env, napi_check_object_type_tag(env, object, &poller_tag, &ours));
	if (!ours || given < count) {
		(void)napi_throw_type_error(env, "ERR_INVALID_THIS", "not a poller, or too few arguments");
		return NULL;
	}
	NAPI_OR_NULL(env, napi_unwrap(env, object, &data));
	return data;
}

static napi_value control(napi_env env, napi_callback_info info, int operation)
{
	napi_value arguments[2], result;
	struct poller *poller = poller_of(env, info, 2, arguments);
	struct epoll_event event = {0};
	int32_t fd, status;
	uint32_t events;

	if (poller == NULL)
		return NULL;
	NAPI_OR_NULL(env, napi_get_value_int32(env, arguments[0], &fd));
	NAPI_OR_NULL(env, napi_get_value_uint32(env, arguments[1], &events));
	event.events = events;
	event.data.fd = fd;
	if (operation == EPOLL_CTL_DEL)
		precedence_remove(&poller->order, fd);
	status = epoll_ctl(poller->fd, operation, fd, &event) == 0 ? 0 : -errno;
	if (status == 0 && operation == EPOLL_CTL_ADD && (events & EPOLLEXCLUSIVE) != 0)
		precedence_add(&poller->order, fd);
	NAPI_OR_NULL(env, napi_create_int32(env, status, &result));
	return result;
}

static napi_value poller_add(napi_env env, napi_callback_info info)
{
	return control(env, info, EPOLL_CTL_ADD);
}

static napi_value poller_change(napi_env env, napi_callback_info info)
{
	return control(env, info, EPOLL_CTL_MOD);
}

static napi_value poller_remove(napi_env env, napi_callback_info info)
{
	return control(env, info, EPOLL_CTL_DEL);
}

static napi_value poller_start(napi_env env, napi_callback_info info)
{
	struct poller *poller = poller_of(env, info, 0, NULL);

	if (poller != NULL)
		(void)uv_prepare_start(&poller->prepare, wait_for_all);
	return NULL;
}

static napi_value poller_stop(napi_env env, napi_callback_info info)
{
	struct poller *poller = poller_of(env, info, 0, NULL);

	if (poller != NULL) {
		(void)uv_prepare_stop(&poller->prepare);
		(void)uv_idle_stop(&poller->idle);
	}
	return NULL;
}

static napi_value poller_take_in_order(napi_env env, napi_callback_info info)
{
	napi_value arguments[2];
	struct poller *poller = poller_of(env, info, 2, arguments);
	char path[PATH_MAX];
	uint32_t place;
	int error;

	if (poller == NULL || native_text(env, arguments[0], path, sizeof path) != 0)
		return NULL;
	NAPI_OR_NULL(env, napi_get_value_uint32(env, arguments[1], &place));
	error = precedence_open(&poller->order, path, place, uv_now(poller->loop));
	return error == 0 ? NULL : native_throw_errno(env, error, "takeInOrder", path);
}

static napi_value poller_crowd(napi_env env, napi_callback_info info)
{
	napi_value argument;
	struct poller *poller = poller_of(env, info, 1, &argument);
	bool crowded;

	if (poller == NULL)
		return NULL;
	NAPI_OR_NULL(env, napi_get_value_bool(env, argument, &crowded));
	precedence_crowd(&poller->order, crowded);
	return NULL;
}

/* From a failure on: what was made is taken back. */
static napi_value give_up(struct poller *poller)
{
	native_throw_status(poller->env, "createPoller");
	if (poller->fd >= 0)
		(void)close(poller->fd);
	free(poller);
	return NULL;
}

napi_value native_create_poller(napi_env env, napi_callback_info info)
{
	static const napi_property_descriptor methods[] = {
		{.utf8name = "add", .method = poller_add, .attributes = napi_enumerable},
		{.utf8name = "change", .method = poller_change, .attributes = napi_enumerable},
		{.utf8name = "remove", .method = poller_remove, .attributes = napi_enumerable},
		{.utf8name = "takeInOrder", .method = poller_take_in_order, .attributes = napi_enumerable},
		{.utf8name = "crowd", .method = poller_crowd, .attributes = napi_enumerable},
		{.utf8name = "start", .method = poller_start, .attributes = napi_enumerable},
		{.utf8name = "stop", .method = poller_stop, .attributes = napi_enumerable},
	};
	napi_value arguments[2], object, name;
	napi_typedarray_type type;
	struct poller *poller;
	struct epoll_event event = {.events = EPOLLIN};
	size_t length;
	void *data;

	if (native_arguments(env, info, 2, arguments) != 0)
		return NULL;
	NAPI_OR_NULL(env, napi_get_typedarray_info(env, arguments[0], &type, &length, &data, NULL, NULL));
	if (type != napi_int32_array || length <= PATIENCE)
		return native_throw_errno(env, EINVAL, "createPoller", "needs an Int32Array of 257");
	poller = calloc(1, sizeof *poller);
	if (poller == NULL)
		return native_throw_errno(env, ENOMEM, "createPoller", NULL);
	poller->env = env;
	poller->ready = data;
	poller->fd = poller->order.epoll = epoll_create1(EPOLL_CLOEXEC);
	if (poller->fd < 0 || napi_get_uv_event_loop(env, &poller->loop) != napi_ok ||
	    napi_create_object(env, &object) != napi_ok ||
	    napi_define_properties(env, object, sizeof methods / sizeof *methods, methods) != napi_ok ||
	    napi_create_string_utf8(env, "itkd.poller", NAPI_AUTO_LENGTH, &name) != napi_ok ||
	    napi_type_tag_object(env, object, &poller_tag) != napi_ok ||
	    napi_wrap(env, object, poller, NULL, NULL, NULL) != napi_ok ||
	    napi_create_reference(env, object, 1, &poller->object) != napi_ok ||
	    napi_create_reference(env, arguments[0], 1, &poller->array) != napi_ok ||
	    napi_create_reference(env, arguments[1], 1, &poller->function) != napi_ok ||
	    napi_async_init(env, object, name, &poller->context) != napi_ok)
		return give_up(poller);
	poller->loop_fd = event.data.fd = uv_backend_fd(poller->loop);
	/* It lives as long as the process does: from here on its end is the environment's. */
	poller->prepare.data = poller;
	poller->idle.data = poller;
	poller->open = 2;
	if (epoll_ctl(poller->fd, EPOLL_CTL_ADD, poller->loop_fd, &event) != 0 ||
	    uv_prepare_init(poller->loop, &poller->prepare) != 0 || uv_idle_init(poller->loop, &poller->idle) != 0)
		return give_up(poller);
	if (napi_add_async_cleanup_hook(env, environment_ends, poller, &poller->hook) != napi_ok)
		native_throw_status(env, "createPoller");
	return object;
}
