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

	private final RequestTask task;

	BodyFilters(RequestTask task) {
		this.task = task;
	}

	/**
	 * Sends a piece of a body through the filters of a phase.
	 * @param phase the phase
	 * @param data the piece, of which this method becomes the owner, whatever happens
	 * @param last whether it is the last one
	 * @return what is to be forwarded, of which the caller becomes the owner
	 * @throws ProxyException what a filter throws
	 */
	ByteBuf filter(Phase phase, ByteBuf data, boolean last) throws ProxyException {
		List<NamedFilter> chain = this.task.route().chain(phase);
		if (chain.isEmpty()) {
			return data;
		}
		BodyChunk chunk = new BodyChunk(data, last);
		boolean passed = false;
		try {
			for (NamedFilter filter : chain) {
				call(phase, filter, chunk);
			}
			passed = true;
		}
		finally {
			if (!passed) {
				chunk.content().release();
			}
		}
		this.task.walk.leave();
		return chunk.content();
	}

	private void call(Phase phase, NamedFilter named, BodyChunk chunk) throws ProxyException {
		ProxyFilter filter = named.filter();
		this.task.walk.enter(phase, named);
		try {
			switch (phase) {
				case REQUEST_BODY_FILTER -> filter.requestBodyFilter(this.task.session, chunk);
				case UPSTREAM_RESPONSE_BODY_FILTER -> filter.upstreamResponseBodyFilter(this.task.session, chunk);
				case RESPONSE_BODY_FILTER -> filter.responseBodyFilter(this.task.session, chunk);
				default -> throw new IllegalArgumentException("phase: " + phase.tag() + " (expected: a body phase)");
			}
		}
		finally {
			this.task.walk.returned();
		}
	}

	/**
	 * Shows the response's trailers to the filters.
	 * @param trailers the trailers
	 * @throws ProxyException what a filter throws
	 */
	void trailers(Headers trailers) throws ProxyException {
		trailers(Phase.UPSTREAM_RESPONSE_TRAILER_FILTER, trailers);
		trailers(Phase.RESPONSE_TRAILER_FILTER, trailers);
		this.task.walk.leave();
	}

	private void trailers(Phase phase, Headers trailers) throws ProxyException {
		for (NamedFilter filter : this.task.route().chain(phase)) {
			this.task.walk.enter(phase, filter);
			try {
				if (phase == Phase.RESPONSE_TRAILER_FILTER) {
					filter.filter().responseTrailerFilter(this.task.session, trailers);
				}
				else {
					filter.filter().upstreamResponseTrailerFilter(this.task.session, trailers);
				}
			}
			finally {
				this.task.walk.returned();
			}
		}
	}

}
