#ifndef NATIVE_POLLER_H
#define NATIVE_POLLER_H

#include <node_api.h>

/* PURPOSE  createPoller of native.ts */
napi_value native_create_poller(napi_env env, napi_callback_info info);

#endif
