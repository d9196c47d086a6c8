package dev.pingora.server;

import java.io.ByteArrayOutputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.WebSocket;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Base64;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

import dev.pingora.testkit.Octets;
import dev.pingora.testkit.RawClient;

/**
 * Both ends of a WebSocket (RFC 6455): the JDK's client, and a server that sends each
 * text back.
 */
final class WebSocketEcho {

	private static final String GUID = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";

	private static final Pattern KEY = Pattern.compile("sec-websocket-key: *(\\S+)", Pattern.CASE_INSENSITIVE);

	private WebSocketEcho() {
	}

	/** Sends a text, awaits its echo, and closes as the protocol wants it. */
	static String ask(int port, String text) {
		Answer answer = new Answer();
		WebSocket socket = HttpClient.newHttpClient()
			.newWebSocketBuilder()
			.buildAsync(URI.create("ws://127.0.0.1:" + port + "/echo"), answer)
			.orTimeout(10, TimeUnit.SECONDS)
			.join();
		socket.sendText(text, true).join();
		String echo = answer.text.orTimeout(10, TimeUnit.SECONDS).join();
		socket.sendClose(WebSocket.NORMAL_CLOSURE, "bye").join();
		answer.closed.orTimeout(10, TimeUnit.SECONDS).join();
		return echo;
	}

	private static final class Answer implements WebSocket.Listener {

		private final StringBuilder parts = new StringBuilder();

		private final CompletableFuture<String> text = new CompletableFuture<>();

		private final CompletableFuture<Integer> closed = new CompletableFuture<>();

		@Override
		public CompletionStage<?> onText(WebSocket socket, CharSequence data, boolean last) {
			this.parts.append(data);
			if (last) {
				this.text.complete(this.parts.toString());
			}
			socket.request(1);
			return CompletableFuture.completedStage(null);
		}

		@Override
		public CompletionStage<?> onClose(WebSocket socket, int status, String reason) {
			this.closed.complete(status);
			return CompletableFuture.completedStage(null);
		}

		@Override
		public void onError(WebSocket socket, Throwable error) {
			this.text.completeExceptionally(error);
			this.closed.completeExceptionally(error);
		}

	}

	/** Serves one connection until its closing handshake. */
	static void serve(RawClient connection) {
		try (connection) {
			Matcher key = KEY.matcher(TunnelStand.head(connection));
			if (!key.find()) {
				throw new AssertionError("no Sec-WebSocket-Key");
			}
			connection.send(TunnelStand.AGREED.replace("\r\n\r\n",
					"\r\nSec-WebSocket-Accept: " + accept(key.group(1)) + "\r\n\r\n"));
			boolean open = true;
			while (open) {
				int first = connection.read(1)[0];
				byte[] payload = payload(connection);
				connection.send(frame(first, payload));
				open = (first & 0x0F) != 8; // close
			}
			connection.shutdownOutput().readAll();
		}
	}

	private static String accept(String key) {
		try {
			return Base64.getEncoder()
				.encodeToString(MessageDigest.getInstance("SHA-1").digest(Octets.latin1(key + GUID)));
		}
		catch (NoSuchAlgorithmException ex) {
			throw new AssertionError(ex);
		}
	}

	private static byte[] payload(RawClient connection) {
		int length = connection.read(1)[0] & 0x7F; // the mask bit is always there
		if (length >= 126) {
			int octets = (length == 126) ? 2 : 8;
			length = 0;
			for (byte octet : connection.read(octets)) {
				length = (length << 8) | (octet & 0xFF);
			}
		}
		byte[] mask = connection.read(4);
		byte[] payload = connection.read(length);
		for (int i = 0; i < length; i++) {
			payload[i] ^= mask[i % 4];
		}
		return payload;
	}

	private static byte[] frame(int first, byte[] payload) {
		ByteArrayOutputStream frame = new ByteArrayOutputStream();
		frame.write(first);
		if (payload.length < 126) {
			frame.write(payload.length);
		}
		else {
			boolean small = payload.length < 65_536;
			frame.write(small ? 126 : 127);
			for (int shift = small ? 8 : 56; shift >= 0; shift -= 8) {
				frame.write((int) ((long) payload.length >> shift));
			}
		}
		frame.writeBytes(payload);
		return frame.toByteArray();
	}

}
