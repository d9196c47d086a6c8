package dev.pingora.proxy.internal;

import java.util.Objects;

import dev.pingora.error.ProxyException;
import dev.pingora.event.Phase;
import dev.pingora.proxy.FailedAttempt;
import dev.pingora.proxy.Outcome;
import dev.pingora.proxy.ProxyFilter;

/**
 * Calls one phase of one filter: the one place where a {@link Phase} becomes a method.
 * Body, trailer and callback phases, which answer at once, are called where they are
 * needed.
 */
final class PhaseCall {

	private PhaseCall() {
	}

	static void call(Phase phase, ProxyFilter filter, TaskSession session, PhaseArguments arguments)
			throws ProxyException {
		switch (phase) {
			case NEW_CONTEXT -> filter.newContext(session);
			case EARLY_REQUEST_FILTER -> filter.earlyRequestFilter(session);
			case REQUEST_FILTER -> checked(session, filter.requestFilter(session));
			case PROXY_UPSTREAM_FILTER -> checked(session, filter.proxyUpstreamFilter(session));
			case UPSTREAM_PEER -> arguments.peer = filter.upstreamPeer(session);
			case CONNECTED_TO_UPSTREAM -> filter.connectedToUpstream(session, arguments.peer(), arguments.reused);
			case FAIL_TO_CONNECT -> arguments.error = named("failToConnect",
					filter.failToConnect(session, arguments.peer(), arguments.error()));
			case UPSTREAM_REQUEST_FILTER -> filter.upstreamRequestFilter(session, arguments.upstreamRequest());
			case UPSTREAM_RESPONSE_FILTER -> {
				filter.upstreamResponseFilter(session, arguments.response());
				checkFinal(arguments);
			}
			case RESPONSE_FILTER -> {
				filter.responseFilter(session, arguments.response());
				checkFinal(arguments);
			}
			case ERROR_WHILE_PROXY -> arguments.error = named("errorWhileProxy", filter.errorWhileProxy(session,
					new FailedAttempt(arguments.peer(), arguments.error(), arguments.reused)));
			case FAIL_TO_PROXY -> arguments.failureStatus = status(
					filter.failToProxy(session, arguments.error(), arguments.failureStatus));
			case LOGGING -> filter.logging(session, arguments.end());
			default -> throw new IllegalArgumentException("phase: " + phase.tag() + " (expected: one that is walked)");
		}
	}

	private static void checked(TaskSession session, Outcome outcome) {
		if ((outcome == Outcome.RESPONDED) != (session.answer != null)) {
			throw new IllegalStateException("outcome: " + outcome + " (expected: what respond(...) returned, "
					+ "or CONTINUE where it was not called)");
		}
	}

	// A client would wait for another response, or for what follows a 101.
	private static void checkFinal(PhaseArguments arguments) {
		int status = arguments.response().status();
		if (status < 200 && !(status == 101 && arguments.upgraded)) {
			throw new IllegalArgumentException("response status: " + status + " (expected: 200..999)");
		}
	}

	private static ProxyException named(String phase, ProxyException error) {
		return Objects.requireNonNull(error, () -> phase + "() returned null");
	}

	private static int status(int status) {
		if (status != 0 && (status < 400 || status > 599)) {
			throw new IllegalArgumentException("failToProxy status: " + status + " (expected: 0, or 400..599)");
		}
		return status;
	}

}
