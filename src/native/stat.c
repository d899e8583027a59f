/* What identifies the bytes of an open file, without the objects that Node makes for an answer of fstat(2). */
#include "addon.h"

#include <errno.h>
#include <sys/stat.h>

/* Size, time of the last change in milliseconds, inode. */
#define NUMBERS 3

napi_value native_stat_file(napi_env env, napi_callback_info info)
{
	napi_value arguments[2], result;
	napi_typedarray_type type;
	struct stat status;
	double *numbers;
	size_t length;
	void *data;
	int32_t fd;

	if (native_arguments(env, info, 2, arguments) != 0)
		return NULL;
	NAPI_OR_NULL(env, napi_get_value_int32(env, arguments[0], &fd));
	NAPI_OR_NULL(env, napi_get_typedarray_info(env, arguments[1], &type, &length, &data, NULL, NULL));
	if (type != napi_float64_array || length < NUMBERS)
		return native_throw_errno(env, EINVAL, "fstat", "needs a Float64Array of 3");
	if (fstat(fd, &status) != 0)
		return native_throw_errno(env, errno, "fstat", NULL);
	numbers = data;
	numbers[0] = (double)status.st_size;
	numbers[1] = (double)status.st_mtim.tv_sec * 1e3 + (double)status.st_mtim.tv_nsec / 1e6;
	numbers[2] = (double)status.st_ino;
	NAPI_OR_NULL(env, napi_get_undefined(env, &result));
	return result;
}
