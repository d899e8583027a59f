#include "serve.h"

#include "environment.h"
#include "params.h"
#include "run.h"
#include "script.h"
#include "worker.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static int no_memory(struct refusal *refusal)
{
	return refuse(refusal, 503, "out of memory");
}

/* What execve says is about the interpreter as often as about the script. */
static int not_started(struct refusal *refusal, int error)
{
	switch (error) {
	case ENOENT:
		return refuse(refusal, 500, "cannot be started: the interpreter of its #! line is missing (a carriage return "
		                            "at the line's end?), or a program's loader");
	case EACCES:
		return refuse(refusal, 500, "cannot be started: it, or its #! interpreter, is not executable for the site's "
		                            "user, or its file system is mounted noexec");
	case ENOEXEC:
		return refuse(refusal, 500, "cannot be started: it has no #! line and is no program of this machine");
	case E2BIG:
		return refuse(refusal, 500, "cannot be started: its arguments and environment are too long");
	case ETXTBSY:
		return refuse(refusal, 500, "cannot be started: somebody has it open for writing");
	default:
		return refuse(refusal, 500, "cannot be started: %s", strerror(error));
	}
}

static int start(struct session *session, const struct params *params, const char *path, struct child *child,
                 struct refusal *refusal)
{
	struct script script;
	struct vector envp = {NULL, NULL};
	struct vector argv = {NULL, NULL};
	int result;

	if (script_find(session->policy, path, &script, refusal) != 0)
		return -1;
	if (environment_make(session->policy, params, &envp) != 0 || arguments_make(path, params, &argv) != 0) {
		result = no_memory(refusal);
	} else {
		result = child_start(script.folder, script.name, argv.at, envp.at, child);
		if (result > 0)
			result = not_started(refusal, result);
		else if (result < 0)
			refuse(refusal, 503, "no process to be had: %s ([limits] Processes, OpenFiles)", strerror(errno));
	}
	vector_free(&argv);
	vector_free(&envp);
	close(script.folder);
	return result;
}

void serve(struct session *session)
{
	/* Too big for the stack of a process that is to stay small; served one at a time. */
	static struct params params;
	struct refusal refusal = {0};
	struct child child;
	const struct param *name;
	char *path = NULL;
	int result = -1;

	if (params_parse(session->params, session->params_length, &params) != 0)
		refuse(&refusal, 400, "its variables are malformed, too many, or contain NUL");
	else if ((name = params_find(&params, "SCRIPT_FILENAME")) == NULL)
		refuse(&refusal, 400, "SCRIPT_FILENAME is missing");
	else if ((path = strndup(name->value, name->value_length)) == NULL)
		no_memory(&refusal);
	else
		result = start(session, &params, path, &child, &refusal);
	if (result == 0) {
		run_script(session, &child, path);
	} else {
		if (refusal.status != 404)
			worker_log("refusing %s: %s", path == NULL ? "a request" : path, refusal.why);
		session_end(session, APP_STATUS_HTTP | (uint32_t)refusal.status);
	}
	free(path);
}
