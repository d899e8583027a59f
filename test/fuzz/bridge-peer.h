/* What the fuzz target compares the bridge with: readers and a program that share no code with it. */
#ifndef FUZZ_BRIDGE_PEER_H
#define FUZZ_BRIDGE_PEER_H

#include "../../php-bridge/bridge/policy.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * PURPOSE     reads a connection's bytes twice: as php-cgi does (each record of FCGI_PARAMS for itself, the last of two
 *             values wins, whatever is no such record ends them) and as libfcgi does (one stream, NAME=VALUE strings, the
 *             first wins)
 * RETURNS     false when one of them would run anything but the fuzzed policy's one file
 */
bool peer_allows(const struct policy *policy, const uint8_t *data, size_t size);

/*
 * PURPOSE     sends the bytes over a socket to a program that reads and writes by exchange.h; aborts when what it is given
 *             is not what was sent, or what arrives is not what it wrote
 * PARAMETERS  choice: bits for what kind of program and policy
 */
void peer_exchange(uint8_t choice, const uint8_t *data, size_t size);

#endif
