#include "names.h"

#include <string.h>

/* RFC 3875, section 4.1; then what Apache, nginx and PHP made common. */
static const char *const allowed[] = {
	"AUTH_TYPE", "CONTENT_LENGTH", "CONTENT_TYPE", "GATEWAY_INTERFACE", "PATH_INFO", "PATH_TRANSLATED",
	"QUERY_STRING", "REMOTE_ADDR", "REMOTE_HOST", "REMOTE_IDENT", "REMOTE_USER", "REQUEST_METHOD", "SCRIPT_NAME",
	"SERVER_NAME", "SERVER_PORT", "SERVER_PROTOCOL", "SERVER_SOFTWARE",
	"CONTEXT_DOCUMENT_ROOT", "CONTEXT_PREFIX", "DOCUMENT_ROOT", "DOCUMENT_URI", "HTTPS", "REMOTE_PORT",
	"REQUEST_SCHEME", "REQUEST_URI", "SCRIPT_FILENAME", "SCRIPT_URI", "SCRIPT_URL", "SERVER_ADDR", "SERVER_ADMIN",
	"SERVER_SIGNATURE", "UNIQUE_ID",
};

static const char *const families[] = {"HTTP_", "SSL_", "REDIRECT_"};

/*
 * HTTP_PROXY is what many HTTP clients take for their proxy, and a request header could set it (CVE-2016-5385,
 * "httpoxy"). OpenSSL takes its certificates from the other two.
 */
static const char *const refused[] = {"HTTP_PROXY", "SSL_CERT_FILE", "SSL_CERT_DIR"};

static bool one_of(const char *const *list, size_t count, const char *name, size_t length)
{
	for (size_t i = 0; i < count; i++)
		if (strlen(list[i]) == length && memcmp(list[i], name, length) == 0)
			return true;
	return false;
}

bool is_variable_name(const char *name, size_t length)
{
	if (length == 0 || (name[0] >= '0' && name[0] <= '9'))
		return false;
	for (size_t i = 0; i < length; i++) {
		char c = name[i];

		/* Not isalnum: what a letter is must not depend on a locale. */
		if (!((c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_'))
			return false;
	}
	return true;
}

bool is_meta_variable(const char *name, size_t length)
{
	if (!is_variable_name(name, length) || one_of(refused, sizeof refused / sizeof *refused, name, length))
		return false;
	for (size_t i = 0; i < sizeof families / sizeof *families; i++) {
		size_t family = strlen(families[i]);

		if (length > family && memcmp(families[i], name, family) == 0)
			return true;
	}
	return one_of(allowed, sizeof allowed / sizeof *allowed, name, length);
}
