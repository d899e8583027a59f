/*
 * The scoreboard: memory that the fork server shares with its children. A child writes its own slot, the fork server
 * reads all. Plain atomics: a child may be killed at any instruction, and must leave no lock behind.
 */
#ifndef BRIDGE_BOARD_H
#define BRIDGE_BOARD_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

enum state {
	STATE_WAITING = 1, /* in accept, or on its way there */
	STATE_IDLE,        /* has a connection, between requests */
	STATE_GIVEN_UP,    /* was idle: the connection is taken from it */
	STATE_RUNNING,     /* from the first byte of a request to the last one of FCGI_END_REQUEST */
	STATE_CLOSING,     /* done with its connection */
};

#define SCRIPT_MAX 256

struct slot {
	_Atomic uint32_t state;
	_Atomic uint32_t requests;    /* begun, since it was forked */
	_Atomic uint32_t connections; /* taken, since it was forked */
	_Atomic int32_t descriptor;   /* of its connection */
	_Atomic int64_t since;        /* clock_ms(): written before `state` */
	char script[SCRIPT_MAX];      /* of its last request; empty: not known. For the log only */
} __attribute__((aligned(64)));

struct board {
	/* The fork server sleeps long: the next child that starts or ends a request is to wake it. */
	_Atomic uint32_t wake;
	/* The fork server cannot reach the connections of its children (pidfd_getfd(2) is not allowed). */
	_Atomic uint32_t blind;
	_Atomic int64_t last_work;
	struct slot slots[];
};

/*
 * PURPOSE     makes the scoreboard
 * RETURNS     NULL when there is no memory (errno)
 */
struct board *board_create(uint32_t slots);

/* RETURNS  CLOCK_MONOTONIC in milliseconds */
int64_t clock_ms(void);

/*
 * PURPOSE     a child's change of state, with its time
 */
void slot_enter(struct board *board, struct slot *slot, enum state state);

/*
 * PURPOSE     changes a state only when it is the expected one: of the fork server, which takes a connection away, and
 *             the child, which reads a request from it, exactly one succeeds
 * RETURNS     true when it was
 */
bool slot_change(struct slot *slot, enum state from, enum state to);

#endif
