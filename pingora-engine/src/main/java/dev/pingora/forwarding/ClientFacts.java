package dev.pingora.forwarding;

import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.util.List;

import dev.pingora.error.ProxyException;
import dev.pingora.http.Headers;
import dev.pingora.http.RequestHeader;
import dev.pingora.transport.UnixAddress;
import io.netty.channel.Channel;
import io.netty.handler.ssl.SslHandler;
import org.jspecify.annotations.Nullable;

/**
 * What is the same for all requests of a client's connection: whether its other end is
 * trusted, and the texts that are written of it. Each is found out when it is first asked
 * for, and once.
 * <p>
 * {@link #clientAddress} may be called by any thread; all else is for the connection's
 * event loop.
 */
public final class ClientFacts {

	private final ForwardedOptions options;

	private final Channel channel;

	// Immutable once it is there; whoever comes first sets it, and all set the same.

	private volatile @Nullable Boolean trusted;

	// Owned by the event loop.

	private @Nullable ReceivedScan scan;

	private @Nullable String address;

	private @Nullable String scheme;

	/**
	 * Begins with nothing.
	 * @param options what becomes of the fields
	 * @param channel the client's connection
	 */
	public ClientFacts(ForwardedOptions options, Channel channel) {
		this.options = options;
		this.channel = channel;
	}

	/**
	 * Finds out who the client is: the other end of the connection, unless that is a
	 * trusted proxy. Then the list that it sent is walked from the right, and the first
	 * who is not trusted is the client; where the list ends or is garbage, the last one
	 * before is.
	 * @param request the head that came from the client
	 * @return the client's address; its port is 0 if it is not known
	 */
	public SocketAddress clientAddress(RequestHeader request) {
		SocketAddress connected = UnixAddress.remote(this.channel);
		if (!isTrusted()) {
			return connected;
		}
		SocketAddress client = connected;
		Hops hops = hops(request.headers());
		while (hops.next() && !hops.address().isUnresolved()) {
			client = hops.address();
			if (!this.options.trustedProxies().contains(client)) {
				return client;
			}
		}
		return client;
	}

	private Hops hops(Headers headers) {
		ForwardedOptions.Style style = this.options.style();
		List<String> values = List.of();
		if (style.hasXForwarded()) {
			values = ReceivedValues.of(headers, "x-forwarded-for");
		}
		boolean forwarded = values.isEmpty() && style.hasForwarded();
		return forwarded ? new Hops(ReceivedValues.of(headers, "forwarded"), true) : new Hops(values, false);
	}

	/**
	 * Refuses a request that has been here before; does nothing unless this proxy has a
	 * pseudonym for {@code Via}.
	 * @param request the head that came from the client
	 * @throws ProxyException if this proxy stands in {@code Via} already
	 */
	public void checkLoop(RequestHeader request) throws ProxyException {
		String pseudonym = this.options.via();
		if (pseudonym != null) {
			ViaField.check(request.headers(), pseudonym);
		}
	}

	ForwardedOptions options() {
		return this.options;
	}

	boolean isTrusted() {
		Boolean trusted = this.trusted;
		if (trusted == null) {
			trusted = this.options.trustedProxies().contains(UnixAddress.remote(this.channel));
			this.trusted = trusted;
		}
		return trusted;
	}

	ReceivedScan scan() {
		ReceivedScan scan = this.scan;
		if (scan == null) {
			scan = new ReceivedScan(this);
			this.scan = scan;
		}
		return scan;
	}

	String address() {
		String address = this.address;
		if (address == null) {
			address = Node.plain(UnixAddress.remote(this.channel));
			this.address = address;
		}
		return address;
	}

	String node() {
		return Node.quoted(UnixAddress.remote(this.channel));
	}

	String scheme() {
		String scheme = this.scheme;
		if (scheme == null) {
			scheme = (this.channel.pipeline().get(SslHandler.class) != null) ? "https" : "http";
			this.scheme = scheme;
		}
		return scheme;
	}

	String localPort() {
		boolean https = scheme().equals("https");
		return (this.channel.localAddress() instanceof InetSocketAddress inet) ? Integer.toString(inet.getPort())
				: https ? "443" : "80";
	}

}
