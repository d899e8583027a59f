#ifndef BRIDGE_REFUSE_H
#define BRIDGE_REFUSE_H

/*
 * PURPOSE     in the fork server, which has no child and can make none: answers every connection that waits with
 *             FCGI_OVERLOADED, by which the peer knows that its request was not run
 * PARAMETERS  listener: with a connection waiting, and nobody else to accept it
 */
void refuse_waiting(int listener);

#endif
