package dev.pingora.accesslog;

import java.util.List;
import java.util.Locale;
import java.util.Set;

import dev.pingora.accesslog.AccessLogOptions.Query;
import dev.pingora.error.ProxyException;
import dev.pingora.event.FinishedRequest;
import dev.pingora.event.RejectedRequest;
import dev.pingora.http.Headers;
import dev.pingora.http.RequestHeader;
import dev.pingora.http.ResponseHeader;
import org.jspecify.annotations.Nullable;

/**
 * Reads from a finished request what the format needs, and no more: on the event loop,
 * since heads are recycled behind it. Values are cut to a length, so that the queue's
 * memory is bounded. Immutable; used by all event loops and the writer's thread.
 */
final class Capture {

	private static final int MAX_TARGET = 4096;

	private static final int MAX_FIELD = 1024;

	private static final String ELLIPSIS = "...";

	private static final Set<String> URL_FIELDS = Set.of("referer", "location", "content-location");

	private final boolean method;

	private final boolean target;

	private final boolean host;

	private final boolean traceId;

	private final boolean timings;

	private final String[] requestFields;

	private final String[] responseFields;

	private final boolean stripQuery;

	Capture(AccessLogFormat format, Query query) {
		this.method = format.needs().contains(Need.METHOD);
		this.target = format.needs().contains(Need.TARGET);
		this.host = format.needs().contains(Need.HOST);
		this.traceId = format.needs().contains(Need.TRACE_ID);
		this.timings = format.needs().contains(Need.TIMINGS);
		this.requestFields = lowerCase(format.requestFields());
		this.responseFields = lowerCase(format.responseFields());
		this.stripQuery = query == Query.STRIP;
	}

	private static String[] lowerCase(List<String> names) {
		return names.stream().map((name) -> name.toLowerCase(Locale.ROOT)).toArray(String[]::new);
	}

	/**
	 * Reads a finished request. On its event loop.
	 * @param request the request
	 * @return what was read
	 */
	Entry of(FinishedRequest request) {
		Entry entry = new Entry(System.currentTimeMillis(), request.protocol(), request.clientAddress());
		entry.requestId = request.id();
		entry.traceId = this.traceId ? request.traceId() : null;
		entry.timings = this.timings ? request.timings() : null;
		entry.route = request.route();
		entry.upstream = request.upstream();
		entry.peer = request.peer();
		entry.attempts = request.attempts();
		entry.status = request.status();
		entry.upstreamStatus = request.upstreamStatus();
		entry.bytesReceived = request.bytesReceived();
		entry.bytesSent = request.bytesSent();
		entry.outcome = request.outcome();
		entry.panicId = request.panicId();
		error(entry, request.error());
		head(entry, request.request());
		ResponseHeader response = request.response();
		if (this.responseFields.length > 0 && response != null) {
			entry.responseFields = fields(response.headers(), this.responseFields);
		}
		return entry;
	}

	/**
	 * Reads a rejected request. On its event loop.
	 * @param request the request
	 * @return what was read
	 */
	Entry of(RejectedRequest request) {
		Entry entry = new Entry(System.currentTimeMillis(), request.protocol(), request.clientAddress());
		entry.status = request.error().status();
		error(entry, request.error());
		return entry;
	}

	private static void error(Entry entry, @Nullable ProxyException error) {
		if (error != null) {
			entry.errorType = error.type().name();
			entry.errorSource = error.source().tag();
		}
	}

	private void head(Entry entry, RequestHeader request) {
		if (this.method) {
			entry.method = cut(request.method(), MAX_FIELD);
		}
		if (this.target) {
			String target = request.target();
			entry.target = cut(target, MAX_TARGET);
			if (!target.startsWith("/")) { // absolute form, seldom
				entry.path = cut(request.path(), MAX_TARGET);
			}
		}
		if (this.host) {
			entry.host = cut(request.header("host"), MAX_FIELD);
		}
		if (this.requestFields.length > 0) {
			entry.requestFields = fields(request.headers(), this.requestFields);
		}
	}

	private static @Nullable String[] fields(Headers headers, String[] names) {
		@Nullable String[] values = new String[names.length];
		for (int i = 0; i < names.length; i++) {
			values[i] = cut(headers.first(names[i]), MAX_FIELD);
		}
		return values;
	}

	private static @Nullable String cut(@Nullable String value, int max) {
		return (value == null || value.length() <= max) ? value
				: value.substring(0, max - ELLIPSIS.length()) + ELLIPSIS;
	}

	/**
	 * Takes out what must not be logged. On the writer's thread.
	 * @param entry what was read
	 */
	void strip(Entry entry) {
		if (this.stripQuery) {
			entry.target = withoutQuery(entry.target);
			strip(entry.requestFields, this.requestFields);
			strip(entry.responseFields, this.responseFields);
		}
	}

	private static void strip(@Nullable String @Nullable [] values, String[] names) {
		for (int i = 0; values != null && i < names.length; i++) {
			if (URL_FIELDS.contains(names[i])) {
				values[i] = withoutQuery(values[i]);
			}
		}
	}

	private static @Nullable String withoutQuery(@Nullable String url) {
		int query = (url != null) ? url.indexOf('?') : -1;
		return (url != null && query >= 0) ? url.substring(0, query) : url;
	}

}
