/*
 * A connected seqpacket socket on the event loop. Node can neither make one nor receive a passed descriptor.
 *
 * The struct is shared by the JavaScript object and the uv handle, and freed when both have let go. While the
 * channel is open the object is held by a strong reference: open channels are never collected.
 */
#ifndef NATIVE_CHANNEL_H
#define NATIVE_CHANNEL_H

#include <node_api.h>
#include <uv.h>

struct channel {
	uv_poll_t poll;
	napi_env env;
	napi_async_context context;
	napi_async_cleanup_hook_handle hook;
	napi_ref object, on_message, on_close;
	int fd; /* -1: closed */
	int holders;
};

/* Marks the objects that carry a struct channel: methods may be called on anything. */
extern const napi_type_tag channel_tag;

/*
 * PURPOSE     Puts a connected descriptor on the event loop, behind `object`.
 * PARAMETERS  fd: taken over, whatever happens.
 * RETURNS     object, or NULL with an exception thrown.
 */
napi_value channel_open(napi_env env, int fd, napi_value object, napi_value on_message, napi_value on_close);

/* PURPOSE  Closes the socket and gives back what keeps the object alive. May be called again. */
void channel_shut(struct channel *channel);

#endif
