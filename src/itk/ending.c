/* services_end: nothing that a site has started outlives its itk. */
#include "identity.h"
#include "orphans.h"
#include "report.h"
#include "services.h"
#include "sockets.h"

#include <errno.h>
#include <signal.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define GRACE_MS 1000
#define ROUND_MS 10
/* Rounds of killing single processes before a site's user is ended as a whole. */
#define ROUNDS_PATIENT 100
#define ROUNDS_MAX 1000
/* How long the end of a user may take. */
#define USER_MS 100

static void pause_ms(long milliseconds)
{
	struct timespec time = {milliseconds / 1000, milliseconds % 1000 * 1000000L};

	(void)nanosleep(&time, NULL);
}

static void ask_to_end(const struct policy *policy)
{
	for (size_t i = 0; i < policy->service_count; i++)
		if (policy->services[i].pid > 0)
			(void)kill(-policy->services[i].pid, SIGTERM);
}

/* RETURNS true when no child is left. */
static bool reap_ended(void)
{
	pid_t pid;

	do
		pid = waitpid(-1, NULL, WNOHANG);
	while (pid > 0);
	return pid < 0 && errno == ECHILD;
}

static bool services_are_gone(const struct policy *policy)
{
	for (size_t i = 0; i < policy->service_count; i++)
		if (policy->services[i].pid > 0 && kill(policy->services[i].pid, 0) == 0)
			return false;
	return true;
}

/* Not waited for without a limit: as the site's user it can be stopped by the site. */
static void await(pid_t pid)
{
	for (int waited = 0; waited < USER_MS; waited++) {
		if (waitpid(pid, NULL, WNOHANG) != 0)
			return;
		pause_ms(1);
	}
	(void)kill(pid, SIGKILL);
	(void)waitpid(pid, NULL, 0);
}

/*
 * A program that forks faster than its pids can be read is met with the one call that a fork cannot outrun:
 * kill(2) of everything that its user may signal, made as that user. It costs that user whatever else it was
 * running, which is why it comes last, and only when identities were switched at all.
 */
static void end_user(const struct policy *policy, uid_t uid)
{
	for (size_t i = 0; policy->ranges.privileged && i < policy->site_count; i++) {
		pid_t pid;

		if (policy->sites[i].identity.uid != uid)
			continue;
		pid = fork();
		if (pid == 0) {
			if (identity_assume(&policy->sites[i].identity, &policy->ranges) == NULL)
				(void)kill(-1, SIGKILL);
			_exit(0);
		}
		if (pid > 0)
			await(pid);
		return;
	}
}

static void end_orphans(const struct policy *policy)
{
	int ended = 0, quiet = 0;

	/* A parent that has just gone hands us its children: only a second look that finds nothing is the end. */
	for (int round = 0; round < ROUNDS_MAX && quiet < 2 && !reap_ended(); round++) {
		int left = orphans_sweep(NULL, 0);

		if (left < 0) {
			report_send(REPORT_FAILED, REPORT_NO_SITE, NULL, 0, errno, STEP_SWEEP);
			return;
		}
		ended += left;
		quiet = left == 0 ? quiet + 1 : 0;
		if (round >= ROUNDS_PATIENT) {
			siginfo_t info = {0};

			/* The real uid of one that has ended tells whose they are. */
			if (waitid(P_ALL, 0, &info, WEXITED | WNOHANG | WNOWAIT) == 0 && info.si_pid > 0)
				end_user(policy, info.si_uid);
		}
		pause_ms(round < 10 ? 1 : ROUND_MS);
	}
	if (ended > 0)
		report_send(REPORT_ORPHANS, REPORT_NO_SITE, NULL, 0, ended, 0);
}

void services_end(struct policy *policy)
{
	for (size_t i = 0; i < policy->service_count; i++) {
		socket_unlink(policy, &policy->services[i]);
		(void)close(policy->services[i].listener);
	}
	ask_to_end(policy);
	for (int waited = 0; waited < GRACE_MS && !services_are_gone(policy); waited += ROUND_MS) {
		pause_ms(ROUND_MS);
		(void)reap_ended();
	}
	end_orphans(policy);
}
