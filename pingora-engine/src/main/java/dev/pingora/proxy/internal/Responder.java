package dev.pingora.proxy.internal;

import dev.pingora.http.Headers;
import dev.pingora.http.HttpDate;
import dev.pingora.http.ResponseHeader;
import dev.pingora.protocol.DownstreamSession.End;
import io.netty.buffer.Unpooled;

/**
 * Writes the answers that the proxy gives itself.
 */
final class Responder {

	private Responder() {
	}

	static void respond(RequestTask task, ResponseHeader header, byte[] body) {
		boolean noBody = header.status() == 204 || header.status() == 304;
		Headers headers = header.headers();
		if (noBody) {
			headers.remove("Content-Length");
		}
		else {
			headers.set("Content-Length", Integer.toString(body.length));
		}
		if (!headers.contains("Date")) {
			headers.set("Date", HttpDate.now()); // RFC 9110 section 6.6.1
		}
		task.session.status = header.status();
		if (noBody || body.length == 0 || task.session.request().method().equals("HEAD")) {
			task.downstream.writeHeader(header, true);
		}
		else {
			task.downstream.writeHeader(header, false);
			task.session.bytesSent += body.length;
			task.downstream.writeBody(Unpooled.wrappedBuffer(body), true);
		}
	}

	static void respondError(RequestTask task, int status, End end) {
		if (end == End.CLOSE) {
			task.downstream.endAfterResponse();
		}
		ResponseHeader header = ResponseHeader.of(status);
		header.headers().set("Cache-Control", "private, no-store");
		respond(task, header, new byte[0]);
	}

}
