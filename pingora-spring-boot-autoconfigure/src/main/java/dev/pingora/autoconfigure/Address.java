package dev.pingora.autoconfigure;

import java.net.URI;
import java.net.URISyntaxException;

import org.jspecify.annotations.Nullable;

/**
 * A host and a port, as they stand in the properties.
 *
 * @param host host name or address; an IPv6 address without brackets
 * @param port the port, 1 to 65535
 */
record Address(String host, int port) {

	/** What {@link #ofHostAndPort} takes. */
	static final String HOST_AND_PORT = "host:port, such as 10.0.0.1:9001, with a port of 1..65535";

	/** What {@link #ofUri} takes. */
	static final String URI = "http://host:port and nothing behind it; https is not supported yet";

	private static final int HTTP_PORT = 80;

	static @Nullable Address ofHostAndPort(String text) {
		return (text.indexOf('/') < 0 && text.indexOf('@') < 0) ? parse("http://" + text, 0) : null;
	}

	static @Nullable Address ofUri(String text) {
		return parse(text.endsWith("/") ? text.substring(0, text.length() - 1) : text, HTTP_PORT);
	}

	private static @Nullable Address parse(String text, int defaultPort) {
		try {
			URI uri = new URI(text).parseServerAuthority();
			int port = (uri.getPort() >= 0) ? uri.getPort() : defaultPort;
			boolean bare = "".equals(uri.getRawPath()) && uri.getRawQuery() == null && uri.getRawFragment() == null
					&& uri.getRawUserInfo() == null;
			if (!"http".equalsIgnoreCase(uri.getScheme()) || uri.getHost() == null || !bare || port < 1
					|| port > 65535) {
				return null;
			}
			String host = uri.getHost();
			return new Address(host.startsWith("[") ? host.substring(1, host.length() - 1) : host, port);
		}
		catch (URISyntaxException malformed) {
			return null;
		}
	}

}
