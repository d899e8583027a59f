#include "precedence.h"

#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdatomic.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

/* Milliseconds. One that the scheduler has wait has its turn within about so many. */
#define LOOK 4
/* Where those before us come and take, being told of each connection would cost more than it is worth. */
#define LOOK_AGAIN 50
/* So many wait only where those before us do not keep up, whatever they say: the processor may be others'. */
#define MANY 4
/* Over so many milliseconds at least it is measured how busy a front is. */
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
	/* Not ftruncate(2): where the file system is full, a page that is not there yet would be a SIGBUS. */
	error = posix_fallocate(fd, 0, (off_t)size);
	if (error == 0) {
		standings = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
		error = errno;
	}
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
	order->listeners[order->count].look = 0;
	order->listeners[order->count++].ours = false;
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

/* Whether a front before us has room, and has not stood still since the turn in which we asked last. */
static bool another_comes(struct precedence *order)
{
	if (order->asked)
		return order->comes;
	order->asked = true;
	order->comes = false;
	for (uint32_t place = 0; place < order->place; place++) {
		struct standing *standing = &order->standings[place];
		uint32_t turns = atomic_load_explicit(&standing->turns, memory_order_relaxed);

		if (turns != order->seen[place] && atomic_load_explicit(&standing->room, memory_order_relaxed) != 0)
			order->comes = true;
		order->seen[place] = turns;
	}
	return order->comes;
}

/* Connections that nobody has accepted. */
static uint32_t waiting(int fd)
{
	struct tcp_info info = {0};
	socklen_t size = sizeof info;

	/* Of a listener this is the length of its queue. */
	return getsockopt(fd, IPPROTO_TCP, TCP_INFO, &info, &size) == 0 ? info.tcpi_unacked : 0;
}

/* Those whose time has come: they are watched again, unless another comes for what waits there. */
static void look(struct precedence *order, uint64_t now)
{
	order->look = 0;
	for (uint32_t i = 0; i < order->count; i++) {
		struct epoll_event event = {.events = EPOLLIN | EPOLLEXCLUSIVE, .data.fd = order->listeners[i].fd};
		uint64_t *due = &order->listeners[i].look;

		if (*due != 0 && *due <= now) {
			uint32_t count = waiting(event.data.fd);
			bool leave = !order->listeners[i].again && another_comes(order) && count <= MANY;

			order->listeners[i].again = true;
			order->listeners[i].ours = count > 0;
			*due = leave || epoll_ctl(order->epoll, EPOLL_CTL_ADD, event.data.fd, &event) != 0 ? now + LOOK_AGAIN : 0;
		}
		if (*due != 0 && (order->look == 0 || *due < order->look))
			order->look = *due;
	}
}

void precedence_turn(struct precedence *order, uint64_t now)
{
	struct standing *own;
	bool room;

	if (order->standings == NULL)
		return;
	order->asked = false;
	own = &order->standings[order->place];
	atomic_fetch_add_explicit(&own->turns, 1, memory_order_relaxed);
	if (now >= order->since + WINDOW) {
		room = busy(order, now - order->since) < PERCENT_OF_ROOM && !order->crowded;
		order->since = now;
		atomic_store_explicit(&own->room, room, memory_order_relaxed);
	}
	if (order->look != 0 && order->look <= now)
		look(order, now);
}

bool precedence_leave(struct precedence *order, int fd, uint64_t now)
{
	uint32_t i = 0;

	if (order->standings == NULL || order->place == 0)
		return false;
	while (i < order->count && order->listeners[i].fd != fd)
		i++;
	if (i == order->count)
		return false;
	if (order->listeners[i].ours) {
		order->listeners[i].ours = false;
		return false;
	}
	if (!another_comes(order) || waiting(fd) > MANY || epoll_ctl(order->epoll, EPOLL_CTL_DEL, fd, NULL) != 0)
		return false;
	order->listeners[i].look = now + LOOK;
	order->listeners[i].again = false;
	if (order->look == 0 || now + LOOK < order->look)
		order->look = now + LOOK;
	return true;
}
