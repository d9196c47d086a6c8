package dev.pingora.demo.page;

import java.io.IOException;
import java.util.List;

import dev.pingora.autoconfigure.RouteOnly;
import dev.pingora.demo.traffic.GatewayAddress;
import dev.pingora.error.ErrorType;
import dev.pingora.error.ProxyException;
import dev.pingora.http.ResponseHeader;
import dev.pingora.panic.PanicIsolation;
import dev.pingora.proxy.Blocking;
import dev.pingora.proxy.Outcome;
import dev.pingora.proxy.ProxyFilter;
import dev.pingora.proxy.Session;
import dev.pingora.server.ProxyServer;
import tools.jackson.databind.json.JsonMapper;

import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBooleanProperty;
import org.springframework.stereotype.Component;

/**
 * Fires panics through the gateway's own port, and tells what their clients saw. It waits
 * for them, so it is blocking.
 */
@Component("panicButton")
@ConditionalOnBooleanProperty(name = "demo.page.enabled", matchIfMissing = true)
@RouteOnly
@Blocking
final class PanicButton implements ProxyFilter {

	static final String PATH = "/demo/panic";

	// Not the server itself: filters are made before it.
	private final ObjectProvider<ProxyServer> server;

	private final PanicIsolation isolation;

	private final JsonMapper json;

	PanicButton(ObjectProvider<ProxyServer> server, PanicIsolation isolation, JsonMapper json) {
		this.server = server;
		this.isolation = isolation;
		this.json = json;
	}

	@Override
	public Outcome requestFilter(Session session) throws ProxyException {
		if (!session.request().method().equals("POST")) {
			ResponseHeader header = Answers.head(405, Answers.TEXT);
			header.headers().set("Allow", "POST");
			return session.respond(header, Answers.octets(session.request().method() + " (expected: POST)\n"));
		}
		// Another site's page can post here, too; browsers say so.
		String site = session.request().header("sec-fetch-site");
		if (site != null && !site.equals("same-origin")) {
			return session.respond(Answers.head(403, Answers.TEXT),
					Answers.octets("sec-fetch-site: " + site + " (expected: same-origin)\n"));
		}
		Aim aim;
		try {
			aim = Aim.parse(session.request().query());
		}
		catch (IllegalArgumentException refused) {
			return session.respond(Answers.head(400, Answers.TEXT), Answers.octets(refused.getMessage() + "\n"));
		}
		return session.respond(Answers.head(200, Answers.JSON), this.json.writeValueAsBytes(fire(aim)));
	}

	private List<Shot> fire(Aim aim) throws ProxyException {
		try {
			return new Volley(GatewayAddress.of(this.server.getObject()), this.isolation).fire(aim);
		}
		catch (IOException failed) {
			throw ProxyException.internal(ErrorType.INTERNAL_ERROR, "the gateway can't be reached").causedBy(failed);
		}
	}

}
