package dev.pingora.accesslog;

/**
 * What costs something to be read on the event loop, and is read only if the format has
 * it.
 */
enum Need {

	METHOD, TARGET, HOST, TRACE_ID, TIMINGS

}
