package dev.pingora.demo.page;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Map;

import dev.pingora.autoconfigure.RouteOnly;
import dev.pingora.demo.state.StatePublisher;
import dev.pingora.http.ResponseHeader;
import dev.pingora.proxy.Outcome;
import dev.pingora.proxy.ProxyFilter;
import dev.pingora.proxy.Session;
import org.jspecify.annotations.Nullable;

import org.springframework.boot.autoconfigure.condition.ConditionalOnBooleanProperty;
import org.springframework.core.io.ClassPathResource;
import org.springframework.stereotype.Component;

/**
 * Serves the page: files of the class path, read once, and the state as JSON. Everything
 * is ready when it is asked for, so it may run on the event loop.
 */
@Component("page")
@ConditionalOnBooleanProperty(name = "demo.page.enabled", matchIfMissing = true)
@RouteOnly
final class PageFilter implements ProxyFilter {

	private static final String JAVASCRIPT = "text/javascript; charset=utf-8";

	private static final String STACKS = "/demo/stacks/";

	private final Map<String, Content> files = Map.of("/", file("index.html", "text/html; charset=utf-8"),
			"/demo/style.css", file("style.css", "text/css; charset=utf-8"), "/demo/icon.svg",
			file("icon.svg", "image/svg+xml"), "/demo/app.js", file("app.js", JAVASCRIPT), "/demo/charts.js",
			file("charts.js", JAVASCRIPT), "/demo/panics.js", file("panics.js", JAVASCRIPT));

	private final StatePublisher publisher;

	PageFilter(StatePublisher publisher) {
		this.publisher = publisher;
	}

	/**
	 * Something to answer with.
	 *
	 * @param type its media type
	 * @param octets the octets
	 */
	private record Content(String type, byte[] octets) {
	}

	private static Content file(String name, String type) {
		try (InputStream input = new ClassPathResource("page/" + name).getInputStream()) {
			return new Content(type, input.readAllBytes());
		}
		catch (IOException missing) {
			throw new UncheckedIOException(missing);
		}
	}

	@Override
	public Outcome requestFilter(Session session) {
		String path = session.request().path();
		if (path.equals(PanicButton.PATH)) {
			return Outcome.CONTINUE; // to the button, the next filter
		}
		String method = session.request().method();
		if (!method.equals("GET") && !method.equals("HEAD")) {
			ResponseHeader header = Answers.head(405, Answers.TEXT);
			header.headers().set("Allow", "GET, HEAD");
			return session.respond(header, Answers.octets(method + " " + path + " (expected: GET)\n"));
		}
		Content content = content(path);
		if (content == null) {
			return session.respond(Answers.head(404, Answers.TEXT), Answers.octets("There is no " + path + "\n"));
		}
		return session.respond(Answers.head(200, content.type()), content.octets());
	}

	private @Nullable Content content(String path) {
		if (path.equals("/demo/state")) {
			return json(this.publisher.state());
		}
		if (path.equals("/demo/setup")) {
			return json(this.publisher.setup());
		}
		if (path.startsWith(STACKS)) {
			String id = path.substring(STACKS.length());
			byte[] stack = id.matches("\\d{1,18}") ? this.publisher.stack(Long.parseLong(id)) : null;
			return (stack != null) ? new Content(Answers.TEXT, stack) : null;
		}
		return this.files.get(path);
	}

	// Nothing is there while the application starts: the page asks again.
	private static @Nullable Content json(byte @Nullable [] octets) {
		return (octets != null) ? new Content(Answers.JSON, octets) : null;
	}

}
