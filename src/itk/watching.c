#include "watching.h"

#include "sockets.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <time.h>
#include <unistd.h>

static int watcher = -1;
static int64_t earliest; /* the first not_before that is to come; 0: none */

void watch_with(int epoll)
{
	watcher = epoll;
}

int64_t watch_now(void)
{
	struct timespec now;

	if (clock_gettime(CLOCK_MONOTONIC, &now) != 0)
		abort();
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

void watch_failure(const struct service *service, enum failure_step step)
{
	report_send(REPORT_FAILED, service->site->number, service->name, 0, errno, (uint32_t)step);
}

static void watch(struct service *service, int operation)
{
	struct epoll_event event = {.events = EPOLLIN | EPOLLONESHOT, .data = {.ptr = service}};

	if (epoll_ctl(watcher, operation, service->listener, &event) != 0)
		watch_failure(service, STEP_WATCH);
}

void watch_first(struct service *service)
{
	watch(service, EPOLL_CTL_ADD);
}

void watch_again(struct service *service)
{
	watch(service, EPOLL_CTL_MOD);
}

void watch_later(struct service *service, int64_t milliseconds)
{
	service->not_before = watch_now() + milliseconds;
	if (earliest == 0 || service->not_before < earliest)
		earliest = service->not_before;
}

void watch_afresh(struct policy *policy, struct service *service)
{
	int fresh = socket_bind(policy, service);

	if (fresh < 0) {
		watch_failure(service, STEP_BIND);
		watch_later(service, WATCH_RETRY_MS);
		return;
	}
	/* Closing alone would not end the watch: the site may hold the same description (epoll(7), Q6). */
	if (epoll_ctl(watcher, EPOLL_CTL_DEL, service->listener, NULL) != 0)
		watch_failure(service, STEP_WATCH);
	(void)close(service->listener);
	service->listener = fresh;
	report_send(REPORT_REBOUND, service->site->number, service->name, 0, 0, 0);
	watch_first(service);
}

int watch_delayed(struct policy *policy)
{
	int64_t now;

	if (earliest == 0)
		return -1;
	now = watch_now();
	if (now < earliest)
		return (int)(earliest - now);
	earliest = 0;
	for (size_t i = 0; i < policy->service_count; i++) {
		struct service *service = &policy->services[i];

		if (service->not_before == 0)
			continue;
		if (service->not_before > now) {
			watch_later(service, service->not_before - now);
			continue;
		}
		service->not_before = 0;
		if (service->pid == 0)
			watch_again(service);
	}
	return earliest == 0 ? -1 : (int)(earliest - now);
}
