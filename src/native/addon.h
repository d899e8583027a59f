/* What the files of the addon share. The JavaScript side is typed in native.ts. */
#ifndef NATIVE_ADDON_H
#define NATIVE_ADDON_H

#include <node_api.h>

/* Returns from the caller with NULL (a pending exception is left as it is) when a Node-API call fails. */
#define NAPI_OR_NULL(env, call)                          \
	do {                                             \
		if ((call) != napi_ok) {                 \
			native_throw_status(env, #call); \
			return NULL;                     \
		}                                        \
	} while (0)

/*
 * PURPOSE     Throws an Error with `code` and a readable message from an errno value.
 * PARAMETERS  call: the system call; subject: what it was about, or NULL.
 * RETURNS     NULL, so that a callback can return it.
 */
napi_value native_throw_errno(napi_env env, int error, const char *call, const char *subject);

/* PURPOSE  Throws unless an exception is pending: a Node-API call failed, which is a wrong argument or a bug. */
void native_throw_status(napi_env env, const char *call);

/*
 * PURPOSE     Takes exactly `count` arguments.
 * RETURNS     0, or -1 with a TypeError thrown.
 */
int native_arguments(napi_env env, napi_callback_info info, size_t count, napi_value *arguments);

/*
 * PURPOSE     A string argument as bytes. Longer than `size` - 1, or with a NUL inside: throws.
 * RETURNS     0, or -1 with an exception thrown.
 */
int native_text(napi_env env, napi_value value, char *buffer, size_t size);

/* The functions of native.ts. */
napi_value native_listen_tcp(napi_env env, napi_callback_info info);
napi_value native_listen_unix(napi_env env, napi_callback_info info);
napi_value native_local_port(napi_env env, napi_callback_info info);
napi_value native_connect_channel(napi_env env, napi_callback_info info);
napi_value native_become_subreaper(napi_env env, napi_callback_info info);
napi_value native_sweep_orphans(napi_env env, napi_callback_info info);
napi_value native_set_undumpable(napi_env env, napi_callback_info info);
napi_value native_schedule_as_batch(napi_env env, napi_callback_info info);
napi_value native_stat_file(napi_env env, napi_callback_info info);
napi_value native_receive(napi_env env, napi_callback_info info);
napi_value native_send_text(napi_env env, napi_callback_info info);
napi_value native_send_bytes(napi_env env, napi_callback_info info);
napi_value native_send_piece(napi_env env, napi_callback_info info);
napi_value native_accept(napi_env env, napi_callback_info info);
napi_value native_local_address(napi_env env, napi_callback_info info);
napi_value native_address_text(napi_env env, napi_callback_info info);
napi_value native_connect_stream(napi_env env, napi_callback_info info);
napi_value native_shutdown(napi_env env, napi_callback_info info);
napi_value native_close(napi_env env, napi_callback_info info);

#endif
