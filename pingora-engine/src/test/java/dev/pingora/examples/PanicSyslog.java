package dev.pingora.examples;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetSocketAddress;
import java.net.SocketException;
import java.nio.charset.StandardCharsets;
import java.time.temporal.ChronoUnit;

import dev.pingora.panic.Panic;
import dev.pingora.panic.PanicListener;

class PanicSyslog implements PanicListener, AutoCloseable {

	// RFC 5424: what a user's program says is critical
	private static final String LINE = "<10>1 %s - gateway - panic - Panic %d in %s: %s";

	private final DatagramSocket socket = new DatagramSocket();

	PanicSyslog(InetSocketAddress server) throws SocketException {
		this.socket.connect(server);
	}

	@Override
	public void onPanic(Panic panic) {
		String line = LINE.formatted(panic.time().truncatedTo(ChronoUnit.MILLIS), panic.id(), panic.site().phase(),
				panic.cause().getClass().getName());
		byte[] octets = line.getBytes(StandardCharsets.UTF_8);
		try {
			this.socket.send(new DatagramPacket(octets, octets.length));
		}
		catch (IOException failure) {
			// is counted and logged, and stops no other listener
			throw new UncheckedIOException(failure);
		}
	}

	@Override
	public void close() {
		this.socket.close();
	}

}
