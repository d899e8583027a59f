#include "precedence.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdatomic.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <unistd.h>

/* Milliseconds. One that the scheduler has wait has its turn within about so many. */
#define LOOK 4
/* Where those before us come and take, being told of each connection would cost more than it is worth. */
#define LOOK_AGAIN 50
/* Over so many at least it is measured how busy a front is. */
#define WINDOW 32
#define PERCENT_OF_ROOM 50

/* What a front tells the others; a cache line of its own. */
struct standing {
	_Alignas(64) _Atomic uint32_t turns; /* of its event loop: they say that it goes on */
	_Atomic uint32_t room;		     /* 1: it is to have what comes */
};

int precedence_open(struct precedence *order, const char *path, uint32_t place, uint64_t now)
{
	size_t size = PLACES_MAX * sizeof(struct standing);
	void *standings = MAP_FAILED;
	int fd, error;

	if (order->standings != NULL || place >= PLACES_MAX)
		return EINVAL;
	if (clock_gettime(CLOCK_THREAD_CPUTIME_ID, &order->used) != 0)
		return errno;
	fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (fd < 0)
		return errno;
	if (ftruncate(fd, (off_t)size) == 0)
		standings = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	error = errno;
	(void)close(fd);
	if (standings == MAP_FAILED)
		return error;
	order->standings = standings;
	order->place = place;
	order->since = now;
	atomic_store(&order->standings[place].room, 0);
	return 0;
}

void precedence_add(struct precedence *order, int fd)
{
	if (order->count == LISTENERS_MAX)
		return;
	order->listeners[order->count].fd = fd;
	order->listeners[order->count++].left = false;
}

void precedence_remove(struct precedence *order, int fd)
{
	for (uint32_t i = 0; i < order->count; i++)
		if (order->listeners[i].fd == fd)
			order->listeners[i--] = order->listeners[--order->count];
}

void precedence_crowd(struct precedence *order, bool crowded)
{
	order->crowded = crowded;
	if (crowded && order->standings != NULL)
		atomic_store(&order->standings[order->place].room, 0);
}

/* Percent of the time since the last time. */
static int64_t busy(struct precedence *order, uint64_t milliseconds)
{
	struct timespec used = order->used;
	int64_t microseconds;

	(void)clock_gettime(CLOCK_THREAD_CPUTIME_ID, &order->used);
	microseconds = (order->used.tv_sec - used.tv_sec) * 1000000 + (order->used.tv_nsec - used.tv_nsec) / 1000;
	return microseconds / (int64_t)(10 * milliseconds);
}

void precedence_turn(struct precedence *order, uint64_t now)
{
	struct standing *own;
	bool room;

	if (order->standings == NULL)
		return;
	own = &order->standings[order->place];
	atomic_fetch_add_explicit(&own->turns, 1, memory_order_relaxed);
	if (now < order->since + WINDOW)
		return;
	room = busy(order, now - order->since) < PERCENT_OF_ROOM && !order->crowded;
	order->since = now;
	atomic_store_explicit(&own->room, room, memory_order_relaxed);
}

/* Whether a front before us has room, and has not stood still since we looked last. */
static bool another_comes(struct precedence *order)
{
	bool comes = false;

	for (uint32_t place = 0; place < order->place; place++) {
		struct standing *standing = &order->standings[place];
		uint32_t turns = atomic_load_explicit(&standing->turns, memory_order_relaxed);

		if (turns != order->seen[place] && atomic_load_explicit(&standing->room, memory_order_relaxed) != 0)
			comes = true;
		order->seen[place] = turns;
	}
	return comes;
}

bool precedence_leave(struct precedence *order, int fd, uint64_t now)
{
	uint32_t i = 0;

	if (order->standings == NULL || order->place == 0)
		return false;
	while (i < order->count && order->listeners[i].fd != fd)
		i++;
	if (i == order->count || !another_comes(order) || epoll_ctl(order->epoll, EPOLL_CTL_DEL, fd, NULL) != 0)
		return false;
	order->listeners[i].left = true;
	if (order->look == 0) {
		order->look = now + LOOK;
		order->looked = false;
	}
	return true;
}

static bool has_connection(int fd)
{
	struct pollfd listener = {.fd = fd, .events = POLLIN};

	return poll(&listener, 1, 0) > 0;
}

void precedence_look(struct precedence *order, uint64_t now)
{
	bool comes = another_comes(order), first = !order->looked;

	order->look = 0;
	order->looked = true;
	for (uint32_t i = 0; i < order->count; i++) {
		struct epoll_event event = {.events = EPOLLIN | EPOLLEXCLUSIVE, .data.fd = order->listeners[i].fd};

		if (!order->listeners[i].left)
			continue;
		if ((!comes || (!first && !has_connection(event.data.fd))) &&
		    epoll_ctl(order->epoll, EPOLL_CTL_ADD, event.data.fd, &event) == 0)
			order->listeners[i].left = false;
		else
			order->look = now + LOOK_AGAIN;
	}
}
