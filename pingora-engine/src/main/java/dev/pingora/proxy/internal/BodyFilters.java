package dev.pingora.proxy.internal;

import java.util.List;

import dev.pingora.error.ProxyException;
import dev.pingora.event.Phase;
import dev.pingora.http.BodyChunk;
import dev.pingora.http.Headers;
import dev.pingora.proxy.NamedFilter;
import dev.pingora.proxy.ProxyFilter;
import io.netty.buffer.ByteBuf;

/**
 * Calls the filters that see bodies and trailers: always on the event loop, piece by
 * piece.
 */
final class BodyFilters {

	private BodyFilters() {
	}

	/**
	 * Sends a piece of a body through the filters of a phase.
	 * @param task the request
	 * @param phase the phase
	 * @param data the piece, of which this method becomes the owner, whatever happens
	 * @param last whether it is the last one
	 * @return what is to be forwarded, of which the caller becomes the owner
	 * @throws ProxyException what a filter throws
	 */
	static ByteBuf filter(RequestTask task, Phase phase, ByteBuf data, boolean last) throws ProxyException {
		List<NamedFilter> chain = task.route().chain(phase);
		if (chain.isEmpty()) {
			return data;
		}
		BodyChunk chunk = new BodyChunk(data, last);
		boolean passed = false;
		try {
			for (NamedFilter filter : chain) {
				call(task, phase, filter, chunk);
			}
			passed = true;
		}
		finally {
			if (!passed) {
				chunk.content().release();
			}
		}
		task.walk.leave();
		return chunk.content();
	}

	private static void call(RequestTask task, Phase phase, NamedFilter named, BodyChunk chunk) throws ProxyException {
		ProxyFilter filter = named.filter();
		task.walk.enter(phase, named);
		try {
			switch (phase) {
				case REQUEST_BODY_FILTER -> filter.requestBodyFilter(task.session, chunk);
				case UPSTREAM_RESPONSE_BODY_FILTER -> filter.upstreamResponseBodyFilter(task.session, chunk);
				case RESPONSE_BODY_FILTER -> filter.responseBodyFilter(task.session, chunk);
				default -> throw new IllegalArgumentException("phase: " + phase.tag() + " (expected: a body phase)");
			}
		}
		finally {
			task.walk.returned();
		}
	}

	/**
	 * Shows the response's trailers to the filters.
	 * @param task the request
	 * @param trailers the trailers
	 * @throws ProxyException what a filter throws
	 */
	static void trailers(RequestTask task, Headers trailers) throws ProxyException {
		trailers(task, Phase.UPSTREAM_RESPONSE_TRAILER_FILTER, trailers);
		trailers(task, Phase.RESPONSE_TRAILER_FILTER, trailers);
		task.walk.leave();
	}

	private static void trailers(RequestTask task, Phase phase, Headers trailers) throws ProxyException {
		for (NamedFilter filter : task.route().chain(phase)) {
			task.walk.enter(phase, filter);
			try {
				if (phase == Phase.RESPONSE_TRAILER_FILTER) {
					filter.filter().responseTrailerFilter(task.session, trailers);
				}
				else {
					filter.filter().upstreamResponseTrailerFilter(task.session, trailers);
				}
			}
			finally {
				task.walk.returned();
			}
		}
	}

}
