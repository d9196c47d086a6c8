package dev.pingora.testkit;

/**
 * How an origin behaves towards a request. Runs on the connection's own thread and may
 * block. What it throws ends the connection and fails the origin's
 * {@link RawOrigin#close()}, except for failures of the connection itself.
 */
@FunctionalInterface
public interface OriginHandler {

	/**
	 * Answers a request, or doesn't.
	 * @param exchange the request and the means to answer
	 * @throws Exception if it fails
	 */
	void handle(OriginExchange exchange) throws Exception;

}
