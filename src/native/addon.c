/* The addon's table of functions, and what they share. */
#include "addon.h"

#include "poller.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <uv.h>

napi_value native_throw_errno(napi_env env, int error, const char *call, const char *subject)
{
	char message[512];

	/* uv_err_name and not strerrorname_np, which musl lacks. */
	(void)snprintf(message, sizeof message, "%s%s%s: %s", call, subject == NULL ? "" : " ",
		subject == NULL ? "" : subject, uv_strerror(-error));
	(void)napi_throw_error(env, uv_err_name(-error), message);
	return NULL;
}

void native_throw_status(napi_env env, const char *call)
{
	const napi_extended_error_info *info = NULL;
	const char *reason = "failed";
	char message[512];
	bool pending = false;

	if (napi_get_last_error_info(env, &info) == napi_ok && info->error_message != NULL)
		reason = info->error_message;
	(void)snprintf(message, sizeof message, "%s (%s)", reason, call);
	if (napi_is_exception_pending(env, &pending) == napi_ok && !pending)
		(void)napi_throw_type_error(env, "ERR_INVALID_ARG_TYPE", message);
}

int native_arguments(napi_env env, napi_callback_info info, size_t count, napi_value *arguments)
{
	size_t given = count;

	if (napi_get_cb_info(env, info, &given, arguments, NULL, NULL) != napi_ok) {
		native_throw_status(env, "napi_get_cb_info");
		return -1;
	}
	if (given < count) {
		(void)napi_throw_type_error(env, "ERR_MISSING_ARGS", "too few arguments");
		return -1;
	}
	return 0;
}

int native_text(napi_env env, napi_value value, char *buffer, size_t size)
{
	size_t length = 0;

	if (napi_get_value_string_utf8(env, value, NULL, 0, &length) != napi_ok) {
		(void)napi_throw_type_error(env, "ERR_INVALID_ARG_TYPE", "a string is expected");
		return -1;
	}
	if (length >= size) {
		(void)native_throw_errno(env, ENAMETOOLONG, "address", NULL);
		return -1;
	}
	if (napi_get_value_string_utf8(env, value, buffer, size, &length) != napi_ok ||
		memchr(buffer, '\0', length) != NULL) {
		(void)napi_throw_type_error(env, "ERR_INVALID_ARG_VALUE", "a string without NUL is expected");
		return -1;
	}
	return 0;
}

static napi_value initialise(napi_env env, napi_value exports)
{
	static const struct {
		const char *name;
		napi_callback function;
	} table[] = {
		{"listenTcp", native_listen_tcp},
		{"listenUnix", native_listen_unix},
		{"localPort", native_local_port},
		{"connectChannel", native_connect_channel},
		{"becomeSubreaper", native_become_subreaper},
		{"sweepOrphans", native_sweep_orphans},
		{"setUndumpable", native_set_undumpable},
		{"scheduleAsBatch", native_schedule_as_batch},
		{"statFile", native_stat_file},
		{"createPoller", native_create_poller},
		{"receive", native_receive},
		{"sendText", native_send_text},
		{"sendBytes", native_send_bytes},
		{"sendPiece", native_send_piece},
		{"accept", native_accept},
		{"localAddress", native_local_address},
		{"addressText", native_address_text},
		{"connectStream", native_connect_stream},
		{"shutdown", native_shutdown},
		{"close", native_close},
	};

	for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
		napi_value function;

		NAPI_OR_NULL(env, napi_create_function(env, table[i].name, NAPI_AUTO_LENGTH, table[i].function, NULL, &function));
		NAPI_OR_NULL(env, napi_set_named_property(env, exports, table[i].name, function));
	}
	return exports;
}

NAPI_MODULE(NODE_GYP_MODULE_NAME, initialise)
