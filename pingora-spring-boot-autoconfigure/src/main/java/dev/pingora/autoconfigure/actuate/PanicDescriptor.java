package dev.pingora.autoconfigure.actuate;

import java.time.Instant;
import java.util.List;
import java.util.Map;

import com.fasterxml.jackson.annotation.JsonInclude;
import org.jspecify.annotations.Nullable;

/**
 * A panic, as the endpoint {@code panics} shows it. What is {@code null} is left out of
 * the JSON. Times are in milliseconds. There are no header values but {@code Host}, and
 * no values of the query; messages are those of the code that has panicked.
 *
 * @param id its number, unique in this process
 * @param time when it happened
 * @param thread the name of the thread
 * @param phase the phase, or another name for work outside the phases
 * @param filter the name of the filter, listener or task, or {@code null}
 * @param route the id of the route, or {@code null}
 * @param request the request, or {@code null} outside any
 * @param exception what was thrown
 * @param causes its causes, the nearest first, ten at most
 * @param frames the top frames of its stack
 * @param omittedFrames how many frames follow
 * @param stackTrace all lines of the stack trace, causes included, if this panic was
 * asked for by its id; otherwise {@code null}
 * @param reports the ids of the reports about it, by the reporter's name
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record PanicDescriptor(long id, Instant time, String thread, String phase, @Nullable String filter,
		@Nullable String route, @Nullable RequestDescriptor request, ExceptionDescriptor exception,
		List<ExceptionDescriptor> causes, List<String> frames, int omittedFrames, @Nullable List<String> stackTrace,
		Map<String, String> reports) {

	/**
	 * Something that was thrown.
	 *
	 * @param type the name of its class
	 * @param message its message, 1000 characters at most, or {@code null}
	 */
	@JsonInclude(JsonInclude.Include.NON_NULL)
	public record ExceptionDescriptor(String type, @Nullable String message) {
	}

	/**
	 * A request at the moment of the panic.
	 *
	 * @param id its number, unique in this process
	 * @param traceId the id of its trace, or {@code null} if it is not traced
	 * @param protocol the protocol of the client's side
	 * @param client the client's address and port
	 * @param method the method
	 * @param path the raw path, without the query
	 * @param query the names in the query, without the values, or {@code null} if there
	 * is no query
	 * @param host the value of {@code Host}, or {@code null}
	 * @param headers the header fields that were asked for, by name, as far as they are
	 * there
	 * @param upstream the name of its route's upstream, or {@code null}
	 * @param peer the peer of the last attempt, or {@code null}
	 * @param attempts how many attempts were made to call a peer
	 * @param status the status sent to the client, or {@code null} if none was sent yet
	 * @param bytesIn octets of the request body that were received
	 * @param bytesOut octets of the response body that were sent
	 * @param durationMs how long it had been here
	 * @param outcome how it ended, or {@code null} if it had not ended yet
	 * @param steps its way so far, oldest first
	 */
	@JsonInclude(JsonInclude.Include.NON_NULL)
	public record RequestDescriptor(long id, @Nullable String traceId, String protocol, String client, String method,
			String path, @Nullable String query, @Nullable String host,
			@JsonInclude(JsonInclude.Include.NON_EMPTY) Map<String, String> headers, @Nullable String upstream,
			@Nullable String peer, int attempts, @Nullable Integer status, long bytesIn, long bytesOut,
			double durationMs, @Nullable String outcome, List<StepDescriptor> steps) {
	}

	/**
	 * A step of a request's way.
	 *
	 * @param name the phase, or {@code attempt}, {@code connected}, {@code header}
	 * @param atMs when it was reached, from the request's start
	 */
	public record StepDescriptor(String name, double atMs) {
	}

}
