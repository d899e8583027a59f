/* What the supervisor and the fronts ask of the kernel about themselves. */
#include "addon.h"

#include "orphans.h"

#include <errno.h>
#include <sched.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/types.h>

static napi_value nothing(napi_env env)
{
	napi_value result;

	NAPI_OR_NULL(env, napi_get_undefined(env, &result));
	return result;
}

napi_value native_become_subreaper(napi_env env, napi_callback_info info)
{
	(void)info;
	if (prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0) != 0)
		return native_throw_errno(env, errno, "prctl(PR_SET_CHILD_SUBREAPER)", NULL);
	return nothing(env);
}

napi_value native_set_undumpable(napi_env env, napi_callback_info info)
{
	(void)info;
	if (prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) != 0)
		return native_throw_errno(env, errno, "prctl(PR_SET_DUMPABLE)", NULL);
	return nothing(env);
}

napi_value native_schedule_as_batch(napi_env env, napi_callback_info info)
{
	const struct sched_param none = {.sched_priority = 0};

	(void)info;
	/* What an administrator chose for the server, with chrt(1) or CPUSchedulingPolicy=, stays. */
	if (sched_getscheduler(0) != SCHED_OTHER)
		return nothing(env);
	if (sched_setscheduler(0, SCHED_BATCH, &none) != 0)
		return native_throw_errno(env, errno, "sched_setscheduler(SCHED_BATCH)", NULL);
	return nothing(env);
}

/* RETURNS 0 and the pids of a JavaScript array, or -1 with an exception thrown. */
static int read_pids(napi_env env, napi_value list, pid_t *pids, uint32_t count)
{
	for (uint32_t i = 0; i < count; i++) {
		napi_value element;
		int32_t pid;

		if (napi_get_element(env, list, i, &element) != napi_ok ||
			napi_get_value_int32(env, element, &pid) != napi_ok || pid <= 0) {
			native_throw_status(env, "sweepOrphans: a list of pids is expected");
			return -1;
		}
		pids[i] = pid;
	}
	return 0;
}

napi_value native_sweep_orphans(napi_env env, napi_callback_info info)
{
	napi_value argument, result;
	uint32_t count;
	pid_t *keep;
	int left;

	if (native_arguments(env, info, 1, &argument) != 0)
		return NULL;
	NAPI_OR_NULL(env, napi_get_array_length(env, argument, &count));
	keep = calloc((size_t)count + 1, sizeof *keep);
	if (keep == NULL)
		return native_throw_errno(env, ENOMEM, "sweepOrphans", NULL);
	if (read_pids(env, argument, keep, count) != 0) {
		free(keep);
		return NULL;
	}
	left = orphans_sweep(keep, count);
	free(keep);
	if (left < 0)
		return native_throw_errno(env, errno, "sweepOrphans", NULL);
	NAPI_OR_NULL(env, napi_create_int32(env, left, &result));
	return result;
}
