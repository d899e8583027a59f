#include "report.h"

#include <fcntl.h>
#include <stddef.h>
#include <string.h>
#include <unistd.h>

static int report_fd = -1;

int report_open(int fd)
{
	int flags = fcntl(fd, F_GETFL);

	if (flags < 0 || fcntl(fd, F_SETFL, flags | O_NONBLOCK) != 0 || fcntl(fd, F_SETFD, FD_CLOEXEC) != 0)
		return -1;
	report_fd = fd;
	return 0;
}

void report_send(enum report_type type, uint32_t site, const char *service, int32_t pid, int32_t value,
		 uint32_t detail)
{
	struct report record = {
		.type = (uint32_t)type, .site = site, .pid = pid, .value = value, .detail = detail};
	size_t length = service == NULL ? 0 : strnlen(service, sizeof record.service);

	if (length > 0)
		memcpy(record.service, service, length);
	/* Records are shorter than PIPE_BUF: written whole or not at all (pipe(7)). A lost one costs a log line. */
	if (write(report_fd, &record, sizeof record) != (ssize_t)sizeof record)
		return;
}
