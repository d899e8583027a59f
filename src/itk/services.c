#include "services.h"

#include "children.h"
#include "launch.h"
#include "report.h"
#include "sockets.h"
#include "throttle.h"
#include "watching.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#define REAPED_AT_ONCE 256

static void report(const struct service *service, enum report_type type, pid_t pid, int value)
{
	report_send(type, service->site->number, service->name, pid, value, 0);
}

static int open_executable(const char *folder, const char *worker)
{
	char path[4096];
	int length = snprintf(path, sizeof path, "%s/itk-%s", folder, worker);

	if (length < 0 || (size_t)length >= sizeof path) {
		errno = ENAMETOOLONG;
		return -1;
	}
	return open(path, O_PATH | O_CLOEXEC);
}

const char *services_open(struct policy *policy, int epoll)
{
	watch_with(epoll);
	for (size_t i = 0; i < policy->service_count; i++) {
		struct service *service = &policy->services[i];

		/* One descriptor per kind of worker, not per site. */
		for (size_t j = 0; service->worker != NULL && service->executable < 0 && j < i; j++)
			if (policy->services[j].worker != NULL &&
			    strcmp(policy->services[j].worker, service->worker) == 0)
				service->executable = policy->services[j].executable;
		if (service->worker != NULL && service->executable < 0)
			service->executable = open_executable(policy->bin, service->worker);
		if (service->worker != NULL && service->executable < 0)
			return "opening a worker's executable";
		service->listener = socket_bind(policy, service);
		if (service->listener < 0)
			return "binding a site's socket";
		watch_first(service);
	}
	return NULL;
}

/* RETURNS the child's pid in the parent (0 when none could be made); 0 pid never returns here in the child. */
static pid_t start(struct policy *policy, struct service *service, int connection, int refusal_ms)
{
	pid_t pid = fork();

	if (pid == 0) {
		if (refusal_ms > 0)
			launch_refusal(policy, service, refusal_ms);
		if (service->kind == SERVICE_NOWAIT)
			launch_worker(policy, service, connection);
		launch_program(policy, service);
	}
	if (pid < 0) {
		watch_failure(service, STEP_FORK);
		return 0;
	}
	if (children_add(pid, service) != 0) {
		/* A child that is not on the list could not be given back its socket: better none. */
		(void)kill(pid, SIGKILL);
		watch_failure(service, STEP_FORK);
		return 0;
	}
	if (refusal_ms == 0)
		report(service, REPORT_STARTED, pid, 0);
	return pid;
}

/* False when the peer is not a front: the socket's mode has failed to keep somebody out. */
static bool is_front(const struct policy *policy, const struct service *service, int connection)
{
	struct ucred peer;
	socklen_t length = sizeof peer;
	uid_t expected = policy->ranges.privileged ? policy->ranges.front_uid : geteuid();

	if (getsockopt(connection, SOL_SOCKET, SO_PEERCRED, &peer, &length) != 0)
		return false;
	if (peer.uid == expected)
		return true;
	report(service, REPORT_STRANGER, peer.pid, (int)peer.uid);
	return false;
}

static void accept_worker(struct policy *policy, struct service *service)
{
	int connection = accept4(service->listener, NULL, NULL, SOCK_CLOEXEC);

	if (connection < 0) {
		if (errno != EAGAIN && errno != ECONNABORTED && errno != EINTR) {
			watch_failure(service, STEP_ACCEPT);
			watch_later(service, WATCH_RETRY_MS);
			return;
		}
	} else {
		if (is_front(policy, service, connection) && start(policy, service, connection, 0) > 0)
			service->workers++;
		(void)close(connection);
	}
	if (service->workers < service->max_workers)
		watch_again(service);
	else
		report(service, REPORT_FULL, 0, (int)service->workers);
}

void service_event(struct policy *policy, struct service *service, uint32_t events)
{
	int64_t delay = service->not_before - watch_now();

	if (service->kind == SERVICE_NOWAIT) {
		accept_worker(policy, service);
		return;
	}
	if ((events & (EPOLLHUP | EPOLLERR)) != 0) {
		watch_afresh(policy, service);
		return;
	}
	service->refusing = delay > 0;
	service->pid = start(policy, service, -1, delay > 0 ? (int)delay : 0);
	service->started = watch_now();
	if (service->pid == 0)
		watch_later(service, WATCH_RETRY_MS);
}

static bool ended_well(int status)
{
	return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

static void delay_next_start(struct service *service, bool well)
{
	int64_t delay = throttle_delay(&service->failures, watch_now() - service->started, well);

	if (delay == 0)
		return;
	watch_later(service, delay);
	report(service, REPORT_THROTTLED, 0, (int)delay);
}

static void program_ended(struct policy *policy, struct service *service, int status)
{
	bool refusing = service->refusing;

	service->pid = 0;
	service->refusing = false;
	if (refusing) {
		/* Before its time it was killed, by its own site: another one at once would be killed as well. */
		if (service->not_before <= watch_now())
			watch_again(service);
		return;
	}
	delay_next_start(service, ended_well(status));
	if (ended_well(status)) {
		watch_again(service);
		return;
	}
	/* Somebody may have kept the old one. Only a fresh one is surely ours alone. */
	watch_afresh(policy, service);
}

static void child_ended(struct policy *policy, struct service *service, pid_t pid, int status)
{
	if (service->kind == SERVICE_NOWAIT) {
		report(service, REPORT_ENDED, pid, status);
		if (service->workers-- == service->max_workers)
			watch_again(service);
		return;
	}
	if (!service->refusing)
		report(service, REPORT_ENDED, pid, status);
	if (service->pid == pid)
		program_ended(policy, service, status);
}

bool services_reap(struct policy *policy)
{
	for (int reaped = 0; reaped < REAPED_AT_ONCE; reaped++) {
		siginfo_t info = {0};
		struct service *service;
		int status;

		if (waitid(P_ALL, 0, &info, WEXITED | WNOHANG | WNOWAIT) != 0 || info.si_pid == 0)
			return false;
		service = children_remove(info.si_pid);
		/* While it is a zombie its number is nobody else's: what is left of its process group goes too. */
		if (service != NULL)
			(void)kill(-info.si_pid, SIGKILL);
		if (waitpid(info.si_pid, &status, 0) == info.si_pid && service != NULL)
			child_ended(policy, service, info.si_pid, status);
	}
	return true;
}
