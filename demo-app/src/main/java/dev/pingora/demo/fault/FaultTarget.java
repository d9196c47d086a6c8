package dev.pingora.demo.fault;

import dev.pingora.event.Phase;

/**
 * The request in which a phase comes to pass at all: a trailer filter needs a trailer, a
 * failure something that fails.
 *
 * @param method its method
 * @param target its target
 * @param body its body, may be empty
 */
public record FaultTarget(String method, String target, String body) {

	/**
	 * Returns the request for a phase.
	 * @param phase the phase
	 * @return a request that reaches it
	 */
	public static FaultTarget of(Phase phase) {
		return switch (phase) {
			case REQUEST_BODY_FILTER -> new FaultTarget("POST", "/echo", "a body");
			case FAIL_TO_CONNECT, FAIL_TO_PROXY, REQUEST_SUMMARY, SUPPRESS_ERROR_LOG ->
				new FaultTarget("GET", "/dead", "");
			case ERROR_WHILE_PROXY -> new FaultTarget("GET", "/broken", "");
			case UPSTREAM_RESPONSE_TRAILER_FILTER, RESPONSE_TRAILER_FILTER -> new FaultTarget("GET", "/trailers", "");
			default -> new FaultTarget("GET", "/hello", "");
		};
	}

	/**
	 * Returns the request with an order for a panic.
	 * @param phase the phase in which it happens
	 * @param kind the class that is thrown
	 * @return the whole request, as it goes over the wire
	 */
	public String ordering(Phase phase, String kind) {
		String length = this.body.isEmpty() ? "" : "Content-Length: " + this.body.length() + "\r\n";
		return this + " HTTP/1.1\r\nHost: demo\r\nConnection: close\r\nX-Panic: " + phase.tag() + ":" + kind + "\r\n"
				+ length + "\r\n" + this.body;
	}

	@Override
	public String toString() {
		return this.method + " " + this.target;
	}

}
