package dev.pingora.benchmarks.gateway;

import java.util.concurrent.atomic.LongAdder;

import dev.pingora.error.ProxyException;
import dev.pingora.http.RequestHeader;
import dev.pingora.http.ResponseHeader;
import dev.pingora.proxy.Blocking;
import dev.pingora.proxy.Outcome;
import dev.pingora.proxy.ProxyFilter;
import dev.pingora.proxy.RequestEnd;
import dev.pingora.proxy.Session;

/**
 * What filters of gateways usually do, in its smallest form.
 */
final class Filters {

	private Filters() {
	}

	/**
	 * Refuses who says that it wants to be refused: nobody.
	 */
	static final class Admission implements ProxyFilter {

		@Override
		public Outcome requestFilter(Session session) throws ProxyException {
			return session.request().hasHeader("x-refuse") ? session.respond(403) : Outcome.CONTINUE;
		}

	}

	/**
	 * Tells the origin who is calling.
	 */
	static final class Tenant implements ProxyFilter {

		@Override
		public void upstreamRequestFilter(Session session, RequestHeader upstreamRequest) {
			upstreamRequest.headers().set("X-Tenant", "bench");
		}

	}

	/**
	 * Keeps from the client what the origin says of itself.
	 */
	static final class Cleaning implements ProxyFilter {

		@Override
		public void upstreamResponseFilter(Session session, ResponseHeader response) {
			response.headers().remove("Server");
		}

	}

	/**
	 * Tells the client who has answered.
	 */
	static final class Marking implements ProxyFilter {

		@Override
		public void responseFilter(Session session, ResponseHeader response) {
			response.headers().set("X-Gateway", "pingora");
		}

	}

	/**
	 * Counts requests.
	 */
	static final class Counting implements ProxyFilter {

		private final LongAdder finished = new LongAdder();

		@Override
		public void logging(Session session, RequestEnd end) {
			this.finished.increment();
		}

	}

	/**
	 * Says that it may block, and does not: what is left is the way to another thread and
	 * back.
	 */
	@Blocking
	static final class MayBlock implements ProxyFilter {

		@Override
		public Outcome requestFilter(Session session) {
			return Outcome.CONTINUE;
		}

	}

}
