package dev.pingora.proxy.internal;

import java.util.List;

import dev.pingora.error.ErrorType;
import dev.pingora.error.ProxyException;
import dev.pingora.http.RequestHeader;
import dev.pingora.http.ResponseHeader;

/**
 * How many hops an {@code OPTIONS} request may still make (RFC 9110 section 7.6.2). At
 * zero the proxy itself is the recipient, and answers; else it counts down. With other
 * methods the field means nothing and is forwarded as it is; {@code TRACE} is not served.
 */
final class MaxForwards {

	// The most this recipient supports, which replaces what is more.
	private static final int MOST = 999_999_999;

	private MaxForwards() {
	}

	/**
	 * Answers a request that may not be forwarded and that no filter has answered.
	 * @param session the request
	 * @throws ProxyException if the field is not one number
	 */
	static void answerAtLastHop(TaskSession session) throws ProxyException {
		RequestHeader request = session.request();
		if (session.answer == null && request.isMethod("OPTIONS") && left(request) == 0) {
			// With a length of 0: RFC 9110 section 9.3.7
			session.answer = new TaskSession.Answer(ResponseHeader.of(200), new byte[0]);
		}
	}

	/**
	 * Counts a hop.
	 * @param request the upstream request
	 * @throws ProxyException if the field is not one number
	 */
	static void count(RequestHeader request) throws ProxyException {
		if (request.isMethod("OPTIONS")) {
			int left = left(request);
			if (left > 0) {
				request.headers().set("Max-Forwards", Integer.toString(left - 1));
			}
		}
	}

	// -1 if nothing limits it
	private static int left(RequestHeader request) throws ProxyException {
		List<String> values = request.headers().all("max-forwards");
		if (values.isEmpty()) {
			return -1;
		}
		String value = values.get(0);
		boolean valid = values.size() == 1 && !value.isEmpty();
		int left = 0;
		for (int i = 0; i < value.length(); i++) {
			char c = value.charAt(i);
			valid &= c >= '0' && c <= '9';
			left = (int) Math.min(left * 10L + (c - '0'), MOST);
		}
		if (!valid) {
			throw ProxyException.downstream(ErrorType.INVALID_HTTP_HEADER, "request: bad Max-Forwards");
		}
		return left;
	}

}
