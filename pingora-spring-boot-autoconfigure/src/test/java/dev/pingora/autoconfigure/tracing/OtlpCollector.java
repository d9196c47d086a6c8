package dev.pingora.autoconfigure.tracing;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Predicate;
import java.util.stream.Collectors;

import com.google.protobuf.ByteString;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.pingora.testkit.Await;
import io.opentelemetry.proto.collector.trace.v1.ExportTraceServiceRequest;
import io.opentelemetry.proto.collector.trace.v1.ExportTraceServiceResponse;
import io.opentelemetry.proto.trace.v1.Span;
import io.opentelemetry.proto.trace.v1.Status.StatusCode;

/**
 * A collector that takes spans over OTLP/HTTP, on the loopback interface.
 */
final class OtlpCollector implements AutoCloseable {

	private final HttpServer server;

	private final List<Received> spans = new CopyOnWriteArrayList<>();

	private OtlpCollector(HttpServer server) {
		this.server = server;
		server.createContext("/v1/traces", this::take);
		server.start();
	}

	/**
	 * A span as it came.
	 *
	 * @param traceId the trace's id, in hexadecimal
	 * @param id the span's own id
	 * @param parent the parent's id, empty for a root
	 * @param name the name
	 * @param kind the kind, such as {@code SERVER}
	 * @param attributes the attributes
	 * @param failed whether its status is an error
	 * @param exceptions the messages of the exceptions that it records
	 */
	record Received(String traceId, String id, String parent, String name, String kind, Map<String, String> attributes,
			boolean failed, List<String> exceptions) {

		static Received of(Span span) {
			List<String> exceptions = span.getEventsList()
				.stream()
				.filter((event) -> event.getName().equals("exception"))
				.flatMap((event) -> event.getAttributesList().stream())
				.filter((attribute) -> attribute.getKey().equals("exception.message"))
				.map((attribute) -> attribute.getValue().getStringValue())
				.toList();
			Map<String, String> attributes = span.getAttributesList()
				.stream()
				.collect(Collectors.toMap((attribute) -> attribute.getKey(),
						(attribute) -> attribute.getValue().getStringValue()));
			return new Received(hex(span.getTraceId()), hex(span.getSpanId()), hex(span.getParentSpanId()),
					span.getName(), span.getKind().name().replace("SPAN_KIND_", ""), attributes,
					span.getStatus().getCode() == StatusCode.STATUS_CODE_ERROR, exceptions);
		}

		private static String hex(ByteString octets) {
			return HexFormat.of().formatHex(octets.toByteArray());
		}

	}

	static OtlpCollector start() {
		try {
			return new OtlpCollector(HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 16));
		}
		catch (IOException ex) {
			throw new AssertionError(ex);
		}
	}

	String endpoint() {
		return "http://127.0.0.1:" + this.server.getAddress().getPort() + "/v1/traces";
	}

	List<Received> spans() {
		return this.spans;
	}

	Received await(Predicate<Received> wanted) {
		Await.until(Await.PATIENCE, () -> "the span among " + this.spans, () -> this.spans.stream().anyMatch(wanted));
		return this.spans.stream().filter(wanted).findFirst().orElseThrow();
	}

	/**
	 * Waits for the span of a request, which comes last.
	 * @return the span
	 */
	Received awaitRequest() {
		return await((span) -> span.kind().equals("SERVER"));
	}

	private void take(HttpExchange exchange) throws IOException {
		try (exchange) {
			ExportTraceServiceRequest.parseFrom(exchange.getRequestBody())
				.getResourceSpansList()
				.stream()
				.flatMap((resource) -> resource.getScopeSpansList().stream())
				.flatMap((scope) -> scope.getSpansList().stream())
				.map(Received::of)
				.forEach(this.spans::add);
			byte[] answer = ExportTraceServiceResponse.getDefaultInstance().toByteArray();
			exchange.getResponseHeaders().set("Content-Type", "application/x-protobuf");
			exchange.sendResponseHeaders(200, (answer.length == 0) ? -1 : answer.length);
			exchange.getResponseBody().write(answer);
		}
	}

	@Override
	public void close() {
		this.server.stop(0);
	}

}
