package dev.pingora.autoconfigure.tracing;

import dev.pingora.event.FinishedRequest;
import dev.pingora.http.RequestHeader;
import io.micrometer.observation.transport.RequestReplyReceiverContext;

/**
 * The context of a request's observation. The head is valid until the observation's stop,
 * the response (what there is to tell about the request) during it.
 */
final class RequestContext extends RequestReplyReceiverContext<RequestHeader, FinishedRequest> {

	private final RequestHeader request;

	RequestContext(RequestHeader request) {
		super(RequestHeader::header);
		setCarrier(request);
		this.request = request;
	}

	RequestHeader request() {
		return this.request;
	}

}
