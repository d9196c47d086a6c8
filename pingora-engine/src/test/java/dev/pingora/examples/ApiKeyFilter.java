package dev.pingora.examples;

import dev.pingora.error.ProxyException;
import dev.pingora.proxy.Outcome;
import dev.pingora.proxy.ProxyFilter;
import dev.pingora.proxy.Session;

class ApiKeyFilter implements ProxyFilter {

	@Override
	public Outcome requestFilter(Session session) throws ProxyException {
		if (!session.request().hasHeader("x-api-key")) {
			return session.respond(401); // answered: the request goes no further
		}
		return Outcome.CONTINUE;
	}

}
