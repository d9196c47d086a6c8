package dev.pingora.autoconfigure;

import java.net.URI;
import java.net.URISyntaxException;

import dev.pingora.transport.UnixAddress;
import dev.pingora.upstream.HttpPeer;
import dev.pingora.upstream.PeerOptions;
import org.jspecify.annotations.Nullable;

/**
 * Where a backend is, as it stands in the properties.
 *
 * @param host host name or address; an IPv6 address without brackets; or {@code unix:}
 * and the path of a Unix domain socket
 * @param port the port, 1 to 65535, or 0 of a Unix domain socket
 */
record Address(String host, int port) {

	/** What {@link #ofHostAndPort} takes. */
	static final String HOST_AND_PORT = "host:port, such as 10.0.0.1:9001, with a port of 1..65535, or unix:/path/to.sock";

	/** What {@link #ofUri} takes. */
	static final String URI = "http://host:port and nothing behind it, or unix:/path/to.sock; https is not supported yet";

	private static final int HTTP_PORT = 80;

	static @Nullable Address ofHostAndPort(String text) {
		if (UnixAddress.is(text)) {
			return ofUnix(text);
		}
		return (text.indexOf('/') < 0 && text.indexOf('@') < 0) ? parse("http://" + text, 0) : null;
	}

	static @Nullable Address ofUri(String text) {
		if (UnixAddress.is(text)) {
			return ofUnix(text);
		}
		return parse(text.endsWith("/") ? text.substring(0, text.length() - 1) : text, HTTP_PORT);
	}

	private static @Nullable Address ofUnix(String text) {
		try {
			return new Address(UnixAddress.PREFIX + UnixAddress.path(text), 0);
		}
		catch (IllegalArgumentException malformed) {
			return null;
		}
	}

	HttpPeer peer(PeerOptions options) {
		return UnixAddress.is(this.host) ? HttpPeer.unix(UnixAddress.path(this.host), options)
				: HttpPeer.of(this.host, this.port, options);
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
