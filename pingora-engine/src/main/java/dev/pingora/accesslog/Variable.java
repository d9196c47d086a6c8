package dev.pingora.accesslog;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.util.Arrays;
import java.util.Locale;
import java.util.Set;

import dev.pingora.event.Timings;
import dev.pingora.transport.UnixAddress;
import org.jspecify.annotations.Nullable;

/**
 * The values that a line may have; each is a variable of patterns, with its name in lower
 * case. {@code docs/access-log.md} is held to this list by a test.
 */
enum Variable implements Value {

	REMOTE_ADDR((line, entry) -> line.text(address(entry.client))),

	// A proxy may not have told it.
	REMOTE_PORT((line, entry) -> entry.client instanceof InetSocketAddress inet && inet.getPort() != 0
			&& line.number(inet.getPort())),

	REMOTE_USER((line, entry) -> false),

	TIME_LOCAL((line, entry) -> line.times().local(line, entry.timeMillis)),

	TIME_ISO8601((line, entry) -> line.times().iso(line, entry.timeMillis)),

	MSEC((line, entry) -> line.decimal(entry.timeMillis)),

	REQUEST(Variable::request, Need.METHOD, Need.TARGET),

	METHOD((line, entry) -> line.text(entry.method), Need.METHOD),

	TARGET((line, entry) -> line.text(entry.target), Need.TARGET),

	PATH((line, entry) -> line.text(entry.path()), Need.TARGET),

	QUERY((line, entry) -> line.text(entry.query()), Need.TARGET),

	PROTOCOL((line, entry) -> line.text(entry.protocol)),

	HOST((line, entry) -> line.text(entry.host), Need.HOST),

	STATUS((line, entry) -> line.positive(entry.status)),

	BYTES_SENT((line, entry) -> line.number(entry.bytesSent)),

	BYTES_RECEIVED((line, entry) -> line.number(entry.bytesReceived)),

	DURATION((line, entry) -> line.decimal(millis(total(entry))), Need.TIMINGS),

	DURATION_MS((line, entry) -> line.decimal(micros(total(entry))), Need.TIMINGS),

	ROUTE((line, entry) -> line.text(entry.route)),

	UPSTREAM((line, entry) -> line.text(entry.upstream)),

	PEER((line, entry) -> entry.peer != null && line.text(entry.peer.toString())),

	ATTEMPTS((line, entry) -> line.number(entry.attempts)),

	UPSTREAM_STATUS((line, entry) -> line.positive(entry.upstreamStatus)),

	UPSTREAM_CONNECT_TIME((line, entry) -> line.decimal(millis(connect(entry))), Need.TIMINGS),

	UPSTREAM_CONNECT_MS((line, entry) -> line.decimal(micros(connect(entry))), Need.TIMINGS),

	UPSTREAM_HEADER_TIME((line, entry) -> line.decimal(millis(header(entry))), Need.TIMINGS),

	UPSTREAM_HEADER_MS((line, entry) -> line.decimal(micros(header(entry))), Need.TIMINGS),

	UPSTREAM_RESPONSE_TIME((line, entry) -> line.decimal(millis(response(entry))), Need.TIMINGS),

	OUTCOME((line, entry) -> line.text((entry.outcome != null) ? entry.outcome.tag() : "rejected")),

	ERROR((line, entry) -> line.text(entry.errorType)),

	ERROR_SOURCE((line, entry) -> line.text(entry.errorSource)),

	PANIC_ID((line, entry) -> line.positive(entry.panicId)),

	REQUEST_ID((line, entry) -> line.positive(entry.requestId)),

	TRACE_ID((line, entry) -> line.text(entry.traceId), Need.TRACE_ID);

	private final Value value;

	private final Set<Need> needs;

	Variable(Value value, Need... needs) {
		this.value = value;
		this.needs = Set.copyOf(Arrays.asList(needs));
	}

	/**
	 * Returns the variable's name in patterns.
	 * @return the name, without the dollar sign
	 */
	String tag() {
		return name().toLowerCase(Locale.ROOT);
	}

	Set<Need> needs() {
		return this.needs;
	}

	@Override
	public boolean write(LineBuffer line, Entry entry) {
		return this.value.write(line, entry);
	}

	// No name is looked up.
	private static String address(SocketAddress client) {
		if (client instanceof InetSocketAddress inet) {
			InetAddress address = inet.getAddress();
			return (address != null) ? address.getHostAddress() : inet.getHostString();
		}
		return UnixAddress.text(client);
	}

	private static boolean request(LineBuffer line, Entry entry) {
		String method = entry.method;
		String target = entry.target;
		if (method == null || target == null) {
			return false;
		}
		line.quote();
		line.part(method);
		line.raw(' ');
		line.part(target);
		line.raw(' ');
		line.part(entry.protocol);
		line.quote();
		return true;
	}

	private static long total(Entry entry) {
		return (entry.timings != null) ? entry.timings.total() : Timings.NEVER;
	}

	private static long connect(Entry entry) {
		return (entry.timings != null) ? between(entry.timings, entry.timings.connected()) : Timings.NEVER;
	}

	private static long header(Entry entry) {
		return (entry.timings != null) ? between(entry.timings, entry.timings.header()) : Timings.NEVER;
	}

	// The request's end is the moment in which the response has been passed on.
	private static long response(Entry entry) {
		Timings timings = entry.timings;
		if (timings == null || timings.attempt() == Timings.NEVER) {
			return Timings.NEVER;
		}
		return between(timings, timings.total());
	}

	private static long between(Timings timings, long milestone) {
		return (milestone != Timings.NEVER) ? milestone - timings.attempt() : Timings.NEVER;
	}

	private static long millis(long nanos) {
		return (nanos >= 0) ? nanos / 1_000_000 : nanos;
	}

	private static long micros(long nanos) {
		return (nanos >= 0) ? nanos / 1000 : nanos;
	}

	/**
	 * Finds a variable.
	 * @param name its name, or nginx's name for the same
	 * @return the variable, or {@code null} if there is none of that name
	 */
	static @Nullable Variable of(String name) {
		String own = switch (name) {
			case "body_bytes_sent" -> "bytes_sent";
			case "request_time" -> "duration";
			case "request_method" -> "method";
			case "request_uri" -> "target";
			case "query_string", "args" -> "query";
			case "server_protocol" -> "protocol";
			case "upstream_addr" -> "peer";
			default -> name;
		};
		return Arrays.stream(values()).filter((variable) -> variable.tag().equals(own)).findFirst().orElse(null);
	}

}
