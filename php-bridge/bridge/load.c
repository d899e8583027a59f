/* The object's constructor: runs before the program's main. */
#include "bridge.h"
#include "exec.h"
#include "hide.h"
#include "say.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#define EXIT_SETTINGS 126

struct bridge bridge = {.listener = -1, .ini_folder = -1};

static bool is_listening(int fd)
{
	int listening = 0;
	socklen_t length = sizeof listening;

	return getsockopt(fd, SOL_SOCKET, SO_ACCEPTCONN, &listening, &length) == 0 && listening != 0;
}

__attribute__((constructor)) static void load(void)
{
	const char *text = getenv(SETTINGS_VARIABLE);
	struct stat listener;
	bool valid;

	if (text == NULL)
		return;
	valid = settings_parse(text, &bridge.settings);
	if (is_listening(STDIN_FILENO))
		exec_remember();
	hide_variable(SETTINGS_VARIABLE);
	hide_variable("LD_PRELOAD");
	if (!valid) {
		say(SETTINGS_VARIABLE ": not as the bridge expects it");
		_exit(EXIT_SETTINGS);
	}
	bridge.ini_folder = hide_ini_descriptor();
	if (bridge.ini_folder >= 0 && fcntl(bridge.ini_folder, F_SETFD, FD_CLOEXEC) != 0)
		bridge.ini_folder = -1;
	if (!is_listening(STDIN_FILENO) || fstat(STDIN_FILENO, &listener) != 0)
		return;
	bridge.listener_device = listener.st_dev;
	bridge.listener_inode = listener.st_ino;
	bridge.board = board_create(bridge.settings.children);
	if (bridge.board == NULL) {
		say("the scoreboard: %s", strerror(errno));
		_exit(EXIT_SETTINGS);
	}
	bridge.self = getpid();
	bridge.role = ROLE_ORIGIN;
}
